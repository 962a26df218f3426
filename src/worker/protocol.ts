/** What a page and the worker that trains for it say to each other. */
import { ArrayDataset } from '../data/dataset';
import { TokenWindows } from '../data/text/windows';
import { type ErrorDetails, GradloomError } from '../errors';
import type { TrainingData } from '../train';

/** From the page: a method to call, an answer to a call of the worker's, the wish to end a call, or whether the page is hidden. */
export type PageMessage =
  | { call: number; method: string; args: unknown[] }
  | { answer: number; value?: unknown; error?: SentError }
  | { abort: number }
  | { hidden: boolean };

/** From the worker: the answer to a call, or a call of something that stays on the page. */
export type WorkerMessage =
  | { answer: number; value?: unknown; error?: SentError }
  | { call: number; of: number; name: string; args: unknown[] };

/** Data that the worker has, by the page's number for it, or all of it the first time. */
export interface SentData {
  data: number;
  arrays?: Record<string, unknown>;
}

/** An error as a plain object: an exception loses its code on the way. */
export type SentError = Partial<ErrorDetails> & { message: string; own?: Record<string, unknown> };

/** What errors have of their own: `LostRunError.checkpoint`, `DivergedError.report` and `step`. */
const OWN = ['checkpoint', 'report', 'step'] as const;

export function sendError(error: unknown): SentError {
  if (!(error instanceof GradloomError))
    return { message: error instanceof Error ? error.message : String(error) };
  const { code, op, argument, got, expected, fix, message } = error;
  const entries = OWN.flatMap((name) => (name in error ? [[name, error[name as keyof typeof error]]] : []));
  return { code, op, argument, got, expected, fix, message, own: Object.fromEntries(entries) };
}

export function receiveError({ message, own, ...details }: SentError): Error {
  if (!details.code || !details.op) return new Error(message);
  const error = new GradloomError(details as ErrorDetails);
  return Object.assign(error, own);
}

const FIELDS = ['xShape', 'yShape', 'classes', 'classCount', 'scale', 'mean', 'std', 'name'] as const;

/** The arrays of a data set with all that makes it one again. */
export function takeApart(data: TrainingData): Record<string, unknown> {
  if (data instanceof TokenWindows) return { ...data };
  const fields = Object.fromEntries(FIELDS.map((field) => [field, data[field]]));
  return { ...fields, x: data.x, y: data.y };
}

export function putTogether(fields: Record<string, any>): TrainingData {
  if ('tokens' in fields) return new TokenWindows(fields.tokens, fields as never);
  return ArrayDataset.fromArrays(fields as never);
}

/** Buffers that may move instead of being copied: those that a view covers as a whole. */
export function movable(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength)
      found.add(value.buffer);
  } else if (Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object)) {
    for (const item of Object.values(value as object)) movable(item, found);
  }
  return found;
}

/** Errors as plain objects, which cross from a worker, and back. */
import { type ErrorCode, GradloomError } from '../../errors';
import type { ErrorInfo } from './protocol';

type Sent = ErrorInfo & Partial<Record<'op' | 'argument' | 'got' | 'expected', string>>;

export function toErrorInfo(error: unknown): Sent {
  if (!(error instanceof Error) && typeof (error as ErrorInfo | null)?.code === 'string')
    return error as Sent;
  if (!(error instanceof GradloomError))
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  const { code, message, fix, op, argument, got, expected } = error;
  return { code, message, fix, op, argument, got, expected };
}

export function fromErrorInfo(info: Sent): Error {
  const { code, message, op, ...details } = info;
  return op ? new GradloomError({ code: code as ErrorCode, op, ...details }) : new Error(message);
}

/** Reads files of weights that `gradloom train` wrote: model and input columns are in their metadata. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import type { ColumnReader } from '../data/csv-columns';
import { GradloomError } from '../errors';
import { readSafetensors } from '../io/safetensors';
import { checkSpecSize } from '../spec/limits';
import type { InputDescription } from './input';

export interface WeightsFile {
  bytes: Uint8Array;
  metadata: Record<string, string>;
  /** An error (code `data`) about this file. */
  refuse(got: string, expected?: string): GradloomError;
  /** A part of the metadata that is JSON; error `data` when it is none. */
  json(key: string): unknown;
  /** The model's spec, whose size was checked; error `spec` for one that is beyond the bounds. */
  model(): { type?: string };
}

/** Error `data`: not to be read, or no safetensors. */
export function readWeightsFile(file: string, op: string): WeightsFile {
  const refuse = (got: string, expected?: string) =>
    new GradloomError({ code: 'data', op, argument: 'weights', got: `${file}, ${got}`, expected });
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refuse(`which cannot be read (${(error as Error).message})`);
  }
  const { metadata } = readSafetensors(bytes, file);
  const json = (key: string) => {
    try {
      return JSON.parse(metadata[key]);
    } catch (error) {
      throw refuse(`whose metadata "${key}" is no JSON (${(error as Error).message})`);
    }
  };
  return {
    bytes,
    metadata,
    refuse,
    json,
    model() {
      const spec = json('model');
      checkSpecSize(spec, `${basename(file)}: model`);
      if (typeof spec === 'object' && spec !== null) return spec;
      throw refuse('whose metadata "model" is no model spec');
    },
  };
}

const finite = z.number().finite();
const deviation = finite.positive();
const place = z.number().int().nonnegative();
const MOST_COLUMNS = 1_000_000;
const READER: z.ZodType<ColumnReader> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('number'), fill: finite.optional() }),
  z.object({
    kind: z.literal('date'),
    form: z.enum(['iso', 'dayFirst', 'monthFirst']),
    fill: finite.optional(),
  }),
  z.object({
    kind: z.literal('category'),
    encoding: z.enum(['oneHot', 'code']),
    categories: z.array(z.string()).min(1),
    fill: z.string().optional(),
  }),
]);
const INPUT: z.ZodType<InputDescription> = z.object({
  xShape: z.array(z.number().int().positive()).min(1).max(8),
  scale: finite,
  mean: z.array(finite).min(1),
  std: z.array(deviation).min(1),
  classes: z.array(z.string()).optional(),
  classCount: z.number().int().positive().optional(),
  table: z
    .object({
      features: z.array(z.string()).optional(),
      columns: z
        .array(z.object({ index: place, name: z.string().optional(), reader: READER }))
        .min(1)
        .max(MOST_COLUMNS)
        .optional(),
      width: z.number().int().positive().optional(),
      missing: z.enum(['error', 'mean', 'median', 'mode', 'drop']).optional(),
      label: z.object({
        index: place,
        by: z.enum(['given', 'declared', 'name', 'words', 'last']),
        name: z.string().optional(),
      }),
      target: z.object({ mean: finite, std: deviation }).optional(),
    })
    .optional(),
});

/**
 * A trained model with its input columns and normalization. Error `data`: weights of something else, or metadata that was
 * tampered with.
 */
export function readTrained(
  file: string,
  op: string,
): { weights: Uint8Array; model: unknown; input: InputDescription } {
  const { bytes, metadata, refuse, json, model } = readWeightsFile(file, op);
  if (metadata.tokenizer)
    throw refuse('weights of a model of text', 'of images or a table; see gradloom generate');
  if (!metadata.model || !metadata.input) {
    throw refuse('without a model and its input columns', 'weights that gradloom train wrote');
  }
  const input = INPUT.safeParse(json('input'));
  if (!input.success) {
    const [{ path, message }] = input.error.issues;
    throw refuse(`whose metadata "input" is damaged (${path.join('.')}: ${message})`);
  }
  return { weights: bytes, model: model(), input: input.data };
}

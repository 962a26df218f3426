/** Checkpoint files: round trips, and files broken in every way that is known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json';
import { GradloomError } from '../../errors';
import { readSafetensors, writeSafetensors } from '../../io/safetensors';
import { VERSION } from '../../version';
import { decodeCheckpoint, encodeCheckpoint } from './format';
import type { TrainerState } from './state';

/** As in src/data/fuzz.node.test.ts. */
const FUZZ_RUNS = Number(process.env.GRADLOOM_FUZZ_RUNS ?? 2000);

const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });

const state: TrainerState = {
  step: {
    seed: 2 ** 40 + 1,
    runs: 12,
    updates: 10,
    variables: { 'fc.weight': tensor(1, Number.NaN), 'fc.bias': tensor(-0), __proto__x: tensor() },
    optimizers: {
      loss: {
        type: 'adam',
        cohorts: [{ parameters: ['fc.weight'], updates: 10, memory: [{ mu: 0.1 }], arena: 0 }],
        state: { 'fc.weight/exp_avg': tensor(3, 4), 'fc.weight/exp_avg_sq': tensor(5, 6) },
      },
    },
    others: { 0: tensor(7) },
    gradients: { 'fc.bias': tensor(8) },
  },
  seed: 3,
  epochsStarted: 2,
  fit: {
    epoch: 1,
    step: 4,
    order: 1,
    averages: { weight: 16, loss: 1.5, correct: Number.NaN },
    undelivered: [{ loss: Number.POSITIVE_INFINITY, correct: 1, total: 2, gradNorm: Number.NaN }],
    epochs: [{ epoch: 0, loss: 0.1 + 0.2, accuracy: 0.5, seconds: 1e-3 }],
    settings: { batchSize: 4, stepsPerEpoch: 5, shuffle: true, wraps: false },
    data: { name: 'digits', length: 18, hash: 4294967295 },
  },
  steps: { start: 3, data: { name: 'digits', length: 18, hash: 0 } },
  options: { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-3 } },
  sections: { ema: { values: { decay: 0.9 }, tensors: { 'fc.bias': tensor(9) } }, empty: {} },
  model: [{ type: 'linear', inFeatures: 2, outFeatures: 1 }],
};

it('keeps every bit of a state', () => {
  expect(decodeCheckpoint(encodeCheckpoint(state))).toEqual(state);
  expect(VERSION).toBe(packageJson.version);
});

const file = encodeCheckpoint(state);
const { tensors, metadata } = readSafetensors(file);
const header = () => JSON.parse(metadata.gradloom);

/** The same file with another header. */
function withHeader(change: (json: any) => unknown): Uint8Array {
  const json = header();
  const changed = change(json) ?? json;
  const text = typeof changed === 'string' ? changed : JSON.stringify(changed);
  return writeSafetensors(tensors, { ...metadata, gradloom: text });
}

/** The same file with text replaced in the safetensors header, byte for byte. */
function withText(from: string, to: string): Uint8Array {
  const size = Number(new DataView(file.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(file.subarray(8, 8 + size));
  expect(text).toContain(from);
  const bytes = new TextEncoder().encode(text.replace(from, to));
  const changed = new Uint8Array(8 + bytes.length + file.length - 8 - size);
  new DataView(changed.buffer).setBigUint64(0, BigInt(bytes.length), true);
  changed.set(bytes, 8);
  changed.set(file.subarray(8 + size), 8 + bytes.length);
  return changed;
}

describe('refuses', () => {
  it.each<[string, Uint8Array, RegExp]>([
    [
      'a file of weights',
      writeSafetensors({ a: tensor(1) }),
      /a file of weights alone; expected a checkpoint/,
    ],
    ['a truncated file', file.subarray(0, file.length - 3), /truncated/],
    ['a cut header', file.subarray(0, 100), /truncated/],
    ['another type', withText('"dtype":"F32"', '"dtype":"F16"'), /dtype is "F16"; expected F32/],
    ['no JSON', withHeader(() => '{'), /metadata "gradloom" cannot be read/],
    ['no object', withHeader(() => '3'), /metadata "gradloom" is damaged/],
    ['null', withHeader(() => 'null'), /metadata "gradloom" is damaged/],
    [
      'duplicate keys of counters',
      withHeader(() => metadata.gradloom.replace('"runs":12', '"runs":12,"runs":12')),
      /has "runs" twice/,
    ],
    [
      'duplicate tensors',
      withText('"fc.bias":', '"fc.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"fc.bias":'),
      /has "fc.bias" twice/,
    ],
    [
      'a later format',
      withHeader((json) => void (json.format = 2)),
      /of format 2; expected a format up to 1/,
    ],
    ['counters that are none', withHeader((json) => void (json.updates = -1)), /updates: /],
    ['fractions', withHeader((json) => void (json.runs = 0.5)), /runs: /],
    [
      'a text for a number',
      withHeader((json) => void (json.trainer.fit.averages.loss = '1')),
      /averages\.loss/,
    ],
    ['unknown keys', withHeader((json) => void (json.runz = 1)), /runz/],
    ['a missing part', withHeader((json) => void delete json.optimizers), /optimizers/],
    [
      'a prototype',
      withHeader(() => metadata.gradloom.replace('"runs"', '"__proto__":{"a":1},"runs"')),
      /__proto__/,
    ],
    [
      'tensors of no section',
      writeSafetensors({ ...tensors, '@foo/a': tensor(1) }, metadata),
      /tensors in @foo/,
    ],
    [
      'a section without names',
      writeSafetensors({ ...tensors, '@section/ema': tensor(1) }, metadata),
      /"@section\/ema"/,
    ],
  ])('%s', (_, bytes, message) => {
    let error: unknown;
    try {
      decodeCheckpoint(bytes, 'file');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).toBe('data');
    expect((error as GradloomError).message).toMatch(message);
  });

  it('garbled and truncated files with nothing but a GradloomError', { timeout: 60_000 + FUZZ_RUNS }, () => {
    const change = fc.tuple(fc.nat({ max: file.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat({ max: file.length }),
        (changes, length) => {
          const bytes = file.slice(0, length % 3 === 0 ? length : undefined);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            decodeCheckpoint(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(GradloomError);
          }
        },
      ),
      { seed: 5, numRuns: FUZZ_RUNS },
    );
  });
});

/**
 * The reference references against PyTorch: every case of every reference has to agree with the stored answer of
 * PyTorch, the outputs to float32 rounding and the gradients to what central differences can give.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { caseSeed, makeGradOutputs, makeInputs } from '../synthetic';
import { referenceGradients, type SampledGradient } from './check';
import {
  caseKey,
  decodeArray,
  type EncodedArray,
  type GoldenCase,
  type GoldenFile,
  hasGolden,
} from './fixtures';
import { references } from './index';
import type { NdArray, OpCase, Reference } from './types';

const FOLDER = new URL('../../e2e/goldens/fixtures/', import.meta.url);
const REGENERATE = 'run `npm run goldens`';
/** Relative to max(1, |value|). Goldens are float32; a step of 1e-5 in float64 leaves differences good to 1e-9. */
const FORWARD_TOLERANCE = 1e-6;
const GRADIENT_TOLERANCE = 1e-4;
/** Random ops: their references fix only what does not depend on the random numbers, which PyTorch draws otherwise. */
const WITHOUT_GOLDENS = [
  'dropout',
  'dropout1d',
  'dropout2d',
  'dropout3d',
  'alphaDropout',
  'featureAlphaDropout',
  'stochasticDepth',
];

const fixtures = new Map<string, GoldenFile>(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as GoldenFile)
    .map((file) => [file.op, file]),
);

describe('the goldens', () => {
  it('cover every reference and nothing else', () => {
    const expected = Object.keys(references).filter((op) => !WITHOUT_GOLDENS.includes(op));
    expect([...fixtures.keys()].sort(), REGENERATE).toEqual(expected.sort());
  });
});

describe.each(Object.entries(references).filter(([op]) => fixtures.has(op)))('%s', (op, reference) => {
  const goldens = new Map(fixtures.get(op)!.cases.map((golden) => [golden.key, golden]));

  const cases = reference.cases
    .map((opCase, index) => ({ label: describeCase(opCase, index), opCase, index }))
    .filter(({ opCase }) => hasGolden(opCase));

  it.each(cases)('agrees with PyTorch: $label', ({ opCase, index }) => {
    const { inputs } = makeInputs(opCase, caseSeed(op, index));
    const outputs = reference.forward(inputs, opCase.attrs ?? {}, { training: opCase.training ?? false });
    const key = caseKey(op, index, opCase, inputs);
    const golden = goldens.get(key);
    expect(golden, `no golden for ${key}: ${REGENERATE}`).toBeDefined();
    compareOutputs(outputs, golden!);
    if (opCase.gradient !== false) compareGradients(op, index, reference, opCase, golden!);
  });

  it('has no golden of a case that is gone', () => {
    const keys = cases.map(({ opCase, index }) =>
      caseKey(op, index, opCase, makeInputs(opCase, caseSeed(op, index)).inputs),
    );
    const stale = [...goldens.keys()].filter((key) => !keys.includes(key));
    expect(stale, REGENERATE).toEqual([]);
  });
});

function describeCase({ name, attrs, inputs }: OpCase, index: number): string {
  const shapes = Object.entries(inputs).map(([input, spec]) => {
    const list = Array.isArray(spec) && typeof spec[0] !== 'number' ? spec : [spec];
    return `${input} ${list.map((s) => `[${(s as { shape?: number[] }).shape ?? s}]`).join(' ')}`;
  });
  return [index, name, ...shapes, attrs && JSON.stringify(attrs)].filter((s) => s !== undefined).join(', ');
}

function compareOutputs(outputs: Record<string, NdArray>, golden: GoldenCase): void {
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(golden.outputs).sort());
  for (const [name, output] of Object.entries(outputs)) {
    const expected = decodeArray(golden.outputs[name]);
    expect(output.shape, `shape of ${name}`).toEqual(expected.shape);
    const all = Array.from(expected.data, (_, i) => i);
    expectClose(name, all, Array.from(output.data, Math.fround), expected, FORWARD_TOLERANCE);
  }
}

function compareGradients(
  op: string,
  index: number,
  reference: Reference,
  opCase: OpCase,
  golden: GoldenCase,
): void {
  const seed = caseSeed(op, index);
  const { inputs } = makeInputs(opCase, seed);
  const outputs = reference.forward(inputs, opCase.attrs ?? {}, { training: opCase.training ?? false });
  const sampled = referenceGradients(reference, opCase, inputs, makeGradOutputs(outputs, seed));
  expect(golden.gradInputs, 'PyTorch gives gradients, or the case says gradient: false').toBeDefined();
  for (const [name, expected] of Object.entries(golden.gradInputs!)) {
    const ours = ([] as SampledGradient[]).concat(sampled[name]);
    const theirs = ([] as EncodedArray[]).concat(expected);
    expect(ours.length).toBe(theirs.length);
    for (const [i, gradient] of ours.entries()) {
      const label = `gradient of ${name}`;
      expectClose(label, gradient.indices, gradient.values, decodeArray(theirs[i]), GRADIENT_TOLERANCE);
    }
  }
}

/** NaN equals NaN and infinities equal themselves; finite values agree within `tolerance` * max(1, |expected|). */
function expectClose(
  label: string,
  indices: number[],
  actual: number[],
  expected: NdArray,
  tolerance: number,
): void {
  for (const [k, index] of indices.entries()) {
    const want = expected.data[index];
    const error = Math.abs(actual[k] - want);
    if (Object.is(actual[k], want) || error <= tolerance * Math.max(1, Math.abs(want))) continue;
    expect.fail(`${label} at ${index} of [${expected.shape}]: ${actual[k]}, PyTorch has ${want}`);
  }
}

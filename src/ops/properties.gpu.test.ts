/**
 * Property tests: random legal shapes and attributes of every op against its float64 reference. A few per op with a fixed
 * seed; in Node GRADLOOM_PROPERTY_RUNS=200 runs more, GRADLOOM_PROPERTY_SEED=7 others, and GRADLOOM_OPS=softmax,add
 * only these ops. A failure prints the shrunk case as JSON, ready for the list of cases of the op's reference.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { OpInfo } from '../graph/ir/op';
import { hashString } from '../random';
import { references } from '../reference';
import { arbitraries } from '../reference/arbitraries';
import { checkCase } from '../reference/conformance';
import type { InputSpec, NdArray, OpCase } from '../reference/types';
import { isSpecList, makeInputs } from '../synthetic';
import { ops } from './registry';

const env = typeof process === 'undefined' ? {} : process.env;
const runs = Number(env.GRADLOOM_PROPERTY_RUNS ?? 4);
const seed = Number(env.GRADLOOM_PROPERTY_SEED ?? 1);
const filter = env.GRADLOOM_OPS?.split(',');
/** Elements of each input whose gradient is compared. */
const SAMPLES = 16;
/** Up to so many values are printed; beyond, the shapes alone. */
const PRINTED = 64;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('random cases', () => {
  it('exist for every op with a reference', () => {
    const missing = [...ops.keys()].filter((name) => references[name] && !arbitraries[name]);
    expect(missing).toEqual([]);
  });

  for (const op of ops.values()) {
    if (!arbitraries[op.name] || (filter && !filter.includes(op.name))) continue;
    it(op.name, () => holds(op), 60_000 + 2_000 * runs);
  }
});

/** Checks random cases of an op, or throws an error with the smallest one that fails. */
async function holds(op: OpInfo): Promise<void> {
  const valueSeed = hashString(`${op.name}/${seed}`);
  const property = fc.asyncProperty(arbitraries[op.name], async (opCase) => {
    const { message } = await checkCase(device, op, references[op.name], opCase, valueSeed, {
      gradientSamples: SAMPLES,
    });
    if (message) throw new Error(message);
  });
  const result = await fc.check(property, { seed, numRuns: runs });
  if (!result.failed) return;
  const [smallest] = result.counterexample!;
  const text = JSON.stringify(withValues(smallest, valueSeed));
  throw new Error(`${op.name}: ${(result.errorInstance as Error).message}\nseed ${seed}, case ${text}`);
}

/** The case with its random values written out, where these are few: a list of cases has other seeds. */
function withValues(opCase: OpCase, valueSeed: number): OpCase {
  const { inputs } = makeInputs(opCase, valueSeed);
  const elements = Object.values(inputs).flat();
  if (elements.reduce((sum, { data }) => sum + data.length, 0) > PRINTED) return opCase;
  const fixed = (spec: InputSpec, { shape, data }: NdArray): InputSpec => {
    const { dtype, differentiable } = Array.isArray(spec) ? {} : spec;
    return { shape, dtype, differentiable, values: Array.from(data, (v) => (Object.is(v, -0) ? '-0' : v)) };
  };
  const entries = Object.entries(opCase.inputs).map(([name, spec]) => {
    const arrays = [inputs[name]].flat();
    return [name, isSpecList(spec) ? spec.map((item, i) => fixed(item, arrays[i])) : fixed(spec, arrays[0])];
  });
  return { ...opCase, inputs: Object.fromEntries(entries) };
}

/**
 * Second derivatives of every op against PyTorch's (`e2e/goldens/second.py`): right, or refused by a named error.
 * GRADLOOM_OPS=softmax,add narrows it down (in Node).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldens from '../../e2e/goldens/fixtures/second/second.json';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { compile } from '../graph/runtime/compile';
import { references } from '../reference';
import { compareValues } from '../reference/conformance';
import { caseKey, decodeArray, type EncodedArray } from '../reference/fixtures';
import { hasSecondDerivatives, recordSecondDerivatives } from '../reference/second';
import { toleranceOf } from '../reference/tolerances';
import { caseSeed, makeInputs } from '../synthetic';
import { ops } from './registry';

interface SecondGolden {
  key: string;
  inputs: Record<string, EncodedArray[]>;
  gradOutputs: Record<string, EncodedArray>;
}

/** Ops whose gradients are kernels without gradients of their own; PyTorch lacks those of ctcLoss too. */
const WITHOUT = ['digamma', 'gridSample', 'ctcLoss'];

/** Ops that are constant in pieces, or at the limit of a clamp, and those that PyTorch cannot differentiate twice. */
const WITHOUT_GOLDENS = [
  'cdist',
  'ceil',
  'copysign',
  'corrcoef',
  'embeddingBag',
  'fakeQuantize',
  'floor',
  'multilabelMarginLoss',
  'round',
  'sign',
  'trunc',
];

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const byOp = new Map<string, SecondGolden[]>();
for (const golden of goldens.cases as unknown as SecondGolden[]) {
  const [op] = golden.key.split('/');
  byOp.set(op, [...(byOp.get(op) ?? []), golden]);
}

async function check(op: string, golden: SecondGolden): Promise<string[]> {
  const index = Number(golden.key.split('/')[1]);
  const reference = references[op];
  const opCase = reference.cases[index];
  const seed = caseSeed(op, index);
  expect(caseKey(op, index, opCase, makeInputs(opCase, seed).inputs), 'run e2e/goldens/second.py').toBe(
    golden.key,
  );
  const { graph, feeds, inputs, gradOutputs } = recordSecondDerivatives(
    ops.get(op)!,
    reference,
    opCase,
    seed,
  );
  const outputs: Record<string, Tensor> = {};
  const want: Record<string, EncodedArray> = {};
  const problems: string[] = [];
  const add = (name: string, tensor: Tensor | undefined, expected: EncodedArray) => {
    if (tensor) [outputs[name], want[name]] = [tensor, expected];
    // Rounding noise of PyTorch's float64 is no derivative.
    else if (decodeArray(expected).data.some((value) => Math.abs(value) > 1e-12))
      problems.push(`${name} is missing`);
  };
  for (const [name, list] of Object.entries(golden.inputs)) {
    for (const [i, expected] of list.entries()) add(`${name}.${i}`, inputs[name][i], expected);
  }
  for (const [name, e] of Object.entries(golden.gradOutputs))
    add(`gradient of ${name}`, gradOutputs[name], e);
  const plan = await compile(device, graph, { outputs });
  try {
    for (const [name, { data }] of Object.entries(feeds)) {
      const integers = graph.inputs.get(name)!.dtype === 'i32';
      plan.write(name, integers ? Int32Array.from(data) : Float32Array.from(data));
    }
    plan.run({ seed: 1 });
    for (const name of Object.keys(outputs)) {
      const got = { shape: outputs[name].shape, data: await plan.read(name) };
      const tolerance = 4 * toleranceOf(ops.get(op)!, true);
      const expected = decodeArray(want[name]);
      // Rounding noise of float64 around 0 is none: errors are relative to no less than 1e-7, as those of gradients.
      const all = { indices: [...expected.data.keys()], values: [...expected.data] };
      const { message } = compareValues(name, got, expected, tolerance, all);
      if (message) problems.push(message);
    }
  } finally {
    plan.destroy();
  }
  return problems.map((problem) => `${golden.key}: ${problem}`);
}

describe('second derivatives', () => {
  for (const [op, cases] of byOp) {
    if (WITHOUT.includes(op) || (filter && !filter.includes(op))) continue;
    it(`of ${op}`, async () => {
      const problems: string[] = [];
      for (const golden of cases) {
        try {
          problems.push(...(await check(op, golden)));
        } catch (error) {
          problems.push(`${golden.key}: ${(error as Error).message}`);
        }
      }
      expect(problems).toEqual([]);
    });
  }

  it.each(WITHOUT)('of %s are refused', (op) => {
    const index = references[op].cases.findIndex(({ gradient }) => gradient !== false);
    const record = () =>
      recordSecondDerivatives(ops.get(op)!, references[op], references[op].cases[index], caseSeed(op, index));
    expect(record).toThrow(/^gradients: \w+ has no gradient of its own/);
    expect(hasSecondDerivatives(ops.get(op)!, references[op])).toBe(false);
  });

  it('are known of every op that does not refuse them', () => {
    const random = /[dD]ropout|stochasticDepth/;
    const differentiable = [...ops.values()].filter(
      ({ name, differentiable }) => differentiable === true && !random.test(name),
    );
    const unknown = differentiable.filter(
      (op) => !byOp.has(op.name) && hasSecondDerivatives(op, references[op.name]),
    );
    expect(unknown.map(({ name }) => name).sort()).toEqual(WITHOUT_GOLDENS);
  });
});

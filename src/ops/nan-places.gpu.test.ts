/**
 * A NaN in each float input of each op: results and gradients are NaN where PyTorch's are (`e2e/goldens/nan.py`).
 * GRADLOOM_OPS=softmax,add narrows it down (in Node).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldens from '../../e2e/goldens/fixtures/numerics/nan.json';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { type HostInputs, runGraph } from '../graph/runtime/run-graph';
import { references } from '../reference';
import { caseKey } from '../reference/fixtures';
import { caseSeed, inputDtype, makeGradOutputs, makeInputs } from '../synthetic';
import { ops } from './registry';

interface NanGolden {
  key: string;
  input: string;
  /** Which one of a list. */
  item?: number;
  /** The element that is NaN. */
  at: number;
  outputs: Record<string, number[]>;
  gradients?: Record<string, number[][]>;
}

/** Ops that may have NaN in more places than PyTorch, and why. */
const SPREADS: Record<string, string> = Object.fromEntries([
  ...['conv1d', 'conv2d', 'conv3d', 'convTranspose1d', 'convTranspose2d', 'convTranspose3d'].map((op) => [
    op,
    'a weight that is NaN meets the zeros of the padding',
  ]),
  ...['rnn', 'gru', 'lstm'].map((op) => [op, 'gradients pass through products with 0']),
  ...['max', 'min'].map((op) => [
    op,
    'of all elements: the shares of a maximum that is NaN, as PyTorch has on GPUs',
  ]),
  ...['rnnCell', 'gruCell', 'lstmCell'].map((op) => [op, 'gradients pass through products with 0']),
  ['addmm', 'alpha 0 times NaN'],
  ['gridSample', 'PyTorch gives some coordinates of a position that is NaN a gradient of 0'],
  ...['fractionalMaxPool2d', 'fractionalMaxPool3d'].map((op) => [
    op,
    'PyTorch takes a place that is NaN for 0',
  ]),
  ['i1', 'PyTorch takes NaN for 0 in the gradient'],
  ['renorm', 'gradients pass through a norm that is NaN'],
  ['cdist', 'PyTorch loses NaN where p is infinite'],
  ['multilabelMarginLoss', 'PyTorch loses a NaN in the comparison with the margin'],
  ['multiMarginLoss', 'PyTorch loses a NaN in the comparison with the margin'],
  ['nllLoss', 'gradients of a mean by a total weight that is NaN'],
]);

/** Results that may be NaN in fewer places, and why. */
const SPARES: Record<string, [RegExp, string]> = {
  rnn: [/weightHh.*: (y|hn) /, 'the first step has no product with a state that is not given'],
  gru: [/weightHh.*: (y|hn) /, 'the same'],
  lstm: [/weightHh.*: (y|hn|cn) /, 'the same'],
  copysign: [/gradient/, 'the slope of |x| is 0 at NaN, as everywhere else in PyTorch'],
  cdist: [/gradient/, 'the slope of |x| is 0 at NaN, as everywhere else in PyTorch'],
  indexReduce: [/gradient of x/, 'a maximum that is NaN gives no share to x; the values are NaN'],
  scatterNd: [/gradient of x/, 'the same'],
  gridSample: [
    /in grid/,
    'a position outside of the image along one dimension is 0, whatever the other coordinate',
  ],
  globalMaxPool: [/gradient/, 'the gradient goes to the NaN, as that of max pooling, not amax'],
};

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const byOp = new Map<string, NanGolden[]>();
for (const golden of goldens.cases as unknown as NanGolden[]) {
  const [op] = golden.key.split('/');
  byOp.set(op, [...(byOp.get(op) ?? []), golden]);
}

const placesOf = (data: ArrayLike<number> | undefined): number[] =>
  Array.from(data ?? [], (v, i) => (Number.isNaN(v) ? i : -1)).filter((i) => i >= 0);

/** One case with its NaN, ready to be recorded; several of an op share a graph, which compiles in one go. */
function prepare(op: string, golden: NanGolden, prefix: string) {
  const index = Number(golden.key.split('/')[1]);
  const opCase = references[op].cases[index];
  const seed = caseSeed(op, index);
  const { inputs } = makeInputs(opCase, seed);
  expect(caseKey(op, index, opCase, inputs), 'run `npm run goldens`').toBe(golden.key);
  const training = opCase.training ?? false;
  const expected = golden.gradients && references[op].forward(inputs, opCase.attrs ?? {}, { training });
  const gradOutputs = expected ? makeGradOutputs(expected, seed) : {};
  [inputs[golden.input]].flat()[golden.item ?? 0].data[golden.at] = Number.NaN;
  const names = (input: string) => {
    const value = inputs[input];
    const list = Array.isArray(value) ? value.map((_, i) => `${input}.${i}`) : [input];
    return list.map((name) => prefix + name);
  };
  const feeds: HostInputs = {};
  for (const [input, value] of Object.entries(inputs)) {
    const dtype = inputDtype(opCase.inputs[input]);
    [value].flat().forEach(({ shape, data }, i) => {
      const typed = dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data);
      feeds[names(input)[i]] = { shape, dtype, data: typed };
    });
  }
  const compute = (tensors: Record<string, Tensor>) => {
    const given = Object.entries(inputs).map(([input, value]) => {
      const list = names(input).map((name) => tensors[name]);
      return [input, Array.isArray(value) ? list : list[0]];
    });
    const outputs = ops.get(op)!.call(Object.fromEntries(given), opCase.attrs);
    return Object.fromEntries(Object.entries(outputs).map(([name, y]) => [prefix + name, y]));
  };
  const gradients = Object.entries(gradOutputs).map(([name, { shape, data }]) => [
    prefix + name,
    { shape, data: Float32Array.from(data) },
  ]);
  const wrt = Object.keys(golden.gradients ?? {}).flatMap(names);
  const label = `${op} case ${index}, NaN in ${golden.input}${golden.item ?? ''}[${golden.at}]`;
  return { golden, label, prefix, training, feeds, compute, gradients, wrt, names };
}

type Prepared = ReturnType<typeof prepare>;

/** What differs from PyTorch in cases of one mode. */
async function differences(cases: Prepared[]): Promise<string[]> {
  if (cases.length === 0) return [];
  const feeds = Object.assign({}, ...cases.map((c) => c.feeds));
  const result = await runGraph(
    device,
    feeds,
    (tensors) => Object.assign({}, ...cases.map((c) => c.compute(tensors))),
    {
      training: cases[0].training,
      seed: 1,
      gradOutputs: Object.fromEntries(cases.flatMap((c) => c.gradients)),
      wrt: cases.flatMap((c) => c.wrt),
    },
  );
  return cases.flatMap(({ golden, label, prefix, names }) => {
    const problems: string[] = [];
    const compare = (what: string, data: ArrayLike<number> | undefined, want: number[]) => {
      const got = placesOf(data);
      const lost = want.filter((i) => !got.includes(i));
      const more = got.filter((i) => !want.includes(i));
      const [op] = label.split(' ');
      const text = `${label}: ${what} lacks NaN at [${lost}], has more at [${more}]`;
      const isLost = lost.length > 0 && !SPARES[op]?.[0].test(text);
      if (isLost || (more.length > 0 && SPREADS[op] === undefined)) problems.push(text);
    };
    for (const [name, want] of Object.entries(golden.outputs)) {
      compare(name, result.outputs[prefix + name]?.data, want);
    }
    for (const [name, lists] of Object.entries(golden.gradients ?? {})) {
      lists.forEach((want, i) => {
        const key = names(name)[i];
        compare(`gradient of ${key.slice(prefix.length)}`, result.gradInputs[key]?.data, want);
      });
    }
    return problems;
  });
}

/** What draws random numbers, and what takes no floats. */
const WITHOUT_GOLDENS = /dropout|stochasticDepth|^oneHot$/i;

describe('NaN arrives where PyTorch has it', () => {
  it('is known for every op', () => {
    const missing = Object.keys(references).filter((op) => !byOp.has(op) && !WITHOUT_GOLDENS.test(op));
    expect(missing, 'run `npm run goldens`').toEqual([]);
  });

  for (const [op, goldens] of byOp) {
    if (filter && !filter.includes(op)) continue;
    it(op, async () => {
      const cases = goldens.map((golden, i) => prepare(op, golden, `${i}:`));
      const problems = [
        ...(await differences(cases.filter(({ training }) => training))),
        ...(await differences(cases.filter(({ training }) => !training))),
      ];
      expect(problems).toEqual([]);
    });
  }
});

/** NaN is not lost on the way: in a maximum with 0, a clamp or a margin. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { runGraph } from '../graph/runtime/run-graph';
import * as ops from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const f32 = (shape: number[], data: number[]) => ({
  shape,
  dtype: 'f32' as const,
  data: Float32Array.from(data),
});
const i32 = (shape: number[], data: number[]) => ({
  shape,
  dtype: 'i32' as const,
  data: Int32Array.from(data),
});
type Inputs = Record<string, Tensor>;

const x = f32([3], [Number.NaN, 0.5, -2]);
const none = { reduction: 'none' } as const;
const cases: [
  string,
  Record<string, ReturnType<typeof f32> | ReturnType<typeof i32>>,
  (t: Inputs) => Tensor,
][] = [
  ['relu', { x }, (t) => ops.relu(t.x)],
  [
    'hingeEmbeddingLoss',
    { x, target: f32([3], [-1, 1, -1]) },
    (t) => ops.hingeEmbeddingLoss(t.x, t.target, none),
  ],
  [
    'marginRankingLoss',
    { x, other: f32([3], [0, 0, 0]), target: f32([3], [1, 1, -1]) },
    (t) => ops.marginRankingLoss(t.x, t.other, t.target, none),
  ],
  [
    'gaussianNllLoss',
    { x: f32([3], [0, 0.5, -2]), target: f32([3], [0, 0, 0]), variance: f32([3], [Number.NaN, 1, 2]) },
    (t) => ops.gaussianNllLoss(t.x, t.target, t.variance, none),
  ],
  [
    'multiMarginLoss',
    { x: f32([3, 2], [Number.NaN, 1, 2, 3, -1, 0]), target: i32([3], [1, 0, 1]) },
    (t) => ops.multiMarginLoss(t.x, t.target, undefined, none),
  ],
];

it.each(cases)('%s', async (_, inputs, compute) => {
  const { outputs } = await runGraph(device, inputs, (t) => ({ y: compute(t) }));
  expect(Array.from(outputs.y.data, Number.isNaN)).toEqual([true, false, false]);
});

it.each([4, 3])('rnn with relu and %i units', async (hidden) => {
  const count = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
  const ones = (shape: number[]) => f32(shape, Array(count(shape)).fill(0.5));
  const inputs = {
    x: f32([2, 2, 1], [1, Number.NaN, 1, 1]),
    weightIhL0: ones([hidden, 1]),
    weightHhL0: ones([hidden, hidden]),
  };
  const { outputs } = await runGraph(device, inputs, (t) => ({
    y: ops.rnn.info.call(t, { hiddenSize: hidden, nonlinearity: 'relu', bias: false }).y,
  }));
  // Steps by sequences by units: the second sequence is NaN from the first step on.
  const flags = Array.from(outputs.y.data, Number.isNaN);
  expect(flags).toEqual([0, 1, 2, 3].flatMap((row) => Array(hidden).fill(row % 2 === 1)));
});

it.each([2, 3])('batchNorm with relu, %i channels', async (channels) => {
  const values = Array.from({ length: 4 * channels }, (_, i) => (i === 0 ? Number.NaN : i - 3));
  const { outputs } = await runGraph(device, { x: f32([4, channels], values) }, (t) => {
    const running = (value: number) => t.x.graph.constant(new Float32Array(channels).fill(value), [channels]);
    const { y } = ops.batchNorm(t.x, undefined, undefined, running(0), running(1));
    return { y: ops.relu(y) };
  });
  expect(Array.from(outputs.y.data, Number.isNaN)).toEqual(values.map(Number.isNaN));
});

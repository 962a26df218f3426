/** AdaptiveLogSoftmaxWithLoss and TripletMarginWithDistanceLoss, InstanceNorm without a batch, indices of Embedding. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pattern } from '../../e2e/goldens/modules';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { runGraph } from '../graph/runtime/run-graph';
import * as ops from '../ops';
import * as nn from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const N = 5;
const FEATURES = 16;

/** The module with weights that follow from their names, as in e2e/goldens/modules.py. */
function filled<M extends nn.Module>(module: M): M {
  for (const [name, variable] of module.namedParameters()) variable.data = pattern(name, variable.size);
  return module;
}

const inputs = (shapes: Record<string, number[]>, factor = 4) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const data = pattern(name, size).map((value) => factor * value);
      return [name, { shape, dtype: 'f32' as const, data }];
    }),
  );

const expectClose = (got: ArrayLike<number>, want: readonly number[]) =>
  want.forEach((value, i) => {
    expect(got[i], `element ${i}`).toBeCloseTo(value, 4);
  });

describe('AdaptiveLogSoftmaxWithLoss', () => {
  const module = filled(
    new nn.AdaptiveLogSoftmaxWithLoss(FEATURES, 12, [4, 8], { divValue: 2, headBias: true }),
  );
  const target = { shape: [N], dtype: 'i32' as const, data: Int32Array.of(0, 3, 5, 11, 8) };

  it('gives the values of PyTorch', async () => {
    const names = [
      'head.weight',
      'head.bias',
      'tail.0.0.weight',
      'tail.0.1.weight',
      'tail.1.0.weight',
      'tail.1.1.weight',
    ];
    expect([...module.namedParameters()].map(([name]) => name)).toEqual(names);
    const { outputs, gradInputs } = await runGraph(
      device,
      { ...inputs({ x: [N, FEATURES] }), target },
      ({ x, target }) => ({
        ...module.forward(x, target),
        classes: module.predict(x),
        total: ops.sum(ops.exp(module.logProb(x)), { dim: 1 }),
      }),
      { gradOutputs: { loss: { shape: [], data: Float32Array.of(1) } }, wrt: ['x'] },
    );
    expectClose(outputs.output.data, [-1.53943, -2.77655, -2.5085, -2.25072, -3.28933]);
    expectClose(outputs.loss.data, [2.4729]);
    expect([...outputs.classes.data]).toEqual([10, 9, 1, 3, 0]);
    expectClose(outputs.total.data, [1, 1, 1, 1, 1]);
    const row = [0.03944, 0.0154, 0.04899, 0.0296, -0.02741, 0.00234, 0.0503, 0.02084];
    expectClose(gradInputs.x.data.slice(3 * FEATURES), row);
  });

  it('takes one sample, and gives NaN for a class that is none', async () => {
    const { outputs } = await runGraph(device, inputs({ x: [N, FEATURES] }), ({ x }) => {
      const of = (row: number, target: number): Tensor =>
        module.forward(ops.select(x, { dim: 0, index: row }), x.graph.scalar(target, 'i32')).output;
      return { first: of(3, 11), beyond: of(0, 12), below: of(0, -1) };
    });
    expect(outputs.first.shape).toEqual([]);
    expectClose(outputs.first.data, [-2.25072]);
    expect([outputs.beyond.data[0], outputs.below.data[0]]).toEqual([Number.NaN, Number.NaN]);
  });

  it.each<[string, () => unknown]>([
    ['cutoffs', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, [8, 4])],
    ['cutoffs', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, [12])],
    ['cutoffs', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, [])],
    ['cutoffs', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, null as never)],
    ['divValue', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, [2, 4, 6])],
    ['divvalue', () => new nn.AdaptiveLogSoftmaxWithLoss(16, 12, [4], { divvalue: 2 } as object)],
  ])('refuses wrong %s', (argument, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'argument', argument }));
  });
});

describe('TripletMarginWithDistanceLoss', () => {
  it('gives the values of PyTorch', async () => {
    const distanceFunction = (a: Tensor, b: Tensor) => ops.sub(1, ops.cosineSimilarity(a, b));
    const cosine = new nn.TripletMarginWithDistanceLoss({ distanceFunction, margin: 0.7, swap: true });
    const euclidean = new nn.TripletMarginWithDistanceLoss({ reduction: 'sum' });
    const shape = [N, FEATURES];
    const { outputs } = await runGraph(device, inputs({ a: shape, p: shape, n: shape }), ({ a, p, n }) => ({
      cosine: cosine.forward(a, p, n),
      euclidean: euclidean.forward(a, p, n),
    }));
    expectClose([outputs.cosine.data[0], outputs.euclidean.data[0]], [0.99889, 7.51851]);
  });
});

describe('InstanceNorm1d', () => {
  it('takes one sample without a batch, of its channels', async () => {
    const { outputs } = await runGraph(device, inputs({ x: [N, FEATURES] }, 1), ({ x }) => ({
      y: new nn.InstanceNorm1d(N).forward(x),
    }));
    expect(outputs.y.shape).toEqual([N, FEATURES]);
    expectClose(outputs.y.data.slice(2 * FEATURES), [-1.46418, -1.47775, 0.6562, -0.82726]);
    const wrong = runGraph(device, inputs({ x: [N, FEATURES] }), ({ x }) => ({
      y: new nn.InstanceNorm1d(3).forward(x),
    }));
    await expect(wrong).rejects.toMatchObject({ code: 'shape', argument: 'x' });
  });
});

describe('Embedding', () => {
  it('gives NaN for indices in floats that are no whole numbers, or none of its rows', async () => {
    const table = filled(new nn.Embedding(3, 2));
    const data = Float32Array.of(2, 1.5, Number.NaN, -1, 3, Number.POSITIVE_INFINITY);
    const { outputs } = await runGraph(device, { x: { shape: [6], dtype: 'f32', data } }, ({ x }) => ({
      y: table.forward(x),
    }));
    expect([...outputs.y.data.slice(0, 2)]).toEqual([...table.weight.data!.slice(4)]);
    expect([...outputs.y.data.slice(2)].every(Number.isNaN)).toBe(true);
  });
});

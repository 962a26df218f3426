/** Gradients of graphs: tensors with several consumers, and the sums of their gradients folded into kernels. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { sigmoid, tanh } from '../../ops/activation';
import { add, mul } from '../../ops/elementwise';
import { narrow, permute, reshape, split } from '../../ops/layout';
import { sum } from '../../ops/reduce';
import { softmax } from '../../ops/softmax';
import type { Tensor } from '../ir/graph';
import { Graph } from '../ir/graph';
import { compile } from '../runtime/compile';
import type { Plan } from '../runtime/plan';
import { gradients } from './autodiff';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const values = Float32Array.from({ length: 6 }, (_, i) => (i - 2) / 3);

/** Compiles y = f(x) with its gradient for a dy of ones and runs it: the gradient of x, and the plan's figures. */
async function gradientOf(f: (x: Tensor) => Tensor, shape: readonly number[] = [2, 3]) {
  const graph = new Graph();
  const x = graph.input('x', shape);
  const y = f(x);
  const dy = graph.constant(new Float32Array(y.size).fill(1), y.shape);
  const [dx] = gradients([y], [dy], [x]);
  const plan = await compile(device, graph, { outputs: { dx: dx! } });
  const result = await runOnce(plan);
  return { dx: result, dispatches: plan.statistics.dispatches };
}

async function runOnce(plan: Plan): Promise<Float32Array> {
  try {
    plan.write('x', values);
    plan.run();
    return (await plan.read('dx')) as Float32Array;
  } finally {
    plan.destroy();
  }
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  Array.from(want).forEach((value, i) => {
    expect(got[i]).toBeCloseTo(value, 5);
  });
}

const sigma = (v: number) => 1 / (1 + Math.exp(-v));
const dSigmoid = (v: number) => sigma(v) * (1 - sigma(v));
const dTanh = (v: number) => 1 - Math.tanh(v) ** 2;

describe('a tensor with several consumers', () => {
  it('gets the sum of their gradients, without a dispatch for the sum', async () => {
    const one = await gradientOf((x) => sigmoid(x));
    const two = await gradientOf((x) => add(sigmoid(x), tanh(x)));
    expectClose(
      two.dx,
      values.map((v) => dSigmoid(v) + dTanh(v)),
    );
    // Each function costs its forward and backward; the forward addition is not needed for the gradient.
    expect(two.dispatches).toBe(2 * one.dispatches);
  });

  it('gets three and four gradients into one buffer', async () => {
    const three = await gradientOf((x) => add(add(sigmoid(x), tanh(x)), sigmoid(x)));
    expectClose(
      three.dx,
      values.map((v) => 2 * dSigmoid(v) + dTanh(v)),
    );
    expect(three.dispatches).toBe(6);
    const four = await gradientOf((x) => add(add(sigmoid(x), tanh(x)), add(sigmoid(x), tanh(x))));
    expectClose(
      four.dx,
      values.map((v) => 2 * dSigmoid(v) + 2 * dTanh(v)),
    );
    expect(four.dispatches).toBe(8);
  });

  it('adds up through views, permutations and slices', async () => {
    const { dx } = await gradientOf((x) => {
      const a = reshape(permute(tanh(x), { dims: [1, 0] }), { shape: [6] });
      const b = reshape(sigmoid(x), { shape: [6] });
      return add(a, add(b, reshape(x, { shape: [6] })));
    });
    expectClose(
      dx,
      values.map((v) => dTanh(v) + dSigmoid(v) + 1),
    );
    const parts = await gradientOf((x) =>
      add(
        narrow(x, { dim: 1, start: 0, length: 2 }),
        mul(narrow(x, { dim: 1, start: 1, length: 2 }), x.graph.constant(Float32Array.of(10), [])),
      ),
    );
    expectClose(parts.dx, [1, 11, 10, 1, 11, 10]);
  });

  it('keeps a gradient that somebody else still reads', async () => {
    // dy goes to both summands unchanged: neither may be added into its memory.
    const { dx } = await gradientOf((x) => {
      const t = tanh(x);
      const s = sigmoid(t);
      return add(s, add(t, x));
    });
    expectClose(
      dx,
      values.map((v) => dSigmoid(Math.tanh(v)) * dTanh(v) + dTanh(v) + 1),
    );
  });

  it('gives gradients of intermediate tensors untouched by later sums', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    const t = tanh(x);
    const y = add(sigmoid(t), mul(x, x));
    const dy = graph.constant(new Float32Array(6).fill(1), [2, 3]);
    const [dx, dt] = gradients([y], [dy], [x, t]);
    const plan = await compile(device, graph, { outputs: { dx: dx!, dt: dt! } });
    plan.write('x', values);
    plan.run();
    expectClose(
      (await plan.read('dt')) as Float32Array,
      values.map((v) => dSigmoid(Math.tanh(v))),
    );
    expectClose(
      (await plan.read('dx')) as Float32Array,
      values.map((v) => dSigmoid(Math.tanh(v)) * dTanh(v) + 2 * v),
    );
    plan.destroy();
  });

  it('gives x + x the gradient 2', async () => {
    const { dx } = await gradientOf((x) => add(x, x));
    expectClose(
      dx,
      values.map(() => 2),
    );
  });
});

describe('gradients', () => {
  it('are absent for what the targets do not depend on, and for detached tensors', () => {
    const graph = new Graph();
    const [x, other] = [graph.input('x', [3]), graph.input('other', [3])];
    const y = sum(mul(graph.detach(tanh(x)), x));
    const found = gradients([y], [graph.constant(Float32Array.of(1), [])], [x, other]);
    expect(found[0]).toBeDefined();
    expect(found[1]).toBeUndefined();
    const detached = tanh(graph.detach(x));
    expect(gradients([detached], [graph.constant(new Float32Array(3), [3])], [x])).toEqual([undefined]);
  });

  it('of several targets are added', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    const ones = graph.constant(new Float32Array(6).fill(1), [2, 3]);
    const [dx] = gradients([tanh(x), sigmoid(x)], [ones, ones], [x]);
    const plan = await compile(device, graph, { outputs: { dx: dx! } });
    expectClose(
      await runOnce(plan),
      values.map((v) => dTanh(v) + dSigmoid(v)),
    );
  });

  it('of a list of outputs fill in zeros for the unused ones', async () => {
    const { dx } = await gradientOf((x) => split(x, { splitSizeOrSections: [1, 1, 1], dim: 1 })[1]);
    expectClose(dx, [0, 1, 0, 0, 1, 0]);
  });

  it('refuse an output gradient of another shape', () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    const wrong = graph.constant(new Float32Array(3), [3]);
    expect(() => gradients([softmax(x)], [wrong], [x])).toThrow('gradOutputs[0] is [3]; expected [2, 3]');
  });
});

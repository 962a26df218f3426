/**
 * What the cases of the reference references do not show of elementwise ops: relative accuracy where values are tiny or
 * large, gradients of a tensor with several consumers, how many dispatches a backward takes, and the errors.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { removeDead } from '../../graph/compiler/dead-code';
import { lower } from '../../graph/compiler/lower';
import type { Tensor } from '../../graph/ir/graph';
import { Graph } from '../../graph/ir/graph';
import { runGraph } from '../../graph/runtime/run-graph';
import { erf as exactErf } from '../../reference/unary';
import { glu, prelu, relu, sigmoid, softplus, tanh, tanhshrink } from '../activation';
import { add, mul, sub } from './binary';
import { cast } from './cast';
import { atan, cos, erf, expm1, log, log1p, sin, sinh } from './unary';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

async function run(values: number[], compute: (x: Tensor) => Tensor, gradOutput?: number[]) {
  const shape = [values.length];
  const x = { shape, dtype: 'f32' as const, data: Float32Array.from(values) };
  const gradOutputs = gradOutput && { y: { shape, data: Float32Array.from(gradOutput) } };
  const result = await runGraph(device, { x }, (tensors) => ({ y: compute(tensors.x) }), {
    gradOutputs,
    wrt: ['x'],
  });
  return { y: Array.from(result.outputs.y.data), dx: Array.from(result.gradInputs.x?.data ?? []) };
}

describe('relative accuracy', () => {
  const both = (values: number[]) => values.flatMap((v) => [Math.fround(v), Math.fround(-v)]);
  const powers = Array.from({ length: 40 }, (_, i) => 1.37 ** (i - 36));
  const small = both(powers.filter((v) => v < 0.99));
  const wide = both([...powers, 1, 1.5, 2.2, 3.1, 5, 9]);
  const angles = both(Array.from({ length: 200 }, (_, i) => 0.37 + 1.06 ** i).filter((v) => v < 1e5));
  const functions: [string, (x: Tensor) => Tensor, (x: number) => number, number[], number][] = [
    ['expm1', expm1, Math.expm1, wide, 1e-6],
    ['log1p', log1p, Math.log1p, small, 2e-6],
    ['log near 1', log, Math.log, small.map((v) => Math.fround(1 + v)).filter((v) => v !== 1), 3e-6],
    ['tanh', tanh, Math.tanh, wide, 1e-6],
    ['tanhshrink', tanhshrink, (x) => x - Math.tanh(x), wide.filter((v) => Math.abs(v) > 1e-4), 3e-6],
    ['sinh', sinh, Math.sinh, wide, 2e-6],
    ['atan', atan, Math.atan, wide, 1e-6],
    ['erf', erf, exactErf, wide, 1e-6],
    ['sigmoid', sigmoid, (x) => 1 / (1 + Math.exp(-x)), wide, 1e-6],
    ['softplus', softplus, (x) => Math.log1p(Math.exp(x)), wide, 1e-5],
  ];
  it.each(functions)('%s', async (_, f, exact, values, tolerance) => {
    const { y } = await run(values, f);
    const errors = y.map((got, i) => Math.abs(got - exact(values[i])) / Math.abs(exact(values[i])));
    expect(Math.max(...errors)).toBeLessThan(tolerance);
  });

  it.each([
    ['sin', sin, Math.sin],
    ['cos', cos, Math.cos],
  ] as const)('%s of large angles', async (_, f, exact) => {
    const { y } = await run(angles, f);
    expect(Math.max(...y.map((got, i) => Math.abs(got - exact(angles[i]))))).toBeLessThan(1e-5);
  });
});

describe('gradients', () => {
  it('of several consumers add up', async () => {
    const values = [-1.5, -0.25, 0.5, 2];
    const { dx } = await run(
      values,
      (x) => sub(add(mul(x, x), add(relu(x), x)), mul(sigmoid(x), x), { alpha: 2 }),
      values.map(() => 1),
    );
    values.forEach((x, i) => {
      const s = 1 / (1 + Math.exp(-x));
      expect(dx[i]).toBeCloseTo(2 * x + Number(x > 0) + 1 - 2 * (s + x * s * (1 - s)), 5);
    });
  });

  it('of a sum of equal shapes need no dispatch, those of a difference one', () => {
    const count = (f: (a: Tensor, b: Tensor) => Tensor) => {
      const graph = new Graph();
      const [a, b, dy] = ['a', 'b', 'dy'].map((name) => graph.input(name, [3, 4]));
      const found = gradients([f(a, b)], [dy], [a, b]);
      const kept = new Set(found.map((tensor) => tensor!.storage));
      return removeDead(lower(graph.nodes, graph, device), kept).length;
    };
    expect(count(add)).toBe(0);
    expect(count(sub)).toBe(1);
    expect(count(mul)).toBe(2);
  });
});

describe('whole numbers', () => {
  const whole = { shape: [2], dtype: 'i32', data: Int32Array.of(16777217, -3) } as const;
  const real = { shape: [2], dtype: 'f32', data: Float32Array.of(0.5, 2) } as const;

  it('stay exact beyond what float32 holds', async () => {
    const { outputs } = await runGraph(device, { x: whole }, ({ x }) => ({
      sum: add(x, x),
      difference: sub(x, x),
    }));
    expect(outputs.sum.data).toEqual(Int32Array.of(33554434, -6));
    expect(outputs.difference.data).toEqual(Int32Array.of(0, 0));
  });

  it('become floats beside a float, which keeps its gradient', async () => {
    const gradOutputs = { y: { shape: [2], data: Float32Array.of(1, 2) } };
    const { outputs, gradInputs } = await runGraph(
      device,
      { x: { ...whole, data: Int32Array.of(4, -3) }, other: real },
      ({ x, other }) => ({ y: mul(x, other) }),
      { gradOutputs, wrt: ['other'] },
    );
    expect(outputs.y.data).toEqual(Float32Array.of(2, -6));
    expect(gradInputs.other.data).toEqual(Float32Array.of(4, -6));
  });
});

describe('errors', () => {
  const graph = new Graph();
  const input = (shape: number[], dtype: 'f32' | 'i32' = 'f32') =>
    graph.input(`${graph.inputs.size}`, shape, dtype);

  it.each([
    ['add', () => add(input([2, 3]), input([2])), /add: .*\[2, 3\].*\[2\].*broadcast.*3 and 2/],
    ['prelu', () => prelu(input([2, 3]), input([2])), /prelu: weight is \[2\]; expected \[1\] or \[3\]/],
    ['glu', () => glu(input([2, 3])), /glu: x is \[2, 3\]; expected an even size/],
    ['relu', () => relu(input([2], 'i32')), /relu: x is i32 \[2\]; expected f32. Convert/],
    ['cast', () => cast(input([2]), { dtype: 'f64' as 'f32' }), /cast: dtype/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});

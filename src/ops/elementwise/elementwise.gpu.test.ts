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
import { add, div, fmod, mul, remainder, sub } from './binary';
import { cast } from './cast';
import { i0, i1 } from './special';
import { atan, cos, erf, expm1, log, log1p, sin, sinh, tan } from './unary';

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

  it('Bessel functions have their limits at infinity', async () => {
    const ends = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect((await run(ends, i0)).y).toEqual([ends[0], ends[0]]);
    expect((await run(ends, i1)).y).toEqual(ends);
  });

  /** Bit patterns over the whole range of float32, and floats next to multiples of pi / 2. */
  const anyAngles = (() => {
    const values = Float32Array.from({ length: 2000 }, (_, i) => (i * Math.PI) / 2);
    const patterns = Uint32Array.from({ length: 6000 }, (_, i) => Math.imul(i + 1, 2654435761));
    return [...values, ...new Float32Array(patterns.buffer)].filter(
      (v) => Number.isFinite(v) && (v === 0 || Math.abs(v) > 1e-37),
    );
  })();
  /** One unit in the last place of float32 at v. */
  const unit = (v: number) => 2 ** (Math.floor(Math.log2(Math.abs(v))) - 23);

  it.each([
    ['sin', sin, Math.sin, 2],
    ['cos', cos, Math.cos, 2],
    ['tan', tan, Math.tan, 5],
  ] as const)('%s is off by few units in the last place at any angle', async (_, f, exact, units) => {
    const { y } = await run(anyAngles, f);
    const errors = y.map((got, i) => {
      const want = exact(anyAngles[i]);
      return got === want ? 0 : Math.abs(got - want) / unit(want);
    });
    expect(Math.max(...errors)).toBeLessThan(units);
  });

  it.each([
    ['sin', sin, Math.cos],
    ['cos', cos, (x: number) => -Math.sin(x)],
  ] as const)('the gradient of %s is right at any angle', async (_, f, slope) => {
    const { dx } = await run(
      anyAngles,
      f,
      anyAngles.map(() => 1),
    );
    expect(Math.max(...dx.map((got, i) => Math.abs(got - slope(anyAngles[i]))))).toBeLessThan(3e-7);
  });

  it.each([
    ['fmod', fmod, (a: number, b: number) => a % b],
    ['div towards 0', (a: Tensor, b: Tensor) => div(a, b, { roundingMode: 'trunc' }), quotientToZero],
  ] as const)('%s is exact for any quotient', async (_, f, exact) => {
    const patterns = (factor: number) =>
      new Float32Array(Uint32Array.from({ length: 4000 }, (_, i) => Math.imul(i + 1, factor)).buffer);
    const numbers = (v: number) => Number.isFinite(v) && Math.abs(v) > 1e-30;
    const [a, b] = [patterns(2654435761), patterns(2246822519)];
    const pairs = Array.from(a, (v, i) => [v, b[i]]).filter((pair) => pair.every(numbers));
    pairs.push([1e9, 3], [-1e9, 3], [1e9, -3], [6, 2], [7, Math.fround(0.1)]);
    const shape = [pairs.length];
    const column = (i: 0 | 1) => ({
      shape,
      dtype: 'f32' as const,
      data: Float32Array.from(pairs, (pair) => pair[i]),
    });
    const { outputs } = await runGraph(device, { a: column(0), b: column(1) }, (t) => ({ y: f(t.a, t.b) }));
    const wrong = pairs.filter(([x, other], i) => {
      const want = exact(x, other);
      return outputs.y.data[i] !== want && !(Math.abs(want) < 1e-37);
    });
    expect(wrong).toEqual([]);
  });

  it('remainder and floor of large quotients', async () => {
    const [x, other] = [
      [1e9, -1e9, 1e9, 1e9, 5, -5],
      [3, 3, -3, 7, Number.POSITIVE_INFINITY, 3],
    ].map((values) => ({ shape: [6], dtype: 'f32' as const, data: Float32Array.from(values) }));
    const { outputs } = await runGraph(device, { x, other }, (t) => ({
      rest: remainder(t.x, t.other),
      floor: div(t.x, t.other, { roundingMode: 'floor' }),
    }));
    expect(Array.from(outputs.rest.data)).toEqual([1, 2, -2, 6, 5, 1]);
    const floors = [333333333, -333333334, -333333334, 142857142, 0, -2].map(Math.fround);
    expect(Array.from(outputs.floor.data)).toEqual(floors);
  });
});

function quotientToZero(a: number, b: number): number {
  return Math.fround(Math.trunc(Math.fround(a / b)));
}

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

/**
 * Random graphs against a float64 interpreter: values and gradients of graphs in which tensors are shared, viewed,
 * permuted and cut in every way, so that folding of sums, removal of dead code and reuse of memory meet each other.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { sigmoid, tanh } from '../../ops/activation';
import { add, mul } from '../../ops/elementwise';
import { cat, flip, narrow, permute, reshape, split } from '../../ops/layout';
import { gradients } from '../compiler/autodiff';
import type { Tensor } from '../ir/graph';
import { Graph } from '../ir/graph';
import { compile } from './compile';

const SHAPE = [2, 3] as const;
const SIZE = 6;

/** An op on tensors of one shape: on the GPU, and on numbers. */
interface Step {
  record(a: Tensor, b: Tensor): Tensor;
  compute(a: readonly number[], b: readonly number[]): number[];
}

const STEPS: Record<string, Step> = {
  tanh: { record: (a) => tanh(a), compute: (a) => a.map(Math.tanh) },
  sigmoid: { record: (a) => sigmoid(a), compute: (a) => a.map((v) => 1 / (1 + Math.exp(-v))) },
  add: { record: (a, b) => add(a, b), compute: (a, b) => a.map((v, i) => v + b[i]) },
  mul: { record: (a, b) => mul(a, b), compute: (a, b) => a.map((v, i) => v * b[i]) },
  flip: { record: (a) => flip(a, { dims: [0, 1] }), compute: (a) => [...a].reverse() },
  view: { record: (a) => reshape(reshape(a, { shape: [6] }), { shape: [...SHAPE] }), compute: (a) => [...a] },
  turn: {
    record: (a) => reshape(permute(a, { dims: [1, 0] }), { shape: [...SHAPE] }),
    compute: (a) => [0, 3, 1, 4, 2, 5].map((i) => a[i]),
  },
  mix: {
    record: (a, b) =>
      cat([narrow(a, { dim: 1, start: 1, length: 2 }), narrow(b, { dim: 1, start: 0, length: 1 })], {
        dim: 1,
      }),
    compute: (a, b) => [a[1], a[2], b[0], a[4], a[5], b[3]],
  },
  swap: {
    record: (a) => cat(split(a, { splitSizeOrSections: 1 }).reverse()),
    compute: (a) => [...a.slice(3), ...a.slice(0, 3)],
  },
};

/** One line of a random program: an op on two earlier tensors, counted back from the end. */
type Line = [op: string, a: number, b: number];

const programs = fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(3), fc.nat(6)), {
  minLength: 1,
  maxLength: 14,
});

/** Runs a program on anything; returns all its values, inputs first. */
function trace<T>(program: readonly Line[], inputs: T[], apply: (op: string, a: T, b: T) => T): T[] {
  const all = [...inputs];
  for (const [op, a, b] of program)
    all.push(apply(op, all.at(-1 - (a % all.length))!, all.at(-1 - (b % all.length))!));
  return all;
}

const interpret = (program: readonly Line[], inputs: number[][]) =>
  trace(program, inputs, (op, a, b) => STEPS[op].compute(a, b));

const inputsOf = () => [
  Array.from({ length: SIZE }, (_, i) => Math.fround(Math.sin(i + 1))),
  Array.from({ length: SIZE }, (_, i) => Math.fround(Math.cos(2 * i))),
];
const WEIGHTS = [1, -0.5, 2, 0.25, -1, 1.5];

/** Gradient of the weighted sum of the last value with respect to value number `index`, by central differences. */
function differences(program: readonly Line[], index: number): number[] {
  const step = 1e-6;
  return Array.from({ length: SIZE }, (_, i) => {
    const at = (by: number) => {
      let number = 2;
      const moved = (value: number[], position: number) =>
        position === index ? value.map((v, k) => (k === i ? v + by : v)) : value;
      const inputs = inputsOf().map(moved);
      const values = trace(program, inputs, (op, a, b) => moved(STEPS[op].compute(a, b), number++));
      return values.at(-1)!.reduce((total, v, k) => total + v * WEIGHTS[k], 0);
    };
    return (at(step) - at(-step)) / (2 * step);
  });
}

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('random graphs', () => {
  it('have the values and gradients of the interpreter', async () => {
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(14), async (program, extra) => {
        const graph = new Graph();
        const leaves = ['p', 'q'].map((name) => graph.input(name, SHAPE));
        const tensors = trace(program, leaves, (op, a, b) => STEPS[op].record(a, b));
        const dy = graph.constant(Float32Array.from(WEIGHTS), SHAPE);
        // A gradient of some tensor in the middle must survive although others are added to it.
        const middle = tensors[extra % tensors.length];
        const [dp, dq, dm] = gradients([tensors.at(-1)!], [dy], [...leaves, middle]);
        const found = { dp, dq, dm };
        const wanted: Record<string, Tensor> = { y: tensors.at(-1)!, m: middle };
        for (const [name, tensor] of Object.entries(found)) if (tensor) wanted[name] = tensor;
        const plan = await compile(device, graph, { outputs: wanted });
        try {
          const inputs = inputsOf();
          plan.write('p', Float32Array.from(inputs[0]));
          plan.write('q', Float32Array.from(inputs[1]));
          plan.run();
          const values = interpret(program, inputs);
          await compare(plan.read('y'), values.at(-1)!);
          await compare(plan.read('m'), values[extra % values.length]);
          for (const [i, name] of (['dp', 'dq'] as const).entries()) {
            const expected = differences(program, i);
            if (found[name]) await compare(plan.read(name), expected);
            else expect(expected.every((v) => v === 0)).toBe(true);
          }
          if (dm) {
            await compare(plan.read('dm'), differences(program, extra % tensors.length));
          }
        } finally {
          plan.destroy();
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

async function compare(got: Promise<Float32Array | Int32Array>, want: readonly number[]): Promise<void> {
  const scale = Math.max(1, ...want.map(Math.abs));
  (await got).forEach((value, i) => {
    expect(Math.abs(value - want[i]) / scale).toBeLessThan(1e-4);
  });
}

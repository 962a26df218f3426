/**
 * Numbers, booleans and nested arrays where a tensor may stand: types, values and gradients as in PyTorch, the same
 * bits in a second run, and no dispatch more than with tensors.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../src/gpu/device';
import { gradients } from '../src/graph/compiler/autodiff';
import { removeDead } from '../src/graph/compiler/dead-code';
import { lower } from '../src/graph/compiler/lower';
import { Graph, type Operand, type Tensor } from '../src/graph/ir/op';
import type { DType } from '../src/graph/ir/variable';
import { type HostInputs, runGraph } from '../src/graph/runtime/run-graph';
import * as ops from '../src/ops';
import { ops as registry } from '../src/ops/registry';
import goldens from './goldens/fixtures/models/scalars.json';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

interface Golden {
  op: string;
  args: (number | boolean | number[] | number[][] | { dtype: DType; data: number[] })[];
  dtype: DType;
  shape: number[];
  y: (number | string)[];
  gradients?: ((number | string)[] | null)[];
}

const numbersOf = (values: (number | string)[]) => values.map(Number);
const isTensor = (arg: Golden['args'][number]): arg is { dtype: DType; data: number[] } =>
  typeof arg === 'object' && 'dtype' in arg;

/** Records a case in a graph whose inputs are its tensors. */
function record({ op, args }: Golden) {
  const inputs: HostInputs = {};
  args.forEach((arg, i) => {
    if (!isTensor(arg)) return;
    const data = arg.dtype === 'i32' ? Int32Array.from(arg.data) : Float32Array.from(arg.data);
    inputs[`a${i}`] = { shape: [arg.data.length], dtype: arg.dtype, data };
  });
  const info = registry.get(op)!;
  const compute = (tensors: Record<string, Tensor>) => {
    const operands = args.map((arg, i) => (isTensor(arg) ? tensors[`a${i}`] : arg)) as Operand[];
    const byName = info.inputs.map(({ name }, i) => [name, operands[i]] as const);
    const byPosition = (ops as unknown as Record<string, (...args: Operand[]) => Tensor>)[op];
    const y = byPosition(...operands);
    expect(info.call(Object.fromEntries(byName)).y).toMatchObject({ shape: y.shape, dtype: y.dtype });
    return { y };
  };
  return { inputs, compute };
}

describe('numbers and nested arrays give what PyTorch gives', () => {
  const cases = goldens as unknown as Golden[];
  it.each([...new Set(cases.map(({ op }) => op))])('%s', async (op) => {
    for (const golden of cases.filter((entry) => entry.op === op)) {
      const label = JSON.stringify(golden.args);
      const { inputs, compute } = record(golden);
      const graph = new Graph();
      const made = Object.entries(inputs).map(([name, { shape, dtype }]) => graph.input(name, shape, dtype));
      const { y } = compute(Object.fromEntries(made.map((tensor, i) => [Object.keys(inputs)[i], tensor])));
      expect(`${label} ${y.dtype}`).toBe(`${label} ${golden.dtype}`);
      if (made.some(({ dtype }) => dtype === 'f16') && !device.features.f16) continue;
      const wrt = Object.keys(inputs).filter((_, i) => golden.gradients?.[i]);
      const ones = { y: { shape: golden.shape, data: new Float32Array(y.size).fill(1) } };
      const run = () => runGraph(device, inputs, compute, wrt.length ? { gradOutputs: ones, wrt } : {});
      const first = await run();
      const tolerance = golden.dtype === 'f16' ? 2e-3 : 1e-5;
      expectClose(label, first.outputs.y.data, numbersOf(golden.y), tolerance);
      for (const name of wrt) {
        const expected = numbersOf(golden.gradients![Number(name.slice(1))]!);
        expectClose(`gradient of ${name} in ${label}`, first.gradInputs[name].data, expected, tolerance);
      }
      const second = await run();
      expect(second.outputs.y.data).toEqual(first.outputs.y.data);
      for (const name of wrt) expect(second.gradInputs[name].data).toEqual(first.gradInputs[name].data);
    }
  });
});

function expectClose(label: string, got: ArrayLike<number>, expected: number[], tolerance: number) {
  expect(got.length, label).toBe(expected.length);
  expected.forEach((value, i) => {
    const same =
      Object.is(got[i], value) || Math.abs(got[i] - value) <= tolerance * Math.max(1, Math.abs(value));
    expect(same, `${label} [${i}]: ${got[i]}, expected ${value}`).toBe(true);
  });
}

describe('a number', () => {
  const dispatches = (dtype: DType, compute: (x: Tensor) => Tensor, backward = false) => {
    const graph = new Graph();
    const x = graph.input('x', [6], dtype);
    const y = compute(x);
    const wanted = backward ? gradients([y], [graph.input('dy', y.shape)], [x]) : [y];
    const kept = new Set(wanted.map((tensor) => tensor!.storage));
    return removeDead(lower(graph.nodes, graph, device), kept).length;
  };

  it.each<[string, DType, (x: Tensor) => Tensor]>([
    ['mul', 'f32', (x) => ops.mul(x, 0.5)],
    ['sub', 'f32', (x) => ops.sub(1, x)],
    ['add', 'i32', (x) => ops.add(x, 2)],
    ['div', 'bool', (x) => ops.div(x, 2)],
    ['eq', 'bool', (x) => ops.eq(x, 1)],
    ['gt', 'i32', (x) => ops.gt(x, 3)],
    ['where', 'f32', (x) => ops.where(ops.gt(x, 0), x, 0)],
  ])('takes no dispatch of its own: %s of %s', (name, dtype, compute) => {
    expect(dispatches(dtype, compute)).toBe(name === 'where' ? 2 : 1);
  });

  it('takes no dispatch where it has to be converted', () => {
    // One converts x, as for any quotient of whole numbers.
    expect(dispatches('i32', (x) => ops.div(x, 2))).toBe(2);
  });

  it('takes one dispatch at most in the backward', () => {
    expect(dispatches('f32', (x) => ops.mul(x, 0.5), true)).toBe(1);
    expect(dispatches('f32', (x) => ops.pow(x, 2), true)).toBe(1);
    expect(dispatches('f32', (x) => ops.add(2, x), true)).toBe(0);
  });

  it('is uploaded once, however often it is used', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    ops.add(ops.mul(x, 0.5), ops.mul(x, 0.5));
    const constants = graph.nodes.map(({ inputs }) => inputs.other).filter((v) => !(v as Tensor).node);
    expect(new Set(constants).size).toBe(1);
  });
});

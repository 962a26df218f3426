/** What the cases of the reference references do not show of lstm, gru and rnn: larger sizes, dispatches, dropout, errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { type HostInputs, runGraph } from '../../graph/runtime/run-graph';
import * as nn from '../../nn';
import { runCase } from '../../reference/conformance';
import { references } from '../../reference/recurrent';
import type { OpCase } from '../../reference/types';
import { cast } from '../elementwise';
import { gru, lstm, rnn } from './index';

const GATES = { lstm: 4, gru: 3, rnn: 1 };
const OPS = { lstm, gru, rnn };
const NAMES = ['lstm', 'gru', 'rnn'] as const;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Shapes of the parameters of one layer. */
function layerShapes(
  op: keyof typeof GATES,
  features: number,
  hidden: number,
  layer = 0,
): Record<string, number[]> {
  const rows = GATES[op] * hidden;
  return {
    [`weightIhL${layer}`]: [rows, features],
    [`weightHhL${layer}`]: [rows, hidden],
    [`biasIhL${layer}`]: [rows],
    [`biasHhL${layer}`]: [rows],
  };
}

/** The same for the other direction. */
const reversed = (shapes: Record<string, number[]>) =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${name}Reverse`, shape]));

describe.each(NAMES)('%s', (op) => {
  const hidden = 67;
  const small = (shapes: Record<string, number[]>): OpCase['inputs'] =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, { shape, fill: 'uniform', range: [-0.1, 0.1] }]),
    );
  const cases: OpCase[] = [
    {
      name: 'more units and sequences than one workgroup takes',
      attrs: { hiddenSize: hidden },
      inputs: { x: [2, 6, 3], h0: [1, 6, hidden], ...small(layerShapes(op, 3, hidden)) },
    },
  ];
  it.each(cases.map((opCase, index) => [opCase.name, index] as const))('%s', async (_, index) => {
    const result = await runCase(device, OPS[op].info, { ...references[op], cases }, index);
    expect(result.message).toBeUndefined();
  });

  it('takes lengths out of range that the GPU computed as 0 and T', async () => {
    const shapes = { x: [2, 3, 4], h0: [2, 3, 3], dy: [2, 3, 6], dhn: [2, 3, 3] };
    const parameters = { ...layerShapes(op, 4, 3), ...reversed(layerShapes(op, 4, 3)) };
    const inputs: HostInputs = Object.fromEntries(
      Object.entries({ ...shapes, ...parameters }).map(([name, shape]) => [name, values(shape)]),
    );
    const { dy, dhn, ...own } = inputs;
    const run = (lengths: number[]) =>
      runGraph(
        device,
        { ...own, lengths: { shape: [3], dtype: 'f32', data: Float32Array.from(lengths) } },
        (tensors, graph) => {
          const computed = cast(tensors.lengths, { dtype: 'i32' });
          const attrs = { hiddenSize: 3, bidirectional: true };
          const { y, hn } = OPS[op].info.call({ ...tensors, lengths: computed }, attrs, graph);
          return { y, hn };
        },
        { training: true, gradOutputs: { y: dy, hn: dhn }, wrt: Object.keys(own) },
      );
    const [beyond, clamped] = [await run([-3, 1000, 1]), await run([0, 2, 1])];
    expect(beyond).toEqual(clamped);
    expect(clamped.outputs.hn.data.slice(0, 3)).toEqual(inputs.h0.data.slice(0, 3));
    for (const { data } of [clamped.outputs.y, ...Object.values(clamped.gradInputs)]) {
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it('takes one dispatch per step forward and one backward', async () => {
    const dispatches = async (T: number, backward: boolean) => {
      const graph = new Graph({ training: true });
      const shapes = { x: [T, 2, 3], ...layerShapes(op, 3, 5) };
      const tensors = Object.fromEntries(
        Object.entries(shapes).map(([n, shape]) => [n, graph.input(n, shape)]),
      );
      const { y } = OPS[op].info.call(tensors, { hiddenSize: 5 }, graph);
      const found = backward ? gradients([y], [graph.input('dy', y.shape)], Object.values(tensors)) : [];
      const outputs = Object.fromEntries(found.map((gradient, i) => [`gradient ${i}`, gradient!]));
      const plan = await compile(device, graph, { outputs: { y, ...outputs } });
      plan.destroy();
      return plan.statistics.dispatches;
    };
    expect((await dispatches(20, false)) - (await dispatches(10, false))).toBe(10);
    expect((await dispatches(20, true)) - (await dispatches(10, true))).toBe(20);
  });

  it('drops between layers in training only', async () => {
    const shapes = { x: [2, 3, 4], ...layerShapes(op, 4, 4, 0), ...layerShapes(op, 4, 4, 1) };
    const inputs: HostInputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, values(shape)]),
    );
    const run = async (training: boolean, dropout: number) => {
      const attrs = { hiddenSize: 4, numLayers: 2, dropout };
      const compute = (tensors: object, graph: Graph) => ({
        y: OPS[op].info.call({ ...tensors }, attrs, graph).y,
      });
      return (await runGraph(device, inputs, compute, { training, seed: 5 })).outputs.y.data;
    };
    const plain = await run(true, 0);
    expect(await run(false, 0.5)).toEqual(plain);
    expect(await run(true, 0.5)).not.toEqual(plain);
  });
});

describe('dropout between layers', () => {
  const shapes = { x: [2, 3, 4], ...layerShapes('lstm', 4, 4, 0), ...layerShapes('lstm', 4, 4, 1) };
  const inputs: HostInputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, values(shape)]),
  );
  const run = (x: HostInputs[string], seed: number) =>
    runGraph(
      device,
      { ...inputs, x },
      (tensors, graph) => ({
        y: lstm.info.call({ ...tensors }, { hiddenSize: 4, numLayers: 2, dropout: 0.5 }, graph).y,
      }),
      { training: true, seed, gradOutputs: { y: values([2, 3, 4]) }, wrt: ['x'] },
    );

  it('is the same for the same seed only', async () => {
    const [a, b, c] = [await run(inputs.x, 1), await run(inputs.x, 1), await run(inputs.x, 2)];
    expect(a.outputs.y.data).toEqual(b.outputs.y.data);
    expect(a.gradInputs.x.data).toEqual(b.gradInputs.x.data);
    expect(a.outputs.y.data).not.toEqual(c.outputs.y.data);
  });

  it('has the gradient of what it drops', async () => {
    const direction = values([2, 3, 4]).data.map((value, i) => (i % 3 === 0 ? value : -value));
    const step = 0.01;
    const at = async (size: number) => {
      const moved = Float32Array.from(inputs.x.data, (value, i) => value + size * direction[i]);
      const { outputs } = await run({ ...inputs.x, data: moved }, 7);
      return Float32Array.from(outputs.y.data).reduce(
        (sum, value, i) => sum + value * values([2, 3, 4]).data[i],
        0,
      );
    };
    const slope = ((await at(step)) - (await at(-step))) / (2 * step);
    const { gradInputs } = await run(inputs.x, 7);
    const want = Float32Array.from(gradInputs.x.data).reduce(
      (sum, value, i) => sum + value * direction[i],
      0,
    );
    expect(slope).toBeCloseTo(want, 2);
  });
});

describe('errors', () => {
  const record = (changes: Record<string, number[] | undefined>, attrs = {}) => {
    const graph = new Graph();
    const shapes: Record<string, number[] | undefined> = {
      x: [3, 2, 4],
      ...layerShapes('lstm', 4, 5),
      ...changes,
    };
    const tensors = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, shape && graph.input(name, shape)]),
    );
    return () => lstm.info.call(tensors, { hiddenSize: 5, ...attrs }, graph);
  };

  it.each([
    [[3, 0], /lstm: length of sequence 1 is 0; expected 1 to 3/],
    [[4, 3], /lstm: length of sequence 0 is 4; expected 1 to 3, the number of time steps of x/],
    [[-1, 3], /lstm: length of sequence 0 is -1/],
  ])('refuses the lengths %j', async (given, message) => {
    const shapes = { x: [3, 2, 4], ...layerShapes('lstm', 4, 5) };
    const inputs: HostInputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, values(shape)]),
    );
    const data = Int32Array.from(given);
    const call = (tensors: object, graph: Graph) => {
      const { y } = lstm.info.call({ ...tensors }, { hiddenSize: 5 }, graph);
      return { y };
    };
    const written = { ...inputs, lengths: { shape: [2], dtype: 'i32', data } as const };
    await expect(runGraph(device, written, call)).rejects.toThrow(message);
    const constant = (tensors: object, graph: Graph) =>
      call({ ...tensors, lengths: graph.constant(data, [2]) }, graph);
    await expect(runGraph(device, inputs, constant)).rejects.toThrow(message);
  });

  it('of a module take plain numbers', () => {
    const graph = new Graph();
    const x = graph.input('x', [3, 2, 4]);
    const module = new nn.LSTM(4, 5);
    expect(module.forward(x, { lengths: [3, 1] }).y.shape).toEqual([3, 2, 5]);
    expect(() => module.forward(x, { lengths: [3, 0] })).toThrow(/length of sequence 1 is 0/);
    expect(() => module.forward(x, { lengths: [3, 1.5] })).toThrow(/1.5; expected whole numbers/);
    expect(() => module.forward(x, { lengths: [3] })).toThrow(/lengths is .*one length per sequence/);
  });

  it('names the argument whose shape is wrong', () => {
    expect(record({})).not.toThrow();
    expect(record({ x: [0, 2, 4] })).toThrow(/x is .*at least one time step/);
    expect(record({ x: [4] })).toThrow(/x is .*\[time, batch, features\]/);
    expect(record({ weightIhL0: [15, 4] })).toThrow(/weightIhL0 is .*\[20, 4\].*4 \* hidden/);
    expect(record({ h0: [2, 2, 5] })).toThrow(/h0 is .*\[1, 2, 5\]/);
    expect(record({}, { bidirectional: true })).toThrow(/weightIhL0Reverse is missing/);
    expect(record({}, { projSize: 2 })).toThrow(/weightHrL0 is missing/);
    expect(record({ weightHrL0: [2, 5] }, { projSize: 2 })).toThrow(
      /weightHhL0 is .*\[20, 2\].*4 \* hidden, projection/,
    );
    expect(record({ weightHrL0: [5, 5] }, { projSize: 5 })).toThrow(/projSize is 5; expected less than/);
    const both = { projSize: 2, recurrentDropout: 0.1 };
    expect(record({ weightHrL0: [2, 5], weightHhL0: [20, 2] }, both)).toThrow(/one of the two/);
    expect(record({ weightIhL1: [20, 5] })).toThrow(/weightIhL1.*Did you mean weightIhL0/);
  });
});

/** Values that look random and are the same on every run. */
function values(shape: number[]) {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1)));
  return { shape, dtype: 'f32' as const, data };
}

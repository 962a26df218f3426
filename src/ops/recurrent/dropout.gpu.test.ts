/** What is dropped in lstm, gru and rnn: the state in the recurrent product, and the outputs between layers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { type HostInputs, runGraph } from '../../graph/runtime/run-graph';
import { philox4x32 } from '../../random';
import { referenceGradients, type SampledGradient } from '../../reference/check';
import { references } from '../../reference/recurrent';
import { recurrentCase, type Setup } from '../../reference/recurrent.cases';
import type { NdArray } from '../../reference/types';
import { makeGradOutputs, makeInputs } from '../../synthetic';
import { gru, lstm, rnn } from './index';

const GATES = { lstm: 4, gru: 3, rnn: 1 };
const OPS = { lstm, gru, rnn };
const NAMES = ['lstm', 'gru', 'rnn'] as const;
const SEED = 11;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** The mask that a node draws for N sequences of H units. */
function drawnMask(node: number, [N, H]: number[], p: number): NdArray {
  const words = Array.from({ length: Math.ceil((N * H) / 4) }, (_, quad) =>
    philox4x32([SEED, 0], [quad, 0, node, 0]),
  ).flat();
  const kept = words.slice(0, N * H).map((word) => word >= Math.round(p * 2 ** 32));
  return { shape: [N, H], data: Float64Array.from(kept, (keep) => (keep ? 1 / (1 - p) : 0)) };
}

const host = (inputs: Record<string, NdArray>): HostInputs =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) =>
      name === 'lengths'
        ? [name, { shape, dtype: 'i32', data: Int32Array.from(data) }]
        : [name, { shape, dtype: 'f32', data: Float32Array.from(data) }],
    ),
  );

const setups: Omit<Setup, 'gates'>[] = [
  { T: 4, N: 3, hidden: 4 },
  { T: 4, N: 3, hidden: 5, states: true, name: 'states, units that no vector holds' },
  { T: 1, N: 5, hidden: 8, states: true, name: 'one step, many sequences' },
  {
    ...{ T: 4, N: 3, hidden: 4, layers: 2, bidirectional: true, batchFirst: true, states: true },
    ...{ lengths: [4, 2, 1], name: 'lengths, two layers, two directions' },
  },
];

describe.each(NAMES)('recurrent dropout of %s', (op) => {
  it.each(setups.map((setup, i) => [setup.name ?? 'plain', i] as const))('%s', async (_, index) => {
    const p = 0.4;
    const plain = recurrentCase({ ...setups[index], gates: GATES[op] });
    const { hidden = 4, N = 2, layers = 1, bidirectional } = setups[index];
    const { inputs, differentiable } = makeInputs(plain, index);
    const arrays = inputs as Record<string, NdArray>;
    const reference = references[op];
    const outputs = reference.forward(arrays, plain.attrs, { training: true });
    const gradOutputs = makeGradOutputs(outputs, index);
    let nodes: number[] = [];
    const got = await runGraph(
      device,
      host(arrays),
      (tensors, graph) => {
        const given = OPS[op].info.call({ ...tensors }, { ...plain.attrs, recurrentDropout: p }, graph);
        nodes = graph.nodes.filter((node) => node.op.name === `${op}Sequence`).map((node) => node.index);
        return given;
      },
      { training: true, seed: SEED, gradOutputs: host(gradOutputs), wrt: differentiable },
    );
    const places = Array.from({ length: layers }, (_, layer) =>
      bidirectional ? [`${layer}`, `${layer}Reverse`] : [`${layer}`],
    ).flat();
    expect(nodes).toHaveLength(places.length);
    const masks = Object.fromEntries(
      places.map((place, i) => [`maskL${place}`, drawnMask(nodes[i], [N, hidden], p)]),
    );
    const masked = { ...arrays, ...masks };
    const expected = reference.forward(masked, plain.attrs, { training: true });
    for (const [name, { data }] of Object.entries(expected)) {
      data.forEach((want, i) => {
        expect(got.outputs[name].data[i], `${name}[${i}]`).toBeCloseTo(want, 4);
      });
    }
    const found = referenceGradients(reference, plain, masked, gradOutputs);
    for (const name of differentiable) {
      const { indices, values } = found[name] as SampledGradient;
      indices.forEach((at, i) => {
        expect(got.gradInputs[name].data[at], `gradient of ${name}[${at}]`).toBeCloseTo(values[i], 4);
      });
    }
  });

  it('takes one dispatch per step forward and one backward', async () => {
    const dispatches = async (T: number, backward: boolean) => {
      const graph = new Graph({ training: true });
      const { inputs } = recurrentCase({ gates: GATES[op], T });
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([n, spec]) => [
          n,
          graph.input(n, Array.isArray(spec) ? (spec as number[]) : spec.shape),
        ]),
      );
      const { y } = OPS[op].info.call(tensors, { hiddenSize: 4, recurrentDropout: 0.5 }, graph);
      const found = backward ? gradients([y], [graph.input('dy', y.shape)], Object.values(tensors)) : [];
      const outputs = Object.fromEntries(found.map((gradient, i) => [`gradient ${i}`, gradient!]));
      const plan = await compile(device, graph, { outputs: { y, ...outputs } });
      plan.destroy();
      return plan.statistics.dispatches;
    };
    expect((await dispatches(20, false)) - (await dispatches(10, false))).toBe(10);
    expect((await dispatches(20, true)) - (await dispatches(10, true))).toBe(20);
  });

  it('drops nothing in evaluation, everything with p = 1', async () => {
    const { inputs } = makeInputs(recurrentCase({ gates: GATES[op], T: 3, states: true }), 1);
    const arrays = inputs as Record<string, NdArray>;
    const run = async (recurrentDropout: number, training: boolean, given = arrays) => {
      const compute = (tensors: object, graph: Graph) => ({
        y: OPS[op].info.call({ ...tensors }, { hiddenSize: 4, recurrentDropout }, graph).y,
      });
      return (await runGraph(device, host(given), compute, { training, seed: SEED })).outputs.y.data;
    };
    expect(await run(0.5, false)).toEqual(await run(0, true));
    const { weightHhL0 } = arrays;
    const cut = { ...arrays, weightHhL0: { ...weightHhL0, data: weightHhL0.data.map(() => 0) } };
    expect(await run(1, true)).toEqual(await run(0, true, cut));
  });
});

describe('dropout between layers', () => {
  // The second layer lets through what it gets: its first weight is the identity, and nothing saturates.
  const [T, N, H, p] = [20, 25, 16, 0.25];
  const identity = Float32Array.from({ length: H * H }, (_, i) => Number(i % (H + 1) === 0));
  const kept = async (training: boolean, seed: number) => {
    const compute = (x: object, graph: Graph) => {
      const { y } = rnn.info.call(
        { ...x },
        { hiddenSize: H, numLayers: 2, dropout: p, nonlinearity: 'relu' },
        graph,
      );
      return { y };
    };
    const zero = { shape: [H], dtype: 'f32', data: new Float32Array(H) } as const;
    const inputs: HostInputs = {
      x: { shape: [T, N, H], dtype: 'f32', data: new Float32Array(T * N * H).fill(1) },
    };
    for (const layer of [0, 1]) {
      inputs[`weightIhL${layer}`] = { shape: [H, H], dtype: 'f32', data: identity };
      inputs[`weightHhL${layer}`] = { shape: [H, H], dtype: 'f32', data: new Float32Array(H * H) };
      inputs[`biasIhL${layer}`] = zero;
      inputs[`biasHhL${layer}`] = zero;
    }
    return Array.from((await runGraph(device, inputs, compute, { training, seed })).outputs.y.data);
  };

  it('drops at its rate and scales the rest', async () => {
    const y = await kept(true, 1);
    for (const value of y) if (value !== 0) expect(value).toBeCloseTo(1 / (1 - p), 5);
    const share = y.filter((value) => value !== 0).length / y.length;
    expect(Math.abs(share - (1 - p))).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / y.length));
    expect(await kept(true, 2)).not.toEqual(y);
    expect(await kept(false, 1)).toEqual(y.map(() => 1));
    expect(await kept(false, 2)).toEqual(y.map(() => 1));
  });
});

/** The cases on which lstm, gru and rnn are tested: states, layers, directions, lengths, sizes of 1. */
import type { InputSpec, OpCase } from './types';

/** What distinguishes a case; the shapes of all inputs follow from it. */
export interface Setup {
  name?: string;
  /** Gates times hidden size is the number of rows of a weight: 4 for lstm, 3 for gru, 1 for rnn. */
  gates: number;
  T?: number;
  N?: number;
  features?: number;
  hidden?: number;
  layers?: number;
  bidirectional?: boolean;
  batchFirst?: boolean;
  bias?: boolean;
  /** With h0 (and c0 for an lstm). */
  states?: boolean;
  /** Number of steps of each sequence. */
  lengths?: number[];
  /** x is [T, features], without a batch dim. */
  unbatched?: boolean;
  nonlinearity?: 'tanh' | 'relu';
  /** Features of the state of an lstm that projects it. */
  proj?: number;
}

/** The case of a setup: shapes of all inputs, names of the weights. */
export function recurrentCase(setup: Setup): OpCase {
  const { gates, T = 5, N = 2, features = 3, hidden = 4, layers = 1, bidirectional, batchFirst } = setup;
  const { bias = true, states, lengths, unbatched, nonlinearity, proj } = setup;
  const stateSize = proj ?? hidden;
  const directions = bidirectional ? ['', 'Reverse'] : [''];
  const state = [layers * directions.length, ...(unbatched ? [] : [N])];
  // Weights of about the size that PyTorch initializes with, so that no gate saturates.
  const weight = (shape: number[]): InputSpec => ({ shape, fill: 'uniform', range: [-0.6, 0.6] });

  const batched = batchFirst ? [N, T, features] : [T, N, features];
  const inputs: OpCase['inputs'] = { x: unbatched ? [T, features] : batched };
  if (states) {
    inputs.h0 = [...state, stateSize];
    if (gates === 4) inputs.c0 = [...state, hidden];
  }
  for (let layer = 0; layer < layers; layer++) {
    for (const direction of directions) {
      const suffix = `L${layer}${direction}`;
      const width = layer === 0 ? features : stateSize * directions.length;
      inputs[`weightIh${suffix}`] = weight([gates * hidden, width]);
      inputs[`weightHh${suffix}`] = weight([gates * hidden, stateSize]);
      if (bias) {
        inputs[`biasIh${suffix}`] = weight([gates * hidden]);
        inputs[`biasHh${suffix}`] = weight([gates * hidden]);
      }
      if (proj) inputs[`weightHr${suffix}`] = weight([proj, hidden]);
    }
  }
  if (lengths) inputs.lengths = { shape: [N], dtype: 'i32', values: lengths };

  const attrs: Record<string, unknown> = { hiddenSize: hidden };
  if (layers > 1) attrs.numLayers = layers;
  if (bidirectional) attrs.bidirectional = true;
  if (batchFirst) attrs.batchFirst = true;
  if (!bias) attrs.bias = false;
  if (nonlinearity) attrs.nonlinearity = nonlinearity;
  if (proj) attrs.projSize = proj;
  return { name: setup.name, attrs, inputs };
}

/** The setups that all three ops share. */
function sharedCases(gates: number): OpCase[] {
  const setups: Omit<Setup, 'gates'>[] = [
    {},
    { name: 'one of everything', T: 1, N: 1, features: 1, hidden: 1 },
    { name: 'initial states', states: true, T: 3, N: 3, hidden: 5 },
    { name: 'no bias', bias: false, T: 4 },
    { name: 'batch first', batchFirst: true, T: 3, N: 2, states: true },
    { name: 'two layers', layers: 2, T: 4, hidden: 3, states: true },
    { name: 'two directions', bidirectional: true, T: 4, hidden: 3, states: true },
    { name: 'two layers, two directions', layers: 2, bidirectional: true, T: 3, hidden: 3 },
    { name: 'lengths', T: 5, N: 3, lengths: [3, 5, 1] },
    {
      name: 'lengths, two layers, two directions, states',
      layers: 2,
      bidirectional: true,
      batchFirst: true,
      states: true,
      T: 4,
      N: 3,
      hidden: 3,
      lengths: [2, 4, 1],
    },
    { name: 'no sequence of full length', bidirectional: true, T: 4, lengths: [2, 3], hidden: 3 },
    { name: 'one step', T: 1, N: 3, hidden: 9, states: true },
    { name: 'unbatched', unbatched: true, T: 4, states: true },
  ];
  return setups.map((setup) => recurrentCase({ ...setup, gates }));
}

/** Cases of lstm. */
export const lstmCases: OpCase[] = [
  ...sharedCases(4),
  recurrentCase({ name: 'seven steps', gates: 4, T: 7, N: 3, features: 5, hidden: 7, states: true }),
  recurrentCase({ name: 'projection', gates: 4, T: 4, N: 3, proj: 2 }),
  recurrentCase({ name: 'projection, unbatched', gates: 4, T: 3, proj: 3, states: true, unbatched: true }),
  recurrentCase({
    name: 'projection, lengths, two layers, two directions, states',
    ...{ gates: 4, T: 4, N: 3, hidden: 5, proj: 2, layers: 2, bidirectional: true, states: true },
    lengths: [4, 1, 2],
  }),
  recurrentCase({
    name: 'projection, batch first, no bias, states',
    ...{ gates: 4, T: 3, N: 2, proj: 1, bidirectional: true, batchFirst: true, bias: false, states: true },
  }),
];

/** Cases of gru. */
export const gruCases: OpCase[] = [
  ...sharedCases(3),
  recurrentCase({ name: 'seven steps', gates: 3, T: 7, N: 3, features: 5, hidden: 7, states: true }),
];

/** Cases of rnn. */
export const rnnCases: OpCase[] = [
  ...sharedCases(1),
  recurrentCase({ name: 'relu', gates: 1, T: 4, states: true, nonlinearity: 'relu' }),
  recurrentCase({
    name: 'relu, two layers',
    gates: 1,
    T: 3,
    N: 3,
    hidden: 5,
    layers: 2,
    nonlinearity: 'relu',
  }),
];

/** A step of a cell; without N a sample without a batch. */
export function cellCase({
  gates,
  N,
  features,
  hidden,
  bias,
  attrs,
}: {
  gates: number;
  N?: number;
  features: number;
  hidden: number;
  bias: boolean;
  attrs?: Record<string, unknown>;
}): OpCase {
  const of = (n: number) => (N === undefined ? [n] : [N, n]);
  const inputs: OpCase['inputs'] = { x: of(features), h: of(hidden) };
  if (gates === 4) inputs.c = of(hidden);
  inputs.weightIh = [gates * hidden, features];
  inputs.weightHh = [gates * hidden, hidden];
  if (bias) Object.assign(inputs, { biasIh: [gates * hidden], biasHh: [gates * hidden] });
  return { inputs, ...(attrs && { attrs }) };
}

/** Cases of lstmCell, gruCell and rnnCell. */
export const cellCases = (gates: number): OpCase[] => [
  cellCase({ gates, N: 3, features: 5, hidden: 4, bias: true }),
  cellCase({ gates, N: 2, features: 3, hidden: 7, bias: false }),
  cellCase({ gates, features: 3, hidden: 2, bias: true }),
  cellCase({ gates, N: 1, features: 1, hidden: 1, bias: true }),
  cellCase({ gates, N: 5, features: 8, hidden: 16, bias: true }),
];

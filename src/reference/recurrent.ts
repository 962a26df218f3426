/**
 * Float64 references of lstm, gru and rnn, one cell step at a time. Formulas, gate order and layouts are those of
 * torch.nn.LSTM, GRU and RNN. With `lengths` they follow a packed batch: a sequence ends at its length, where its
 * final state is taken and its reverse direction starts; outputs beyond it are 0. Recurrent dropout is a further input
 * per layer and direction, `maskL0` [N, hidden] and so on: what the state is multiplied by in the recurrent product.
 */
import { makeArray, reshape, swapDims } from './ndarray';
import { cellCase, cellCases, gruCases, lstmCases, rnnCases } from './recurrent.cases';
import type { NdArray, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** State of one sequence in one direction of one layer: `c` is the memory of an LSTM and unused otherwise. */
interface State {
  h: number[];
  c: number[];
}

/** The next state from the gate inputs W_ih x + b_ih and W_hh h + b_hh, each with all gates one after another. */
type Cell = (input: number[], hidden: number[], state: State) => State;

/** Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html; gates i, f, g, o. */
const lstmCell: Cell = (input, hidden, { c }) => {
  const gate = (which: number, j: number) => input[which * c.length + j] + hidden[which * c.length + j];
  const memory = c.map((old, j) => sigmoid(gate(1, j)) * old + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
  return { c: memory, h: memory.map((value, j) => sigmoid(gate(3, j)) * Math.tanh(value)) };
};

/** Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html; gates r, z, n. */
const gruCell: Cell = (input, hidden, { h, c }) => {
  const size = h.length;
  const next = h.map((old, j) => {
    const r = sigmoid(input[j] + hidden[j]);
    const z = sigmoid(input[size + j] + hidden[size + j]);
    const n = Math.tanh(input[2 * size + j] + r * hidden[2 * size + j]);
    return (1 - z) * n + z * old;
  });
  return { h: next, c };
};

/** Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html. */
const rnnCell =
  (activation: (x: number) => number): Cell =>
  (input, hidden, { h, c }) => ({ h: h.map((_, j) => activation(input[j] + hidden[j])), c });

/** weight [rows, columns] times vector plus bias. */
function affine(weight: NdArray, vector: ArrayLike<number>, bias: NdArray | undefined): number[] {
  const [rows, columns] = weight.shape;
  return Array.from({ length: rows }, (_, i) => {
    let sum = bias ? bias.data[i] : 0;
    for (let j = 0; j < columns; j++) sum += weight.data[i * columns + j] * vector[j];
    return sum;
  });
}

/** Runs a stack of layers over x [T, N, C]; gives y [T, N, directions * hidden] and the final h and c. */
function runLayers(cell: Cell, inputs: Record<string, NdArray>, attrs: Attrs) {
  const { hiddenSize, numLayers = 1, bidirectional = false, projSize = 0 } = attrs;
  const stateSize = projSize || hiddenSize;
  const { h0, c0, lengths } = inputs;
  const [T, N] = inputs.x.shape;
  const directions = bidirectional ? ['', 'Reverse'] : [''];
  const hn = makeArray([numLayers * directions.length, N, stateSize]);
  const cn = makeArray([numLayers * directions.length, N, hiddenSize]);
  let x = inputs.x;

  for (let layer = 0; layer < numLayers; layer++) {
    const y = makeArray([T, N, directions.length * stateSize]);
    for (const [d, direction] of directions.entries()) {
      const parameter = (name: string) => inputs[`${name}L${layer}${direction}`];
      const mask = inputs[`maskL${layer}${direction}`];
      for (let n = 0; n < N; n++) {
        const place = (layer * directions.length + d) * N + n;
        const initial = (size: number, s?: NdArray) =>
          s ? [...s.data.subarray(place * size, (place + 1) * size)] : new Array<number>(size).fill(0);
        let state: State = { h: initial(stateSize, h0), c: initial(hiddenSize, c0) };
        const length = lengths ? lengths.data[n] : T;
        for (let step = 0; step < length; step++) {
          const t = direction === 'Reverse' ? length - 1 - step : step;
          const width = x.shape[2];
          const row = x.data.subarray((t * N + n) * width, (t * N + n + 1) * width);
          const input = affine(parameter('weightIh'), row, parameter('biasIh'));
          const kept = state.h.map((value, j) => value * (mask ? mask.data[n * hiddenSize + j] : 1));
          const hidden = affine(parameter('weightHh'), kept, parameter('biasHh'));
          state = cell(input, hidden, state);
          if (projSize) state.h = affine(parameter('weightHr'), state.h, undefined);
          y.data.set(state.h, ((t * N + n) * directions.length + d) * stateSize);
        }
        hn.data.set(state.h, place * stateSize);
        cn.data.set(state.c, place * hiddenSize);
      }
    }
    x = y;
  }
  return { y: x, hn, cn };
}

/** Brings `batchFirst` and unbatched inputs (x [T, C], h0 and c0 [layers, hidden]) to the form of `runLayers`. */
function recurrent(cell: Cell, inputs: Record<string, NdArray>, attrs: Attrs) {
  const { x, h0, c0 } = inputs;
  if (x.shape.length === 2) {
    const withBatch = (s?: NdArray) => s && reshape(s, [s.shape[0], 1, s.shape[1]]);
    const batched = { ...inputs, x: withBatch(x)!, h0: withBatch(h0)!, c0: withBatch(c0)! };
    const { y, hn, cn } = runLayers(cell, batched, attrs);
    const withoutBatch = (s: NdArray) => reshape(s, [s.shape[0], s.shape[2]]);
    return { y: withoutBatch(y), hn: withoutBatch(hn), cn: withoutBatch(cn) };
  }
  if (!attrs.batchFirst) return runLayers(cell, inputs, attrs);
  const { y, hn, cn } = runLayers(cell, { ...inputs, x: swapDims(x, 0, 1) }, attrs);
  return { y: swapDims(y, 0, 1), hn, cn };
}

/** The recurrent op without the memory output, which only lstm has. */
function withoutMemory(cell: Cell, inputs: Record<string, NdArray>, attrs: Attrs) {
  const { y, hn } = recurrent(cell, inputs, attrs);
  return { y, hn };
}

/** One step of a cell: x [N, C] or [C], h and c [N, hidden] or [hidden]. */
function oneStep(cell: Cell, { x, h, c, ...parameters }: Record<string, NdArray>) {
  const hiddenSize = h.shape.at(-1)!;
  const sequence = (s?: NdArray) => s && reshape(s, [1, s.data.length / s.shape.at(-1)!, s.shape.at(-1)!]);
  const weights = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`${name}L0`, value]));
  const inputs = { x: sequence(x)!, h0: sequence(h)!, ...(c && { c0: sequence(c)! }), ...weights };
  const { hn, cn } = runLayers(cell, inputs, { hiddenSize });
  return { hn: reshape(hn, h.shape), cn: reshape(cn, h.shape) };
}

const activationOf = ({ nonlinearity }: Attrs) =>
  nonlinearity === 'relu' ? (x: number) => Math.max(x, 0) : Math.tanh;

/** The references of the recurrent ops by canonical name. */
export const references: Record<string, Reference> = {
  lstm: { forward: (inputs, attrs) => recurrent(lstmCell, inputs, attrs), cases: lstmCases },
  gru: { forward: (inputs, attrs) => withoutMemory(gruCell, inputs, attrs), cases: gruCases },
  rnn: {
    forward: (inputs, attrs) => withoutMemory(rnnCell(activationOf(attrs)), inputs, attrs),
    cases: rnnCases,
  },
  lstmCell: { forward: (inputs) => oneStep(lstmCell, inputs), cases: cellCases(4) },
  gruCell: { forward: (inputs) => ({ hn: oneStep(gruCell, inputs).hn }), cases: cellCases(3) },
  rnnCell: {
    forward: (inputs, attrs) => ({ hn: oneStep(rnnCell(activationOf(attrs)), inputs).hn }),
    cases: [
      ...cellCases(1),
      cellCase({ gates: 1, N: 2, features: 3, hidden: 4, bias: true, attrs: { nonlinearity: 'relu' } }),
    ],
  },
};

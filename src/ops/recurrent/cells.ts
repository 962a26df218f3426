/** lstmCell, gruCell and rnnCell: one step, as a sequence of one step. */
import { formatShape, GradloomError } from '../../errors';
import type { Tensor, TensorLike } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { recurrentMultAdds } from '../rules';
import { gru } from './gru';
import { lstm } from './lstm';
import { rnn } from './rnn';

/** Weights of a cell: [gates * hidden, features], [gates * hidden, hidden] and twice [gates * hidden]. */
export interface CellWeights<T = Tensor> {
  weightIh: T;
  weightHh: T;
  biasIh?: T;
  biasHh?: T;
}

/**
 * One step of a recurrent op: x [N, features] or [features], states [N, hidden] or [hidden], zeros unless given.
 * @param op the op for sequences
 */
export function cellStep(
  name: string,
  op: typeof lstm | typeof gru | typeof rnn,
  x: Tensor,
  states: { h0?: Tensor; c0?: Tensor },
  { weightIh, weightHh, biasIh, biasHh }: CellWeights<TensorLike>,
  attrs: object = {},
): { hn: Tensor; cn?: Tensor } {
  if (x.rank !== 1 && x.rank !== 2) throw shapeError(name, 'x', x, '[N, inputSize] or [inputSize]');
  if (weightHh.shape.length !== 2) {
    throw shapeError(name, 'weightHh', weightHh.shape, '[gates * hidden, hidden]');
  }
  if ((biasIh === undefined) !== (biasHh === undefined)) {
    throw new GradloomError({
      ...{ code: 'argument', op: name, argument: biasIh ? 'biasHh' : 'biasIh', got: 'missing' },
      expected: 'both biases or neither',
    });
  }
  const hiddenSize = weightHh.shape[1];
  const shape = [...x.shape.slice(0, -1), hiddenSize];
  const sequence = (tensor: Tensor) =>
    viewAs(tensor, [1, x.rank === 2 ? x.shape[0] : 1, tensor.shape.at(-1)!]);
  const given = Object.entries(states).flatMap(([key, state]) => {
    if (!state) return [];
    if (state.shape.join() !== shape.join()) {
      throw shapeError(name, key[0], state, `${formatShape(shape)}, the hidden size of weightHh per sample`);
    }
    return [[key, sequence(state)]];
  });
  const biases = biasIh && { biasIhL0: biasIh, biasHhL0: biasHh };
  const { hn, cn } = op.info.call(
    { x: sequence(x), ...Object.fromEntries(given), weightIhL0: weightIh, weightHhL0: weightHh, ...biases },
    { hiddenSize, bias: biasIh !== undefined, ...attrs },
    x.graph,
  );
  return { hn: viewAs(hn, shape), ...(cn && { cn: viewAs(cn, shape) }) };
}

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.nn.${name}.html`;

/** One step of an LSTM. */
export const lstmCell = defineComposite({
  name: 'lstmCell',
  multAdds: recurrentMultAdds,
  doc: 'i, f, g, o = weightIh x + biasIh + weightHh h + biasHh, in that order; cn = sigmoid(f) c + sigmoid(i) tanh(g), hn = sigmoid(o) tanh(cn). x [N, features] or [features], h and c [N, hidden] or [hidden].',
  source: source('LSTMCell'),
  inputs: ['x', 'h', 'c', 'weightIh', 'weightHh', 'biasIh?', 'biasHh?'],
  outputs: ['hn', 'cn'],
  attrs: noAttrs,
  compose({ x, h, c, ...weights }) {
    return cellStep('lstmCell', lstm, x, { h0: h, c0: c }, weights) as { hn: Tensor; cn: Tensor };
  },
});

/** One step of a GRU. */
export const gruCell = defineComposite({
  name: 'gruCell',
  multAdds: recurrentMultAdds,
  doc: 'With the rows of weights and biases for r, z and n: r, z = sigmoid(weightIh x + biasIh + weightHh h + biasHh), n = tanh(weightIh x + biasIh + r (weightHh h + biasHh)), hn = (1 - z) n + z h. x [N, features] or [features], h [N, hidden] or [hidden].',
  source: source('GRUCell'),
  inputs: ['x', 'h', 'weightIh', 'weightHh', 'biasIh?', 'biasHh?'],
  outputs: ['hn'],
  attrs: noAttrs,
  compose: ({ x, h, ...weights }) => cellStep('gruCell', gru, x, { h0: h }, weights).hn,
});

/** One step of an Elman network. */
export const rnnCell = defineComposite({
  name: 'rnnCell',
  multAdds: recurrentMultAdds,
  doc: 'hn = f(weightIh x + biasIh + weightHh h + biasHh) with f = tanh or relu. x [N, features] or [features], h [N, hidden] or [hidden].',
  source: source('RNNCell'),
  inputs: ['x', 'h', 'weightIh', 'weightHh', 'biasIh?', 'biasHh?'],
  outputs: ['hn'],
  attrs: z.strictObject({ nonlinearity: z.enum(['tanh', 'relu']).default('tanh') }),
  compose: ({ x, h, ...weights }, attrs) => cellStep('rnnCell', rnn, x, { h0: h }, weights, attrs).hn,
});

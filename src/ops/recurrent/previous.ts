/** The hidden states before every step of a sequence. */
import previousGather from '../../../shaders/recurrent/previous.gather.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { statesBefore } from './decomposition';
import { type Direction, sequenceLayout } from './steps';

/** The hidden state before every step, as rows like those of y. */
export const previousStates = defineInternal({
  name: 'previousStates',
  inputs: ['y', 'h0?', 'lengths?'],
  outputs: ['previous'],
  shape: ({ y }) => ({ previous: y.shape }),
  lower({ y, h0, lengths, previous }, direction: Direction, k) {
    const { params, order } = sequenceLayout(y, y.shape.at(-1)!, direction);
    const flags = { steps: order.length, has_h: !!h0, has_lengths: !!lengths, reverse: direction.reverse };
    k.dispatch(
      previousGather,
      { y, h0: h0 ?? k.emptyBuffer, lengths: lengths ?? k.emptyBuffer },
      { previous },
      { ...params, ...flags },
      { threads: y.size },
    );
  },
  backward: throughDecomposition(
    (tensors: { y: Tensor; h0?: Tensor; lengths?: Tensor }, direction: Direction) => ({
      previous: statesBefore(tensors, direction),
    }),
  ),
});

/** rnn: one matrix product per layer and direction for the inputs, then one fused kernel per time step. */
import rnnBackwardKernel from '../../../shaders/recurrent/rnn.backward.wgsl';
import rnnForward from '../../../shaders/recurrent/rnn.forward.wgsl';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { recurrentMultAdds } from '../rules';
import { type Cell, LENGTHS_DOC, parameterNames, recurrentAttrs, runLayers } from './layers';
import {
  backwardSteps,
  copyInto,
  type Direction,
  type DrawnDirection,
  droppedStates,
  launchOf,
  pingPong,
  previousStates,
  recurrentWeightGradient,
  stateShape,
  walkOver,
  withWidth,
} from './steps';

interface RnnDirection extends Direction {
  nonlinearity: 'tanh' | 'relu';
}

const rnnSequence = defineInternal({
  name: 'rnnSequence',
  inputs: ['xGates', 'weightHh', 'h0?', 'lengths?'],
  outputs: ['y', 'hn'],
  shape({ xGates, weightHh }, direction: RnnDirection) {
    const hidden = weightHh.shape[1];
    return { y: withWidth(xGates, hidden), hn: stateShape(walkOver(xGates, hidden, direction)) };
  },
  lower({ xGates, weightHh, h0, lengths, y, hn }, direction, k) {
    const walk = walkOver(xGates, weightHh.shape[1], direction);
    const drawn = { ...direction, node: k.nodeId };
    const { variant, size, constants, params } = launchOf(walk, k.device, drawn, lengths);
    const states = pingPong(k, walk, h0, hn, direction);
    walk.order.forEach((t, i) => {
      const { read, write, masks } = states(i);
      k.dispatch(
        rnnForward[variant],
        { x_gates: xGates, weight: weightHh, h_in: read, lengths: lengths ?? k.emptyBuffer },
        { y, h_out: write },
        { ...params, ...masks, t, has_h: i > 0 || !!h0 },
        size,
        { constants: { ...constants, RELU: Number(direction.nonlinearity === 'relu') } },
      );
    });
  },
  backward({ weightHh, h0, lengths, y, dy, dhn }, direction, needs) {
    const drawn = { ...direction, node: y.node!.index };
    const { dgates, dh0 } = rnnSequenceBackward(
      { weightHh, lengths, y, dy, dhn },
      { ...drawn, wantsState: needs.h0 },
    );
    return {
      xGates: dgates,
      weightHh: needs.weightHh
        ? recurrentWeightGradient(
            dgates,
            droppedStates(previousStates({ y, h0, lengths }, direction).previous, drawn),
          )
        : undefined,
      h0: dh0,
    };
  },
});

const rnnSequenceBackward = defineInternal({
  name: 'rnnSequenceBackward',
  inputs: ['weightHh', 'lengths?', 'y', 'dy?', 'dhn?'],
  outputs: ['dgates', 'dh0'],
  shape: ({ y }, direction: RnnDirection & DrawnDirection & { wantsState: boolean }) => ({
    dgates: y.shape,
    dh0: stateShape(walkOver(y, y.shape.at(-1)!, direction)),
  }),
  lower({ weightHh, lengths, y, dy, dhn, dgates, dh0 }, direction, k) {
    const walk = walkOver(y, weightHh.shape[1], direction);
    const { variant, size, constants, params } = launchOf(walk, k.device, direction, lengths);
    if (dhn) copyInto(k, dhn, dh0);
    for (const { carried, ...step } of backwardSteps(walk.order, direction.wantsState)) {
      k.dispatch(
        rnnBackwardKernel[variant],
        { y, weight: weightHh, lengths: lengths ?? k.emptyBuffer, dy: dy ?? k.emptyBuffer },
        { dgates, dh: dh0 },
        { ...params, ...step, has_dy: !!dy, has_dh: carried || !!dhn },
        size,
        { constants: { ...constants, RELU: Number(direction.nonlinearity === 'relu') } },
      );
    }
  },
});

const cellOf = (nonlinearity: 'tanh' | 'relu'): Cell => ({
  op: 'rnn',
  gates: 1,
  joinsBiases: true,
  sequence: ({ xGates, weightHh, h0, lengths }, direction) =>
    rnnSequence({ xGates, weightHh, h0, lengths }, { ...direction, nonlinearity }),
});

/** Plain (Elman) recurrent network over whole sequences. */
export const rnn = defineComposite({
  name: 'rnn',
  multAdds: recurrentMultAdds,
  doc: `Elman network. Per step: h' = nonlinearity(W_ih x + b_ih + W_hh h + b_hh).${LENGTHS_DOC}`,
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.RNN.html',
  inputs: ['x', 'h0?', 'lengths?'],
  dtypes: { lengths: 'i32' },
  outputs: ['y', 'hn'],
  attrs: recurrentAttrs.extend({ nonlinearity: z.enum(['tanh', 'relu']).default('tanh') }),
  moreInputs: parameterNames,
  compose(inputs, { nonlinearity, ...attrs }) {
    const { y, hn } = runLayers(cellOf(nonlinearity), inputs, attrs);
    return { y, hn };
  },
});

/** gru: one matrix product per layer and direction for the inputs, then one fused kernel per time step. */
import gruBackwardKernel from '../../../shaders/recurrent/gru.backward.wgsl';
import gruForward from '../../../shaders/recurrent/gru.forward.wgsl';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import { sumTo } from '../reduce';
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

const gruSequence = defineInternal({
  name: 'gruSequence',
  inputs: ['xGates', 'weightHh', 'biasHh?', 'h0?', 'lengths?'],
  outputs: ['y', 'hn', 'saved'],
  shape({ xGates, weightHh }, direction: Direction) {
    const hidden = weightHh.shape[1];
    const hn = stateShape(walkOver(xGates, hidden, direction));
    return { y: withWidth(xGates, hidden), hn, saved: withWidth(xGates, 4 * hidden) };
  },
  lower({ xGates, weightHh, biasHh, h0, lengths, y, hn, saved }, direction, k) {
    const walk = walkOver(xGates, weightHh.shape[1], direction);
    const drawn = { ...direction, node: k.nodeId };
    const { variant, size, constants, params } = launchOf(walk, k.device, drawn, lengths);
    const states = pingPong(k, walk, h0, hn, direction);
    const given = { has_bias: !!biasHh };
    walk.order.forEach((t, i) => {
      const { read, write, masks } = states(i);
      k.dispatch(
        gruForward[variant],
        {
          x_gates: xGates,
          weight: weightHh,
          bias: biasHh ?? k.emptyBuffer,
          h_in: read,
          lengths: lengths ?? k.emptyBuffer,
        },
        { y, saved, h_out: write },
        { ...params, ...masks, ...given, t, has_h: i > 0 || !!h0 },
        size,
        { constants },
      );
    });
  },
  backward({ weightHh, biasHh, h0, lengths, y, saved, dy, dhn }, direction, needs) {
    const drawn = { ...direction, node: y.node!.index };
    const { previous } = previousStates({ y, h0, lengths }, direction);
    const { dgates, dhidden, dh0 } = gruSequenceBackward(
      { weightHh, lengths, saved, previous, dy, dhn },
      { ...drawn, wantsState: needs.h0 },
    );
    return {
      xGates: dgates,
      weightHh: needs.weightHh ? recurrentWeightGradient(dhidden, droppedStates(previous, drawn)) : undefined,
      biasHh: biasHh && needs.biasHh ? sumTo(dhidden, biasHh.shape) : undefined,
      h0: dh0,
    };
  },
});

const gruSequenceBackward = defineInternal({
  name: 'gruSequenceBackward',
  inputs: ['weightHh', 'lengths?', 'saved', 'previous', 'dy?', 'dhn?'],
  outputs: ['dgates', 'dhidden', 'dh0'],
  shape({ saved, weightHh }, direction: DrawnDirection & { wantsState: boolean }) {
    const hidden = weightHh.shape[1];
    const gates = withWidth(saved, 3 * hidden);
    return { dgates: gates, dhidden: gates, dh0: stateShape(walkOver(saved, hidden, direction)) };
  },
  lower({ weightHh, lengths, saved, previous, dy, dhn, dgates, dhidden, dh0 }, direction, k) {
    const walk = walkOver(saved, weightHh.shape[1], direction);
    const { variant, size, constants, params } = launchOf(walk, k.device, direction, lengths);
    if (dhn) copyInto(k, dhn, dh0);
    for (const { carried, ...step } of backwardSteps(walk.order, direction.wantsState)) {
      k.dispatch(
        gruBackwardKernel[variant],
        { saved, previous, weight: weightHh, lengths: lengths ?? k.emptyBuffer, dy: dy ?? k.emptyBuffer },
        { dgates, dhidden, dh: dh0 },
        { ...params, ...step, has_dy: !!dy, has_dh: carried || !!dhn },
        size,
        { constants },
      );
    }
  },
});

const cell: Cell = {
  op: 'gru',
  gates: 3,
  joinsBiases: false,
  sequence: ({ xGates, weightHh, biasHh, h0, lengths }, direction) =>
    gruSequence({ xGates, weightHh, biasHh, h0, lengths }, direction),
};

/** Gated recurrent units over whole sequences. */
export const gru = defineComposite({
  name: 'gru',
  multAdds: recurrentMultAdds,
  doc:
    'Gated recurrent unit. Per step: r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh), ' +
    "n = tanh(W_ih x + b_ih + r (W_hh h + b_hh)), h' = (1 - z) n + z h; gates are stored in the order r, z, n." +
    LENGTHS_DOC,
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.GRU.html',
  inputs: ['x', 'h0?', 'lengths?'],
  dtypes: { lengths: 'i32' },
  outputs: ['y', 'hn'],
  attrs: recurrentAttrs,
  moreInputs: parameterNames,
  compose(inputs, attrs) {
    const { y, hn } = runLayers(cell, inputs, attrs);
    return { y, hn };
  },
});

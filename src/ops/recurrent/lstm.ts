/** lstm: one matrix product per layer and direction for the inputs, then one fused kernel per time step. */
import lstmBackwardKernel from '../../../shaders/recurrent/lstm.backward.wgsl';
import lstmForward from '../../../shaders/recurrent/lstm.forward.wgsl';
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

const lstmSequence = defineInternal({
  name: 'lstmSequence',
  inputs: ['xGates', 'weightHh', 'h0?', 'c0?', 'lengths?'],
  outputs: ['y', 'hn', 'cn', 'saved'],
  shape({ xGates, weightHh }, direction: Direction) {
    const hidden = weightHh.shape[1];
    const state = stateShape(walkOver(xGates, hidden, direction));
    return { y: withWidth(xGates, hidden), hn: state, cn: state, saved: withWidth(xGates, 5 * hidden) };
  },
  lower({ xGates, weightHh, h0, c0, lengths, y, hn, cn, saved }, direction, k) {
    const walk = walkOver(xGates, weightHh.shape[1], direction);
    const drawn = { ...direction, node: k.nodeId };
    const { variant, size, constants, params } = launchOf(walk, k.device, drawn, lengths);
    const states = pingPong(k, walk, h0, hn, direction);
    if (c0) copyInto(k, c0, cn);
    walk.order.forEach((t, i) => {
      const { read, write, masks } = states(i);
      k.dispatch(
        lstmForward[variant],
        { x_gates: xGates, weight: weightHh, h_in: read, lengths: lengths ?? k.emptyBuffer },
        { y, saved, h_out: write, c: cn },
        { ...params, ...masks, t, has_h: i > 0 || !!h0, has_c: i > 0 || !!c0 },
        size,
        { constants },
      );
    });
  },
  backward({ weightHh, h0, lengths, y, saved, dy, dhn, dcn }, direction, needs) {
    const drawn = { ...direction, node: y.node!.index };
    const wantsState = needs.h0 || needs.c0;
    const { dgates, dh0, dc0 } = lstmSequenceBackward(
      { weightHh, lengths, saved, dy, dhn, dcn },
      { ...drawn, wantsState },
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
      c0: dc0,
    };
  },
});

const lstmSequenceBackward = defineInternal({
  name: 'lstmSequenceBackward',
  inputs: ['weightHh', 'lengths?', 'saved', 'dy?', 'dhn?', 'dcn?'],
  outputs: ['dgates', 'dh0', 'dc0'],
  shape({ saved, weightHh }, direction: DrawnDirection & { wantsState: boolean }) {
    const hidden = weightHh.shape[1];
    const state = stateShape(walkOver(saved, hidden, direction));
    return { dgates: withWidth(saved, 4 * hidden), dh0: state, dc0: state };
  },
  lower({ weightHh, lengths, saved, dy, dhn, dcn, dgates, dh0, dc0 }, direction, k) {
    const walk = walkOver(saved, weightHh.shape[1], direction);
    const { variant, size, constants, params } = launchOf(walk, k.device, direction, lengths);
    if (dhn) copyInto(k, dhn, dh0);
    if (dcn) copyInto(k, dcn, dc0);
    for (const { carried, ...step } of backwardSteps(walk.order, direction.wantsState)) {
      k.dispatch(
        lstmBackwardKernel[variant],
        { saved, weight: weightHh, lengths: lengths ?? k.emptyBuffer, dy: dy ?? k.emptyBuffer },
        { dgates, dh: dh0, dc: dc0 },
        {
          ...params,
          ...step,
          has_dy: !!dy,
          has_dh: carried || !!dhn,
          has_dc: carried || !!dcn,
        },
        size,
        { constants },
      );
    }
  },
});

const cell: Cell = {
  op: 'lstm',
  gates: 4,
  joinsBiases: true,
  sequence: ({ xGates, weightHh, h0, c0, lengths }, direction) =>
    lstmSequence({ xGates, weightHh, h0, c0, lengths }, direction),
};

/** Long short-term memory over whole sequences. */
export const lstm = defineComposite({
  name: 'lstm',
  multAdds: recurrentMultAdds,
  doc:
    'Long short-term memory. Per step: i, f, o = sigmoid(W_ih x + b_ih + W_hh h + b_hh), g = tanh(the same), ' +
    "c' = f c + i g, h' = o tanh(c'); gates are stored in the order i, f, g, o." +
    LENGTHS_DOC,
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html',
  inputs: ['x', 'h0?', 'c0?', 'lengths?'],
  dtypes: { lengths: 'i32' },
  outputs: ['y', 'hn', 'cn'],
  attrs: recurrentAttrs.extend({
    /** Features of the state, which weightHr [projSize, hidden] makes of o tanh(c'); 0: none. */
    projSize: z.int().min(0).default(0),
  }),
  moreInputs: parameterNames,
  compose: (inputs, attrs) => runLayers(cell, inputs, attrs),
});

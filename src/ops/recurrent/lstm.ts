/** lstm: long short-term memory. */
import backward from '../../../shaders/recurrent/lstm.backward.wgsl';
import forward from '../../../shaders/recurrent/lstm.forward.wgsl';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { sigmoid, tanh } from '../activation/activation';
import { add, mul } from '../elementwise/binary';
import { recurrentMultAdds } from '../rules';
import { defineCell } from './cell';
import { gateOf } from './decomposition';
import { LENGTHS_DOC, parameterNames, recurrentAttrs, runLayers } from './layers';

const cell = defineCell({
  op: 'lstm',
  forward,
  backward,
  hasCellState: true,
  hasOwnBias: false,
  step: () => (x, product, state) => {
    const gates = add(x, product);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => gateOf(gates, gate, state));
    const c = add(mul(sigmoid(f), state.c!), mul(sigmoid(i), tanh(g)));
    return { h: mul(sigmoid(o), tanh(c)), c };
  },
});

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

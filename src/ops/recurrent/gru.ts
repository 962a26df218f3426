/** gru: gated recurrent unit. */
import backward from '../../../shaders/recurrent/gru.backward.wgsl';
import forward from '../../../shaders/recurrent/gru.forward.wgsl';
import { defineComposite } from '../../graph/ir/op';
import { sigmoid, tanh } from '../activation/activation';
import { add, mul, sub } from '../elementwise/binary';
import { recurrentMultAdds } from '../rules';
import { defineCell } from './cell';
import { gateOf } from './decomposition';
import { LENGTHS_DOC, parameterNames, recurrentAttrs, runLayers } from './layers';

const cell = defineCell({
  op: 'gru',
  forward,
  backward,
  hasCellState: false,
  hasOwnBias: true,
  step: () => (x, product, state) => {
    const [r, z] = [0, 1].map((gate) => sigmoid(add(gateOf(x, gate, state), gateOf(product, gate, state))));
    const n = tanh(add(gateOf(x, 2, state), mul(r, gateOf(product, 2, state))));
    return { h: add(mul(sub(1, z), n), mul(z, state.h)) };
  },
});

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

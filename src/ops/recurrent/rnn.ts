/** rnn: Elman network. */
import backward from '../../../shaders/recurrent/rnn.backward.wgsl';
import forward from '../../../shaders/recurrent/rnn.forward.wgsl';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { relu, tanh } from '../activation/activation';
import { add } from '../elementwise/binary';
import { recurrentMultAdds } from '../rules';
import { defineCell } from './cell';
import { LENGTHS_DOC, parameterNames, recurrentAttrs, runLayers } from './layers';
import type { Direction } from './steps';

interface RnnDirection extends Direction {
  nonlinearity: 'tanh' | 'relu';
}

const cell = defineCell({
  op: 'rnn',
  forward,
  backward,
  hasCellState: false,
  hasOwnBias: false,
  step:
    ({ nonlinearity }: RnnDirection) =>
    (x, product) => ({
      h: (nonlinearity === 'relu' ? relu : tanh)(add(x, product)),
    }),
  constants: ({ nonlinearity }: RnnDirection) => ({ RELU: Number(nonlinearity === 'relu') }),
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
    const { y, hn } = runLayers(
      { ...cell, sequence: (given, direction) => cell.sequence(given, { ...direction, nonlinearity }) },
      inputs,
      attrs,
    );
    return { y, hn };
  },
});

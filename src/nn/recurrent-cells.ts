/** torch.nn.LSTMCell, GRUCell and RNNCell: one step of a recurrent module, with the ops' sequences of one step. */
import { checkOptions, checkSizes } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { gru, lstm, rnn } from '../ops';
import { cellStep } from '../ops/recurrent/cells';
import { uniform } from './init';
import { Module, parameter } from './module';

export interface RecurrentCellOptions {
  bias?: boolean;
}

/** Weights of one step with PyTorch's names. */
abstract class RecurrentCell extends Module {
  readonly weightIh: Variable;
  readonly weightHh: Variable;
  readonly biasIh?: Variable;
  readonly biasHh?: Variable;

  constructor(gates: number, inputSize: number, hiddenSize: number, options: RecurrentCellOptions) {
    super();
    checkSizes(this.typeName, { inputSize, hiddenSize });
    checkOptions(this.typeName, options, ['bias']);
    const { bias = true } = options;
    const bounded = uniform(-1 / Math.sqrt(hiddenSize), 1 / Math.sqrt(hiddenSize));
    this.weightIh = parameter([gates * hiddenSize, inputSize], bounded);
    this.weightHh = parameter([gates * hiddenSize, hiddenSize], bounded);
    if (!bias) return;
    this.biasIh = parameter([gates * hiddenSize], bounded);
    this.biasHh = parameter([gates * hiddenSize], bounded);
  }
}

/** One step of an LSTM: `[N, inputSize]` and states `[N, hiddenSize]`, zeros unless given, to new states. */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, h?: Tensor, c?: Tensor): { h: Tensor; c: Tensor } {
    const { hn, cn } = cellStep('LSTMCell', lstm, x, { h0: h, c0: c }, this);
    return { h: hn, c: cn! };
  }
}

/** One step of a GRU: `[N, inputSize]` and a state `[N, hiddenSize]`, zeros unless given, to the new state. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return cellStep('GRUCell', gru, x, { h0: h }, this).hn;
  }
}

/** One step of an Elman network: `[N, inputSize]` and a state `[N, hiddenSize]`, zeros unless given, to the new state. */
export class RNNCell extends RecurrentCell {
  private readonly nonlinearity: 'tanh' | 'relu';

  constructor(
    inputSize: number,
    hiddenSize: number,
    given: RecurrentCellOptions & { nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    checkOptions('RNNCell', given, ['bias', 'nonlinearity']);
    const { nonlinearity = 'tanh', ...options } = given;
    super(1, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return cellStep('RNNCell', rnn, x, { h0: h }, this, { nonlinearity: this.nonlinearity }).hn;
  }
}

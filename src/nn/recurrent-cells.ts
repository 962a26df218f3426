/** torch.nn.LSTMCell, GRUCell and RNNCell: one step of a recurrent module, with the ops' sequences of one step. */
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { gru, lstm, reshape, rnn } from '../ops';
import { checkLayout } from './arguments';
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

  constructor(
    gates: number,
    inputSize: number,
    private readonly hiddenSize: number,
    { bias = true }: RecurrentCellOptions,
  ) {
    super();
    const bounded = uniform(-1 / Math.sqrt(hiddenSize), 1 / Math.sqrt(hiddenSize));
    this.weightIh = parameter([gates * hiddenSize, inputSize], bounded);
    this.weightHh = parameter([gates * hiddenSize, hiddenSize], bounded);
    if (!bias) return;
    this.biasIh = parameter([gates * hiddenSize], bounded);
    this.biasHh = parameter([gates * hiddenSize], bounded);
  }

  /** Runs an op over sequences of one step; the states that it gives have the shape of one step again. */
  protected step(
    op: typeof lstm | typeof gru | typeof rnn,
    x: Tensor,
    states: Record<string, Tensor | undefined>,
    attrs: object = {},
  ): { h: Tensor; c?: Tensor } {
    checkLayout(this.typeName, x, ['[N, inputSize]', '[inputSize]']);
    const isBatch = x.rank === 2;
    const sequence = (tensor: Tensor) =>
      reshape(tensor, { shape: [1, isBatch ? tensor.shape[0] : 1, tensor.shape.at(-1)!] });
    const given = Object.entries(states).flatMap(([name, state]) => (state ? [[name, sequence(state)]] : []));
    const { weightIh, weightHh, biasIh, biasHh } = this;
    const weights = {
      ...{ weightIhL0: weightIh, weightHhL0: weightHh },
      ...(biasIh && { biasIhL0: biasIh, biasHhL0: biasHh }),
    };
    const { hn, cn } = op.info.call(
      { x: sequence(x), ...Object.fromEntries(given), ...weights },
      { hiddenSize: this.hiddenSize, bias: biasIh !== undefined, ...attrs },
    );
    const single = (state: Tensor) =>
      reshape(state, { shape: isBatch ? [x.shape[0], this.hiddenSize] : [this.hiddenSize] });
    return { h: single(hn), ...(cn && { c: single(cn) }) };
  }
}

/** One step of an LSTM: `[N, inputSize]` and states `[N, hiddenSize]`, zeros unless given, to new states. */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, h?: Tensor, c?: Tensor): { h: Tensor; c: Tensor } {
    return this.step(lstm, x, { h0: h, c0: c }) as { h: Tensor; c: Tensor };
  }
}

/** One step of a GRU: `[N, inputSize]` and a state `[N, hiddenSize]`, zeros unless given, to the new state. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.step(gru, x, { h0: h }).h;
  }
}

/** One step of an Elman network: `[N, inputSize]` and a state `[N, hiddenSize]`, zeros unless given, to the new state. */
export class RNNCell extends RecurrentCell {
  private readonly nonlinearity: 'tanh' | 'relu';

  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = 'tanh', ...options }: RecurrentCellOptions & { nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    super(1, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.step(rnn, x, { h0: h }, { nonlinearity: this.nonlinearity }).h;
  }
}

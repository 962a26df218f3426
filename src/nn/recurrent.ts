/** torch.nn.LSTM, GRU and RNN, with PyTorch's parameter names (`weight_ih_l0`, `weight_hh_l0_reverse`, ...). */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError } from '../errors';
import { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { cat, gru, lstm, rnn, select } from '../ops';
import { uniform } from './init';
import { Module, parameter } from './module';
import { stateName } from './names';

export interface RecurrentOptions {
  numLayers?: number;
  bias?: boolean;
  /** `[N, T, features]` instead of PyTorch's default `[T, N, features]`. */
  batchFirst?: boolean;
  bidirectional?: boolean;
  /** Between layers, in training only. */
  dropout?: number;
  /** Recurrent dropout: one mask per sequence for all its time steps; in training only. */
  recurrentDropout?: number;
}

/** Initial states `[numLayers * directions, N, hidden]` (h0 with projSize: that many) and lengths; all optional. */
export interface RecurrentInputs {
  h0?: Tensor;
  c0?: Tensor;
  /**
   * Number of time steps of each sequence, `[N]`: whole numbers from 1 to T, or an int32 tensor. What the GPU computes
   * for one cannot be refused; it counts as 0 (nothing is read, the initial state stays) to T.
   */
  lengths?: Tensor | readonly number[] | Int32Array;
}

/** Outputs of all steps and the last states. */
export interface RecurrentOutputs {
  y: Tensor;
  hn: Tensor;
  cn?: Tensor;
}

/** Lengths as the ops take them. @throws GradloomError (code `argument`) for numbers that are not whole. */
function asTensor(x: Tensor, lengths: NonNullable<RecurrentInputs['lengths']>): Tensor {
  if (lengths instanceof Tensor) return lengths;
  const bad = lengths.find((length) => !Number.isInteger(length));
  if (bad !== undefined) {
    const expected = 'whole numbers';
    throw new GradloomError({ code: 'argument', op: 'lengths', got: String(bad), expected });
  }
  return x.graph.constant(Int32Array.from(lengths), [lengths.length]);
}

const RECURRENT_OPTIONS: (keyof RecurrentOptions)[] = [
  'numLayers',
  'bias',
  'batchFirst',
  'bidirectional',
  'dropout',
  'recurrentDropout',
];

/** Parameters of all layers and directions, uniform within 1/sqrt(hiddenSize) as in PyTorch. */
abstract class Recurrent extends Module {
  private readonly weights: ReadonlyMap<string, Variable>;
  protected readonly attrs: Required<RecurrentOptions> & { hiddenSize: number };

  constructor(gates: number, inputSize: number, hiddenSize: number, options: RecurrentOptions, projSize = 0) {
    super();
    const { typeName } = this;
    checkOptions(typeName, options, RECURRENT_OPTIONS);
    const { numLayers = 1 } = options;
    checkSizes(typeName, { inputSize, hiddenSize, numLayers });
    const attrs = {
      numLayers: 1,
      bias: true,
      batchFirst: false,
      bidirectional: false,
      dropout: 0,
      recurrentDropout: 0,
      ...options,
      hiddenSize,
    };
    this.attrs = attrs;
    const stateSize = projSize || hiddenSize;
    const bound = 1 / Math.sqrt(hiddenSize);
    const weights = new Map<string, Variable>();
    const directions = attrs.bidirectional ? ['', 'Reverse'] : [''];
    for (let layer = 0; layer < attrs.numLayers; layer++) {
      const features = layer === 0 ? inputSize : stateSize * directions.length;
      for (const direction of directions) {
        const add = (kind: string, shape: number[]) =>
          weights.set(`${kind}L${layer}${direction}`, parameter(shape, uniform(-bound, bound)));
        add('weightIh', [gates * hiddenSize, features]);
        add('weightHh', [gates * hiddenSize, stateSize]);
        if (attrs.bias) for (const kind of ['biasIh', 'biasHh']) add(kind, [gates * hiddenSize]);
        if (projSize > 0) add('weightHr', [projSize, hiddenSize]);
      }
    }
    this.weights = weights;
  }

  protected override *ownVariables(): Generator<[string, Variable]> {
    for (const [name, variable] of this.weights) yield [stateName(name), variable];
  }

  /** Inputs of the op by name. */
  protected inputs(x: Tensor, given: RecurrentInputs): Record<string, Tensor | Variable> {
    const lengths = given.lengths && asTensor(x, given.lengths);
    const present = Object.entries({ ...given, lengths }).filter(([, tensor]) => tensor);
    return { x, ...Object.fromEntries(present), ...Object.fromEntries(this.weights) };
  }

  abstract override forward(x: Tensor, given?: RecurrentInputs): RecurrentOutputs;
}

/** Long short-term memory; gates in the order i, f, g, o. */
export class LSTM extends Recurrent {
  private readonly projSize: number;

  /** `projSize`: features of the state, where it is a projection of the hidden units. */
  constructor(inputSize: number, hiddenSize: number, given: RecurrentOptions & { projSize?: number } = {}) {
    checkOptions('LSTM', given, [...RECURRENT_OPTIONS, 'projSize']);
    const { projSize = 0, ...options } = given;
    super(4, inputSize, hiddenSize, options, projSize);
    this.projSize = projSize;
  }

  override forward(x: Tensor, given: RecurrentInputs = {}): RecurrentOutputs {
    const { y, hn, cn } = lstm.info.call(this.inputs(x, given), {
      ...this.attrs,
      projSize: this.projSize,
    });
    return { y, hn, cn };
  }
}

/** Gated recurrent unit; gates in the order r, z, n. */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, given: RecurrentInputs = {}): RecurrentOutputs {
    const { y, hn } = gru.info.call(this.inputs(x, given), this.attrs);
    return { y, hn };
  }
}

/** Elman network with tanh or ReLU. */
export class RNN extends Recurrent {
  private readonly nonlinearity: 'tanh' | 'relu';

  constructor(
    inputSize: number,
    hiddenSize: number,
    given: RecurrentOptions & { nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    checkOptions('RNN', given, [...RECURRENT_OPTIONS, 'nonlinearity']);
    const { nonlinearity = 'tanh', ...options } = given;
    super(1, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  override forward(x: Tensor, given: RecurrentInputs = {}): RecurrentOutputs {
    const { y, hn } = rnn.info.call(this.inputs(x, given), {
      ...this.attrs,
      nonlinearity: this.nonlinearity,
    });
    return { y, hn };
  }
}

/**
 * A recurrent module inside a sequential: passes on the outputs of all steps, or of the last step of the sequence
 * (`output: 'last'`: `[N, features]`, the final state of the last layer, directions joined). Its names stay those of
 * the recurrent module.
 */
export class RecurrentLayer extends Module {
  constructor(
    private readonly recurrent: Module & { forward(x: Tensor, given?: RecurrentInputs): RecurrentOutputs },
    private readonly output: 'sequence' | 'last',
    private readonly directions: number,
  ) {
    super();
  }

  override get typeName(): string {
    return this.recurrent.typeName;
  }

  override *namedChildren(): Generator<[string, Module]> {}

  protected override *ownVariables(): Generator<[string, Variable]> {
    yield* this.recurrent.namedVariables();
  }

  /** @param lengths of the sequences of a padded batch, int32 `[N]` */
  override forward(x: Tensor, lengths?: Tensor): Tensor {
    const { y, hn } = this.recurrent.forward(x, { lengths });
    if (this.output === 'sequence') return y;
    const layers = hn.shape[0];
    const states = Array.from({ length: this.directions }, (_, i) =>
      select(hn, { dim: 0, index: layers - this.directions + i }),
    );
    return states.length === 1 ? states[0] : cat(states, { dim: 1 });
  }
}

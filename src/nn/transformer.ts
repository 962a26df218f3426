/** Transformer layers of torch.nn, with its state_dict names, and position encodings. */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import * as ops from '../ops';
import { type AttentionMasks, MultiheadAttention } from './attention';
import { ModuleList } from './container';
import { normal, xavierUniform } from './init';
import { Linear } from './linear';
import { Module, parameter } from './module';
import { LayerNorm } from './norm';

export interface TransformerLayerOptions {
  dimFeedforward?: number;
  dropout?: number;
  activation?: 'relu' | 'gelu';
  layerNormEps?: number;
  batchFirst?: boolean;
  /** Normalize before attention and feed-forward instead of after (pre-norm). */
  normFirst?: boolean;
  /** Whether linear layers and norms have a bias. */
  bias?: boolean;
}

const LAYER_OPTIONS: (keyof TransformerLayerOptions)[] = [
  'dimFeedforward',
  'dropout',
  'activation',
  'layerNormEps',
  'batchFirst',
  'normFirst',
  'bias',
];

/** Shared by encoder and decoder layers: the feed-forward part and the place of the norms. */
abstract class TransformerLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  protected readonly options: Required<TransformerLayerOptions>;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions) {
    super();
    checkSizes(this.typeName, { dModel, nhead });
    checkOptions(this.typeName, options, LAYER_OPTIONS);
    this.options = {
      dimFeedforward: 2048,
      dropout: 0.1,
      activation: 'relu',
      layerNormEps: 1e-5,
      batchFirst: false,
      normFirst: false,
      bias: true,
      ...options,
    };
    const { dimFeedforward, layerNormEps: eps, bias } = this.options;
    this.selfAttn = this.attention(dModel, nhead);
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
  }

  protected attention(dModel: number, nhead: number): MultiheadAttention {
    const { dropout, batchFirst, bias } = this.options;
    return new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias });
  }

  protected drop(x: Tensor): Tensor {
    const { dropout: p } = this.options;
    return p > 0 && x.graph.training ? ops.dropout(x, { p }) : x;
  }

  protected feedForward(x: Tensor): Tensor {
    const activate = this.options.activation === 'gelu' ? ops.gelu : ops.relu;
    return this.drop(this.linear2.forward(this.drop(activate(this.linear1.forward(x)))));
  }

  /** x + part(x), normalized before or after. */
  protected residual(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    return this.options.normFirst ? ops.add(x, part(norm.forward(x))) : norm.forward(ops.add(x, part(x)));
  }
}

/** torch.nn.TransformerEncoderLayer. */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
  }

  override forward(x: Tensor, masks: AttentionMasks = {}): Tensor {
    const attended = this.residual(x, this.norm1, (h) => this.drop(this.selfAttn.forward(h, h, h, masks)));
    return this.residual(attended, this.norm2, (h) => this.feedForward(h));
  }
}

/** torch.nn.TransformerDecoderLayer: self-attention, attention to the encoder's output `memory`, feed-forward. */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiheadAttention;
  readonly norm3: LayerNorm;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    this.multiheadAttn = this.attention(dModel, nhead);
    const { layerNormEps: eps, bias } = this.options;
    this.norm3 = new LayerNorm(dModel, { eps, bias });
  }

  override forward(
    x: Tensor,
    memory: Tensor,
    masks: AttentionMasks = {},
    memoryMasks: AttentionMasks = {},
  ): Tensor {
    const self = this.residual(x, this.norm1, (h) => this.drop(this.selfAttn.forward(h, h, h, masks)));
    const cross = this.residual(self, this.norm2, (h) =>
      this.drop(this.multiheadAttn.forward(h, memory, memory, memoryMasks)),
    );
    return this.residual(cross, this.norm3, (h) => this.feedForward(h));
  }
}

/** @throws GradloomError `argument` for options in place of a norm. */
function checkNorm(op: string, norm: unknown): void {
  if (norm === undefined || norm === null || norm instanceof Module) return;
  const expected = 'a module such as new LayerNorm(dModel), or nothing';
  throw new GradloomError({ code: 'argument', op, argument: 'norm', got: showValue(norm), expected });
}

/** torch.nn.TransformerEncoder: layers one after the other, then an optional norm. */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList;

  constructor(
    layers: readonly TransformerEncoderLayer[],
    readonly norm?: LayerNorm,
  ) {
    super();
    checkNorm(this.typeName, norm);
    this.layers = new ModuleList(layers);
  }

  override forward(x: Tensor, masks: AttentionMasks = {}): Tensor {
    const y = (this.layers.items as TransformerEncoderLayer[]).reduce(
      (h, layer) => layer.forward(h, masks),
      x,
    );
    return this.norm ? this.norm.forward(y) : y;
  }
}

/** torch.nn.TransformerDecoder: layers one after the other, each of which also sees `memory`, then an optional norm. */
export class TransformerDecoder extends Module {
  readonly layers: ModuleList;

  constructor(
    layers: readonly TransformerDecoderLayer[],
    readonly norm?: LayerNorm,
  ) {
    super();
    checkNorm(this.typeName, norm);
    this.layers = new ModuleList(layers);
  }

  override forward(
    x: Tensor,
    memory: Tensor,
    masks: AttentionMasks = {},
    memoryMasks: AttentionMasks = {},
  ): Tensor {
    const y = (this.layers.items as TransformerDecoderLayer[]).reduce(
      (h, layer) => layer.forward(h, memory, masks, memoryMasks),
      x,
    );
    return this.norm ? this.norm.forward(y) : y;
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  dModel?: number;
  nhead?: number;
  numEncoderLayers?: number;
  numDecoderLayers?: number;
}

/** Masks of a transformer: of the source, of the target, and of the target's looks at the encoded source. */
export interface TransformerMasks {
  src?: AttentionMasks;
  tgt?: AttentionMasks;
  memory?: AttentionMasks;
}

/** torch.nn.Transformer: an encoder and a decoder, each with a norm behind it. Weights are Xavier-uniform. */
export class Transformer extends Module {
  readonly encoder: TransformerEncoder;
  readonly decoder: TransformerDecoder;

  constructor(options: TransformerOptions = {}) {
    super();
    const own = ['dModel', 'nhead', 'numEncoderLayers', 'numDecoderLayers'];
    checkOptions('Transformer', options, [...own, ...LAYER_OPTIONS]);
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...layer } = options;
    const { layerNormEps: eps = 1e-5, bias = true } = layer;
    const layers = <L>(length: number, make: () => L) => Array.from({ length }, make);
    this.encoder = new TransformerEncoder(
      layers(numEncoderLayers, () => new TransformerEncoderLayer(dModel, nhead, layer)),
      new LayerNorm(dModel, { eps, bias }),
    );
    this.decoder = new TransformerDecoder(
      layers(numDecoderLayers, () => new TransformerDecoderLayer(dModel, nhead, layer)),
      new LayerNorm(dModel, { eps, bias }),
    );
    for (const parameter of this.parameters()) {
      if (parameter.shape.length > 1) parameter.initialize = xavierUniform();
    }
  }

  /** `[T, N, dModel]`, or with batchFirst `[N, T, dModel]`, of the target's length. */
  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    return this.decoder.forward(tgt, this.encoder.forward(src, masks.src), masks.tgt, masks.memory);
  }
}

/** Adds a learned vector per position to `[N, T, dim]`, for at most `maxLength` positions. */
export class LearnedPositions extends Module {
  readonly weight: Variable;

  constructor(
    private readonly maxLength: number,
    dim: number,
  ) {
    super();
    checkSizes('LearnedPositions', { maxLength, dim });
    this.weight = parameter([maxLength, dim], normal(0, 0.02));
  }

  override forward(x: Tensor): Tensor {
    const length = x.shape.at(-2)!;
    checkLength('LearnedPositions', length, this.maxLength);
    const weight = x.graph.tensor(this.weight);
    return ops.add(x, length === this.maxLength ? weight : ops.narrow(weight, { dim: 0, start: 0, length }));
  }
}

/** Adds sines and cosines of the position to `[N, T, dim]`. Source: Vaswani et al. 2017, section 3.5. */
export class SinusoidalPositions extends Module {
  override forward(x: Tensor): Tensor {
    const [T, dim] = x.shape.slice(-2);
    const table = new Float32Array(T * dim);
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < dim; i++) {
        const angle = t / 10000 ** ((2 * Math.floor(i / 2)) / dim);
        table[t * dim + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
    return ops.add(x, x.graph.constant(table, [T, dim]));
  }
}

/**
 * Rotates pairs (i, i + d/2) of the last dimension of `[.., T, d]` by angles that grow with the position.
 * Source: Su et al., "RoFormer", 2021, in the half-split form of GPT-NeoX and LLaMA.
 */
export function rotaryPositions(x: Tensor, base = 10000, offset = 0): Tensor {
  const [T, d] = x.shape.slice(-2);
  if (d % 2 !== 0) {
    throw new GradloomError({
      code: 'shape',
      op: 'rotaryPositions',
      argument: 'x',
      got: `a last dimension of ${d}`,
      expected: 'an even one',
    });
  }
  const half = d / 2;
  const cos = new Float32Array(T * d);
  const sin = new Float32Array(T * d);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < d; i++) {
      const angle = (t + offset) / base ** ((2 * (i % half)) / d);
      cos[t * d + i] = Math.cos(angle);
      sin[t * d + i] = (i < half ? -1 : 1) * Math.sin(angle);
    }
  }
  const swapped = ops.roll(x, { shifts: half, dims: -1 });
  const table = (values: Float32Array) => x.graph.constant(values, [T, d]);
  return ops.add(ops.mul(x, table(cos)), ops.mul(swapped, table(sin)));
}

/** @throws GradloomError when a sequence is empty or longer than the positions. */
export function checkLength(op: string, length: number, maxLength: number): void {
  if (length >= 1 && length <= maxLength) return;
  throw new GradloomError({
    code: 'shape',
    op,
    argument: 'x',
    got: `a sequence of ${length} positions`,
    expected: `1 to ${maxLength}`,
    fix:
      length === 0
        ? 'Give at least one token'
        : 'Shorten the sequence or build the model with more positions',
  });
}

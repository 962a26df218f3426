/** GPT-2 shaped language models with nanoGPT's module names. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Shape, Tensor } from '../graph/ir/graph';
import type { DecodeContext, DecodeSizes } from '../nn';
import * as nn from '../nn';
import * as ops from '../ops';

export interface GPTOptions {
  vocabSize: number;
  /** Most positions of a sequence. */
  blockSize: number;
  nLayer?: number;
  nHead?: number;
  nEmbd?: number;
  dropout?: number;
  /** Whether linear layers and layer norms have a bias. */
  bias?: boolean;
  /** Whether the output layer shares the token embedding's weight, as in GPT-2. */
  tied?: boolean;
  /** `'tanh'`: GELU by its approximation, as the published weights of GPT-2 were trained. Default `'none'`. */
  gelu?: 'none' | 'tanh';
}

const OPTIONS: (keyof GPTOptions)[] = [
  'vocabSize',
  'blockSize',
  'nLayer',
  'nHead',
  'nEmbd',
  'dropout',
  'bias',
  'tied',
  'gelu',
];

const INIT_STD = 0.02;

/** A linear layer with GPT-2's initialization. */
class Projection extends nn.Linear {
  constructor(inFeatures: number, outFeatures: number, bias: boolean, std = INIT_STD) {
    super(inFeatures, outFeatures, {
      bias,
      initialize: { weight: nn.init.normal(0, std), bias: nn.init.zeros },
    });
  }
}

/** Causal self-attention: one projection to query, key and value. */
class CausalSelfAttention extends nn.Module {
  readonly cAttn: Projection;
  readonly cProj: Projection;

  constructor(
    nEmbd: number,
    private readonly nHead: number,
    private readonly dropoutP: number,
    bias: boolean,
    residualStd: number,
  ) {
    super();
    this.cAttn = new Projection(nEmbd, 3 * nEmbd, bias);
    this.cProj = new Projection(nEmbd, nEmbd, bias, residualStd);
  }

  override forward(x: Tensor): Tensor {
    const y = ops.projectedAttention(
      { query: this.cAttn.forward(x) },
      { heads: this.nHead, batchFirst: true, isCausal: true, dropoutP: this.dropoutP },
    );
    return drop(this.cProj.forward(y), this.dropoutP);
  }

  /** The same for new tokens only, which join the cache `name`. */
  decode(x: Tensor, name: string, context: DecodeContext): Tensor {
    const { positions, sources } = context;
    const qkv = this.cAttn.forward(x);
    const cache = { keys: context.state(`${name}.keys`), values: context.state(`${name}.values`) };
    const { newKeys: keys, newValues: values } = ops.appendToCache({ qkv, positions, ...cache }, undefined);
    const { y } = ops.attendToCache({ qkv, keys, values, positions, sources }, { heads: this.nHead });
    return this.cProj.forward(y);
  }
}

class Mlp extends nn.Module {
  readonly cFc: Projection;
  readonly cProj: Projection;

  constructor(
    nEmbd: number,
    private readonly dropoutP: number,
    bias: boolean,
    residualStd: number,
    private readonly approximate: 'none' | 'tanh',
  ) {
    super();
    this.cFc = new Projection(nEmbd, 4 * nEmbd, bias);
    this.cProj = new Projection(4 * nEmbd, nEmbd, bias, residualStd);
  }

  override forward(x: Tensor): Tensor {
    const hidden = ops.gelu(this.cFc.forward(x), { approximate: this.approximate });
    return drop(this.cProj.forward(hidden), this.dropoutP);
  }
}

class Block extends nn.Module {
  readonly ln_1: nn.LayerNorm;
  readonly attn: CausalSelfAttention;
  readonly ln_2: nn.LayerNorm;
  readonly mlp: Mlp;

  constructor({ nEmbd, nHead, dropout, bias, nLayer, gelu }: Required<GPTOptions>) {
    super();
    // Projections onto the residual stream start smaller, by the number of them (GPT-2, section 2.3).
    const residualStd = INIT_STD / Math.sqrt(2 * nLayer);
    this.ln_1 = new nn.LayerNorm(nEmbd, { bias });
    this.attn = new CausalSelfAttention(nEmbd, nHead, dropout, bias, residualStd);
    this.ln_2 = new nn.LayerNorm(nEmbd, { bias });
    this.mlp = new Mlp(nEmbd, dropout, bias, residualStd, gelu);
  }

  override forward(x: Tensor): Tensor {
    const attended = ops.add(x, this.attn.forward(this.ln_1.forward(x)));
    return ops.add(attended, this.mlp.forward(this.ln_2.forward(attended)));
  }

  decode(x: Tensor, name: string, context: DecodeContext): Tensor {
    const attended = ops.add(x, this.attn.decode(this.ln_1.forward(x), name, context));
    return ops.add(attended, this.mlp.forward(this.ln_2.forward(attended)));
  }
}

/** Embeddings, blocks and the last norm, under the name that nanoGPT gives them. */
class Body extends nn.Module {
  readonly wte: nn.Embedding;
  readonly wpe: nn.LearnedPositions;
  readonly h: readonly Block[];
  readonly ln_f: nn.LayerNorm;

  constructor(private readonly options: Required<GPTOptions>) {
    super();
    const { vocabSize, blockSize, nEmbd, nLayer, bias } = options;
    this.wte = new nn.Embedding(vocabSize, nEmbd, { initialize: nn.init.normal(0, INIT_STD) });
    this.wpe = new nn.LearnedPositions(blockSize, nEmbd);
    this.h = Array.from({ length: nLayer }, () => new Block(options));
    this.ln_f = new nn.LayerNorm(nEmbd, { bias });
  }

  override forward(tokens: Tensor): Tensor {
    const x = drop(this.wpe.forward(this.wte.forward(tokens)), this.options.dropout);
    return this.ln_f.forward(this.h.reduce((h, block) => block.forward(h), x));
  }

  /** `[N, nEmbd]` of each sequence's last new token. Padding has position -1 and so NaN, which stays in its rows. */
  decode(context: DecodeContext): Tensor {
    const places = ops.embedding(context.positions, this.wpe.weight);
    const x = ops.add(this.wte.forward(context.tokens), places);
    const y = this.h.reduce((h, block, i) => block.decode(h, String(i), context), x);
    return this.ln_f.forward(context.last(y));
  }
}

/**
 * A decoder-only transformer: token indices `[N, T]` to logits `[N, T, vocabSize]`, pre-norm, GELU, 4x feed-forward.
 * Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019; names as in nanoGPT.
 */
export class GPT extends nn.Decodable {
  readonly transformer: Body;
  readonly lmHead: nn.Linear;
  override readonly vocabSize: number;
  override readonly maxPositions: number;
  private readonly sizes: { nLayer: number; nEmbd: number };

  constructor(options: GPTOptions) {
    super();
    checkOptions('GPT', options, OPTIONS);
    const sizes = { nLayer: 2, nHead: 4, nEmbd: 64 };
    const full = { ...sizes, dropout: 0, bias: true, tied: true, gelu: 'none' as const, ...options };
    if (full.gelu !== 'none' && full.gelu !== 'tanh') {
      const got = showValue(full.gelu);
      throw new GradloomError({
        ...{ code: 'argument', op: 'GPT', argument: 'gelu', got, expected: "'none' or 'tanh'" },
      });
    }
    if (full.nEmbd % full.nHead !== 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'GPT',
        argument: 'nHead',
        got: String(full.nHead),
        expected: `a divisor of nEmbd ${full.nEmbd}`,
      });
    }
    this.vocabSize = full.vocabSize;
    this.maxPositions = full.blockSize;
    this.sizes = { nLayer: full.nLayer, nEmbd: full.nEmbd };
    this.transformer = new Body(full);
    this.lmHead = full.tied
      ? new nn.Linear(full.nEmbd, full.vocabSize, { bias: false, weight: this.transformer.wte.weight })
      : new Projection(full.nEmbd, full.vocabSize, false);
  }

  override forward(tokens: Tensor): Tensor {
    return this.lmHead.forward(this.transformer.forward(tokens));
  }

  /** Keys and values of every layer, `[rows, capacity, nEmbd]` each. */
  override decodeState({ rows, capacity }: DecodeSizes): Record<string, Shape> {
    const shape = [rows, capacity, this.sizes.nEmbd];
    const layers = Array.from({ length: this.sizes.nLayer }, (_, i) => i);
    return Object.fromEntries(
      layers.flatMap((i) => [`${i}.keys`, `${i}.values`].map((name) => [name, shape])),
    );
  }

  override decode(context: DecodeContext): Tensor {
    return this.lmHead.forward(this.transformer.decode(context));
  }
}

const drop = (x: Tensor, p: number): Tensor => (p > 0 && x.graph.training ? ops.dropout(x, { p }) : x);

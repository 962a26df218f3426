/** torch.nn.Embedding, EmbeddingBag and PReLU: modules with one learned table. */
import { checkOptions, checkSizes } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import type { Initializer, Variable } from '../graph/ir/variable';
import { asIndex, embedding, embeddingBag, prelu } from '../ops';
import { paddingRow } from '../ops/indexing/embedding';
import { constant, normal } from './init';
import { Module, parameter } from './module';

export interface EmbeddingOptions {
  /** The row that starts at 0 and gets no gradient; negative ones count from the end. */
  paddingIdx?: number | null;
  /** Rows longer than this are shortened to it where they are looked up. */
  maxNorm?: number | null;
  /** Which norm that is; 2 unless given. */
  normType?: number;
  /** Whether a row's gradient is divided by how often the batch names it. */
  scaleGradByFreq?: boolean;
  initialize?: Initializer;
}

const LOOKUP: (keyof EmbeddingOptions)[] = [
  'paddingIdx',
  'maxNorm',
  'normType',
  'scaleGradByFreq',
  'initialize',
];

/** Table of an embedding [rows, columns] whose row `paddingIdx` is 0. */
function table(op: string, rows: number, columns: number, options: EmbeddingOptions): Variable {
  checkSizes(op, { numEmbeddings: rows, embeddingDim: columns });
  const { paddingIdx = null, initialize = normal() } = options;
  const skip = paddingRow(op, rows, paddingIdx);
  return parameter([rows, columns], (data, shape, random) => {
    initialize(data, shape, random);
    if (skip !== undefined) data.fill(0, skip * columns, (skip + 1) * columns);
  });
}

/** Attributes of the ops among the options. */
const lookupOf = ({ initialize: _, ...attrs }: EmbeddingOptions) => attrs;

/** Whole numbers as int32; others are no row, which gives NaN, as all that is out of range. */
const asIndices = (x: Tensor): Tensor => (x.dtype === 'i32' ? x : asIndex({ x }, undefined).y);

/**
 * Rows of a table by index: `[...]` to `[..., embeddingDim]`. Indices are int32, or whole numbers in float32, as data
 * sets of numbers hold them. The row `paddingIdx` starts at 0 and stays.
 */
export class Embedding extends Module {
  readonly weight: Variable;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    private readonly options: EmbeddingOptions = {},
  ) {
    super();
    checkOptions('Embedding', options, LOOKUP);
    this.weight = table('Embedding', numEmbeddings, embeddingDim, options);
  }

  /** The row that gets no gradient. */
  get paddingIdx(): number | null {
    return this.options.paddingIdx ?? null;
  }

  override forward(x: Tensor): Tensor {
    return embedding(asIndices(x), this.weight, lookupOf(this.options));
  }
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Reduction of the rows of a bag; mean unless given. */
  mode?: 'sum' | 'mean' | 'max';
  /** Whether the last offset is the end of the last bag instead of the beginning of another. */
  includeLastOffset?: boolean;
}

/**
 * Sums, means or maxima of rows of a table, without the rows themselves: bags `[N, positions]`, or `[positions]` with
 * the `offsets` `[N]` at which bags begin, to `[N, embeddingDim]`. `perSampleWeights` has the shape of x, for sums.
 */
export class EmbeddingBag extends Module {
  readonly weight: Variable;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    private readonly options: EmbeddingBagOptions = {},
  ) {
    super();
    checkOptions('EmbeddingBag', options, [...LOOKUP, 'mode', 'includeLastOffset']);
    this.weight = table('EmbeddingBag', numEmbeddings, embeddingDim, options);
  }

  override forward(x: Tensor, offsets?: Tensor, perSampleWeights?: Tensor): Tensor {
    const starts = offsets && asIndices(offsets);
    return embeddingBag(asIndices(x), this.weight, starts, perSampleWeights, lookupOf(this.options));
  }
}

/** A learned slope for negative inputs, shared or one per channel. */
export class PReLU extends Module {
  readonly weight: Variable;

  constructor(numParameters = 1, options: { init?: number } = {}) {
    super();
    checkSizes('PReLU', { numParameters });
    checkOptions('PReLU', options, ['init']);
    const { init = 0.25 } = options;
    this.weight = parameter([numParameters], constant(init));
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}

/** torch.nn.Embedding and PReLU: modules with one learned table. */
import type { Tensor } from '../graph/ir/graph';
import type { Initializer, Variable } from '../graph/ir/variable';
import { cast, embedding, prelu } from '../ops';
import { constant, normal } from './init';
import { Module, parameter } from './module';

/**
 * Rows of a table by index: `[...]` to `[..., embeddingDim]`. Indices are int32, or whole numbers in float32, as data
 * sets of numbers hold them. The row `paddingIdx` starts at 0 and stays.
 */
export class Embedding extends Module {
  readonly weight: Variable;
  private readonly paddingIdx: number | null;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: { paddingIdx?: number | null; initialize?: Initializer } = {},
  ) {
    super();
    const { paddingIdx = null, initialize = normal() } = options;
    this.paddingIdx = paddingIdx;
    this.weight = parameter([numEmbeddings, embeddingDim], (data, shape, random) => {
      initialize(data, shape, random);
      if (paddingIdx !== null) data.fill(0, paddingIdx * embeddingDim, (paddingIdx + 1) * embeddingDim);
    });
  }

  override forward(x: Tensor): Tensor {
    const indices = x.dtype === 'i32' ? x : cast(x, { dtype: 'i32' });
    return embedding(indices, this.weight, { paddingIdx: this.paddingIdx });
  }
}

/** A learned slope for negative inputs, shared or one per channel. */
export class PReLU extends Module {
  readonly weight: Variable;

  constructor(numParameters = 1, { init = 0.25 } = {}) {
    super();
    this.weight = parameter([numParameters], constant(init));
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}

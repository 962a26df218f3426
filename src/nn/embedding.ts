/** torch.nn.Embedding and PReLU: modules with one learned table. */
import type { Tensor } from '../graph/tensor';
import type { Variable } from '../graph/variable';
import { embedding, prelu } from '../ops';
import { constant, normal } from './init';
import { Module, parameter } from './module';

/** Rows of a table by index: int32 `[...]` to `[..., embeddingDim]`. The row `paddingIdx` starts at 0 and stays. */
export class Embedding extends Module {
  readonly weight: Variable;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    private readonly options: { paddingIdx?: number | null } = {},
  ) {
    super();
    const { paddingIdx = null } = options;
    this.weight = parameter([numEmbeddings, embeddingDim], (data, shape, random) => {
      normal()(data, shape, random);
      if (paddingIdx !== null) data.fill(0, paddingIdx * embeddingDim, (paddingIdx + 1) * embeddingDim);
    });
  }

  override forward(x: Tensor): Tensor {
    return embedding(x, this.weight, this.options);
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

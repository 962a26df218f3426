/** A sequence tagger: one label per position. */
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { type CellType, recurrentOf } from './recurrent-lm';

/** Which tokens are none: bool `[N, T]`, true where a token is; token 0 is padding. int32 or float tokens. */
export function tokenMask(tokens: Tensor): Tensor {
  return ops.ne(tokens, 0);
}

/** Number of tokens of each sequence in a {@link tokenMask}, int32 `[N]`. */
export const lengthsOf = (mask: Tensor): Tensor =>
  ops.cast(ops.sum(ops.cast(mask, { dtype: 'f32' }), { dim: 1 }), { dtype: 'i32' });

export interface SequenceTaggerOptions {
  /** Number of tokens; token 0 is padding. */
  vocabSize: number;
  tags: number;
  cell?: CellType;
  embeddingDim?: number;
  /** Of each direction. */
  hiddenSize?: number;
  numLayers?: number;
  dropout?: number;
}

/**
 * Embedding, bidirectional recurrent layers that end where the padding begins, and an output layer: token indices
 * `[N, T]`, padded at the end, to label scores `[N, T, tags]`. `decodeTags` makes labels of them.
 * Source: Graves & Schmidhuber, "Framewise Phoneme Classification with Bidirectional LSTM Networks", 2005.
 */
export class SequenceTagger extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly rnn: nn.LSTM | nn.GRU | nn.RNN;
  readonly head: nn.Linear;
  private readonly dropout: number;

  constructor(options: SequenceTaggerOptions) {
    super();
    const { vocabSize, tags, cell = 'lstm', embeddingDim = 32, hiddenSize = 64 } = options;
    const { numLayers = 1, dropout = 0 } = options;
    this.dropout = dropout;
    this.embedding = new nn.Embedding(vocabSize, embeddingDim, { paddingIdx: 0 });
    this.rnn = recurrentOf(cell, embeddingDim, hiddenSize, { numLayers, dropout, bidirectional: true });
    this.head = new nn.Linear(2 * hiddenSize, tags);
  }

  override get classesLast() {
    return true;
  }

  override forward(tokens: Tensor): Tensor {
    const lengths = lengthsOf(tokenMask(tokens));
    const { y } = this.rnn.forward(this.embedding.forward(tokens), { lengths });
    const dropped = this.dropout > 0 && tokens.graph.training ? ops.dropout(y, { p: this.dropout }) : y;
    return this.head.forward(dropped);
  }
}

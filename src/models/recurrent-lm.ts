/** Language models with a recurrent network: char-RNN, char-LSTM, char-GRU. */
import { checkOptions } from '../checks';
import { unknownName } from '../errors';
import type { Shape, Tensor } from '../graph/ir/graph';
import type { DecodeContext, DecodeSizes } from '../nn';
import * as nn from '../nn';
import * as ops from '../ops';

/** Kinds of recurrent cells. */
export type CellType = 'rnn' | 'lstm' | 'gru';

/** A recurrent network of this kind, over `[N, T, inputSize]`. */
export function recurrentOf(
  cell: CellType,
  inputSize: number,
  hiddenSize: number,
  options: nn.RecurrentOptions = {},
): nn.LSTM | nn.GRU | nn.RNN {
  const cells = { rnn: nn.RNN, lstm: nn.LSTM, gru: nn.GRU };
  if (!Object.hasOwn(cells, cell)) throw unknownName('recurrent model', 'cell', cell, Object.keys(cells));
  const Class = cells[cell];
  return new Class(inputSize, hiddenSize, { ...options, batchFirst: true });
}

export interface RecurrentLMOptions {
  vocabSize: number;
  cell?: CellType;
  embeddingDim?: number;
  hiddenSize?: number;
  numLayers?: number;
  /** Of embeddings, between layers and before the output layer. */
  dropout?: number;
}

/**
 * Embedding, recurrent layers and an output layer: token indices `[N, T]` to logits `[N, T, vocabSize]`.
 * Source: Graves, "Generating Sequences With Recurrent Neural Networks", 2013.
 */
export class RecurrentLM extends nn.Decodable {
  readonly embedding: nn.Embedding;
  readonly rnn: nn.LSTM | nn.GRU | nn.RNN;
  readonly head: nn.Linear;
  override readonly vocabSize: number;
  private readonly options: Required<RecurrentLMOptions>;

  constructor(options: RecurrentLMOptions) {
    super();
    const defaults = { cell: 'lstm' as const, embeddingDim: 32, hiddenSize: 128, numLayers: 1, dropout: 0 };
    checkOptions('RecurrentLM', options, ['vocabSize', ...Object.keys(defaults)]);
    const full = { ...defaults, ...options };
    const { vocabSize, cell, embeddingDim, hiddenSize, numLayers, dropout } = full;
    this.options = full;
    this.vocabSize = vocabSize;
    this.embedding = new nn.Embedding(vocabSize, embeddingDim);
    this.rnn = recurrentOf(cell, embeddingDim, hiddenSize, { numLayers, dropout });
    this.head = new nn.Linear(hiddenSize, vocabSize);
  }

  override forward(tokens: Tensor): Tensor {
    const { y } = this.rnn.forward(this.drop(this.embedding.forward(tokens)));
    return this.head.forward(this.drop(y));
  }

  /** The states of all layers, `[numLayers, rows, hiddenSize]` each. */
  override decodeState({ rows }: DecodeSizes): Record<string, Shape> {
    const { cell, numLayers, hiddenSize } = this.options;
    const shape = [numLayers, rows, hiddenSize];
    return cell === 'lstm' ? { h: shape, c: shape } : { h: shape };
  }

  override decode(context: DecodeContext): Tensor {
    const lstm = this.options.cell === 'lstm';
    const { y, hn, cn } = this.rnn.forward(this.embedding.forward(context.tokens), {
      h0: context.continued('h', 1),
      c0: lstm ? context.continued('c', 1) : undefined,
      lengths: context.tokens.shape[1] > 1 ? context.lengths : undefined,
    });
    context.keep('h', hn);
    if (lstm) context.keep('c', cn!);
    return this.head.forward(context.last(y));
  }

  private drop(x: Tensor): Tensor {
    const { dropout: p } = this.options;
    return p > 0 && x.graph.training ? ops.dropout(x, { p }) : x;
  }
}

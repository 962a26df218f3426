/** Encoder-decoder with attention, for strings that become other strings. */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError } from '../errors';
import type { Shape, Tensor } from '../graph/ir/graph';
import type { DecodeContext, DecodeSizes } from '../nn';
import * as nn from '../nn';
import * as ops from '../ops';
import { lengthsOf, tokenMask } from './tagger';

export interface Seq2SeqOptions {
  /** Number of tokens of source and target; token 0 is padding. */
  vocabSize: number;
  /** Positions of the source in `forward`'s input. */
  sourceLength: number;
  embeddingDim?: number;
  /** Of the decoder, and of each direction of the encoder. */
  hiddenSize?: number;
  dropout?: number;
}

/** What the decoder reads of a source. */
interface Memory {
  /** `[N, S, 2 hidden]`. */
  values: Tensor;
  /** The same, ready to be compared with decoder states: `[N, S, hidden]`. */
  keys: Tensor;
  /** Where tokens are, bool `[N, 1, S]`. */
  mask: Tensor;
}

/**
 * A bidirectional GRU reads the source; a GRU writes the target and attends to the source at every step. Trains with
 * teacher forcing: input `[N, sourceLength + T]` is the source and then the decoder's input (start token and target,
 * see `pairedTexts`); output logits `[N, T, vocabSize]`. All steps of the decoder attend at once, because the context
 * enters after the recurrence.
 * Source: Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", 2015, the global model
 * with the general score; the initial state of the decoder is a tanh layer on the encoder's final states (Bahdanau et
 * al., "Neural Machine Translation by Jointly Learning to Align and Translate", 2014).
 */
export class Seq2Seq extends nn.EncoderDecoder {
  readonly sourceEmbedding: nn.Embedding;
  readonly encoder: nn.GRU;
  readonly bridge: nn.Linear;
  readonly targetEmbedding: nn.Embedding;
  readonly decoder: nn.GRU;
  readonly keys: nn.Linear;
  readonly combine: nn.Linear;
  readonly head: nn.Linear;
  override readonly vocabSize: number;
  override readonly sourceVocabSize: number;
  override readonly maxSourceLength: number;
  private readonly hiddenSize: number;
  private readonly dropout: number;

  constructor({ vocabSize, sourceLength, ...options }: Seq2SeqOptions) {
    super();
    checkSizes('Seq2Seq', { vocabSize, sourceLength });
    checkOptions('Seq2Seq', options, ['vocabSize', 'sourceLength', 'embeddingDim', 'hiddenSize', 'dropout']);
    const { embeddingDim = 32, hiddenSize = 64, dropout = 0 } = options;
    this.vocabSize = vocabSize;
    this.sourceVocabSize = vocabSize;
    this.maxSourceLength = sourceLength;
    this.hiddenSize = hiddenSize;
    this.dropout = dropout;
    this.sourceEmbedding = new nn.Embedding(vocabSize, embeddingDim, { paddingIdx: 0 });
    this.encoder = new nn.GRU(embeddingDim, hiddenSize, { batchFirst: true, bidirectional: true });
    this.bridge = new nn.Linear(2 * hiddenSize, hiddenSize);
    this.targetEmbedding = new nn.Embedding(vocabSize, embeddingDim, { paddingIdx: 0 });
    this.decoder = new nn.GRU(embeddingDim, hiddenSize, { batchFirst: true });
    this.keys = new nn.Linear(2 * hiddenSize, hiddenSize, { bias: false });
    this.combine = new nn.Linear(3 * hiddenSize, hiddenSize);
    this.head = new nn.Linear(hiddenSize, vocabSize);
  }

  /** @throws GradloomError (code `shape`) for an input without a position for the decoder. */
  override forward(x: Tensor): Tensor {
    const S = this.maxSourceLength;
    const T = (x.shape[1] ?? 0) - S;
    if (T < 1) {
      throw new GradloomError({
        code: 'shape',
        op: 'Seq2Seq',
        argument: 'x',
        got: `${x.shape[1]} positions`,
        expected: `more than ${S}: the source's, then the decoder's`,
      });
    }
    const { memory, state } = this.read(ops.narrow(x, { dim: 1, start: 0, length: S }));
    const input = this.targetEmbedding.forward(ops.narrow(x, { dim: 1, start: S, length: T }));
    const { y } = this.decoder.forward(this.drop(input), { h0: state });
    return this.write(y, memory);
  }

  override decodeState({ rows, sourceLength }: DecodeSizes): Record<string, Shape> {
    const { hiddenSize } = this;
    return {
      values: [rows, sourceLength, 2 * hiddenSize],
      keys: [rows, sourceLength, hiddenSize],
      mask: [rows, 1, sourceLength],
      h: [1, rows, hiddenSize],
    };
  }

  override encode(source: Tensor, context: Pick<DecodeContext, 'keep'>): void {
    const { memory, state } = this.read(source);
    context.keep('values', memory.values);
    context.keep('keys', memory.keys);
    context.keep('mask', ops.cast(memory.mask, { dtype: 'f32' }));
    context.keep('h', state);
  }

  override decode(context: DecodeContext): Tensor {
    const { y, hn } = this.decoder.forward(this.targetEmbedding.forward(context.tokens), {
      h0: context.continued('h', 1),
      lengths: context.tokens.shape[1] > 1 ? context.lengths : undefined,
    });
    context.keep('h', hn);
    // Sequences that branch off one another have the same source, so the memory stays where it is.
    const mask = ops.cast(context.state('mask'), { dtype: 'bool' });
    const memory = { values: context.state('values'), keys: context.state('keys'), mask };
    const last = context.last(y);
    const logits = this.write(ops.unsqueeze(last, { dim: 1 }), memory);
    return ops.squeeze(logits, { dim: 1 });
  }

  /** Encodes sources `[N, S]`; the state is the decoder's first, `[1, N, hidden]`. */
  private read(source: Tensor): { memory: Memory; state: Tensor } {
    const mask = tokenMask(source);
    const embedded = this.drop(this.sourceEmbedding.forward(source));
    const { y, hn } = this.encoder.forward(embedded, { lengths: lengthsOf(mask) });
    const final = ops.cat([ops.select(hn, { dim: 0, index: 0 }), ops.select(hn, { dim: 0, index: 1 })], {
      dim: 1,
    });
    const state = ops.unsqueeze(ops.tanh(this.bridge.forward(final)), { dim: 0 });
    const memory = { values: y, keys: this.keys.forward(y), mask: ops.unsqueeze(mask, { dim: 1 }) };
    return { memory, state };
  }

  /** Logits `[N, T, vocabSize]` from decoder states `[N, T, hidden]`. */
  private write(states: Tensor, { values, keys, mask }: Memory): Tensor {
    const context = ops.scaledDotProductAttention(states, keys, values, mask);
    const joined = ops.cat([context, states], { dim: 2 });
    return this.head.forward(this.drop(ops.tanh(this.combine.forward(joined))));
  }

  private drop(x: Tensor): Tensor {
    return this.dropout > 0 && x.graph.training ? ops.dropout(x, { p: this.dropout }) : x;
  }
}

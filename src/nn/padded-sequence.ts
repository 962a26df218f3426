/** Sequences of different lengths in one batch: padding reaches the layers that have to know of it. */
import { checkOptions } from '../checks';
import { formatShape, GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { cast, div, eq, logicalNot, maximum, mul, sum, unsqueeze } from '../ops';
import { MultiheadAttention } from './attention';
import { Sequential } from './container';
import type { Module } from './module';
import { RecurrentLayer } from './recurrent';
import { TransformerEncoder, TransformerEncoderLayer } from './transformer';

export interface PaddedSequenceOptions {
  /** The token behind the end of shorter sequences. Default 0, as `padSequences` has it. */
  padding?: number;
  /** What becomes of the last layer's `[N, T, features]`: as it is (default), or its mean over the positions of each sequence. */
  pool?: 'none' | 'mean';
}

/**
 * Layers one after the other, as Sequential, over tokens `[N, T]` that are padded at the end. Recurrent layers get the lengths
 * (their last state is that at the end of each sequence), attention and transformer encoders the mask of padding: what a sequence
 * gives does not depend on how far it is padded. These layers take `batchFirst: true`.
 */
export class PaddedSequence extends Sequential {
  private readonly options: Required<PaddedSequenceOptions>;

  /** @throws GradloomError `argument` for unknown options and what is no module. */
  constructor(layers: readonly Module[], options: PaddedSequenceOptions = {}) {
    super(...layers);
    checkOptions('PaddedSequence', options, ['padding', 'pool']);
    const { padding = 0, pool = 'none' } = options;
    if (!Number.isInteger(padding)) throw fail('argument', 'padding', showValue(padding), 'a token');
    if (pool !== 'none' && pool !== 'mean')
      throw fail('argument', 'pool', showValue(pool), "'none' or 'mean'");
    this.options = { padding, pool };
  }

  override forward(x: Tensor): Tensor {
    if (x.rank !== 2) throw fail('shape', 'x', formatShape(x.shape), 'tokens [N, T]');
    const { padding, pool } = this.options;
    const isPadding = eq(x, padding);
    const isToken = cast(logicalNot(isPadding), { dtype: 'float32' });
    // A sequence of padding alone counts as one token.
    const counts = maximum(sum(isToken, { dim: 1 }), 1);
    const lengths = cast(counts, { dtype: 'int32' });
    let y = x;
    for (const [, layer] of this.namedChildren()) {
      if (layer instanceof RecurrentLayer) y = layer.forward(y, lengths);
      else if (layer instanceof TransformerEncoderLayer || layer instanceof TransformerEncoder) {
        y = layer.forward(y, { keyPaddingMask: isPadding });
      } else if (layer instanceof MultiheadAttention) {
        y = layer.forward(y, y, y, { keyPaddingMask: isPadding });
      } else y = layer.forward(y);
    }
    if (pool === 'none') return y;
    if (y.rank !== 3 || y.shape[1] !== x.shape[1]) {
      throw fail(
        'shape',
        'pool',
        `${formatShape(y.shape)} behind the last layer`,
        `[N, ${x.shape[1]}, features]`,
      );
    }
    const total = sum(mul(y, unsqueeze(isToken, { dim: 2 })), { dim: 1 });
    return div(total, unsqueeze(counts, { dim: 1 }));
  }
}

const fail = (code: 'argument' | 'shape', argument: string, got: string, expected: string) =>
  new GradloomError({ code, op: 'PaddedSequence', argument, got, expected });

/** Random cases of the recurrent ops and of attention. */
import fc from 'fast-check';
import { cellCase, recurrentCase } from '../recurrent.cases';
import type { InputSpec, OpCase } from '../types';
import { type Arbitraries, casesOf, count, limited, oneOf, shapes, size } from './common';

function recurrent(gates: number) {
  return casesOf(
    {
      T: count(5),
      N: count(3),
      features: count(5),
      hidden: count(6),
      layers: count(2),
      bidirectional: fc.boolean(),
      batchFirst: fc.boolean(),
      bias: fc.boolean(),
      states: fc.boolean(),
      unbatched: oneOf(false, false, false, true),
      proj: oneOf(0, 0, 1, 2, 3),
      lengths: fc.option(fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), { nil: undefined }),
    },
    ({ lengths, proj, ...setup }): OpCase => {
      const { T, N, unbatched } = setup;
      const used = unbatched ? undefined : lengths?.slice(0, N).map((n) => 1 + (n % T));
      const { hidden, batchFirst } = setup;
      return recurrentCase({
        ...setup,
        batchFirst: batchFirst && !unbatched,
        gates,
        lengths: used,
        // Only an lstm can project its state.
        proj: gates === 4 && proj > 0 && proj < hidden ? proj : undefined,
      });
    },
  );
}

const cell = (gates: number) =>
  casesOf(
    {
      N: count(4),
      features: size(10),
      hidden: size(20),
      bias: fc.boolean(),
      batched: oneOf(true, true, false),
    },
    ({ N, batched, ...setup }): OpCase => cellCase({ ...setup, gates, N: batched ? N : undefined }),
  );

const scaledDotProductAttention = casesOf(
  {
    batch: shapes({ max: 2, most: 6 }),
    sizes: fc.tuple(size(40), size(40), size(20), size(20)).map((sizes) => limited(sizes, 4000)),
    mask: oneOf('none', 'none', 'causal', 'boolean', 'float'),
    maskOnes: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    maskMissing: fc.nat(2),
    scale: oneOf(undefined, undefined, 0.25, 1),
    heads: oneOf(1, 1, 2, 3),
    needWeights: oneOf(false, false, true),
  },
  ({
    batch,
    sizes: [rows, columns, width, valueWidth],
    mask,
    maskOnes,
    maskMissing,
    scale,
    heads,
    needWeights,
  }): OpCase => {
    const attrs: Record<string, unknown> = needWeights ? { needWeights } : {};
    if (scale !== undefined) attrs.scale = scale;
    if (mask === 'causal') attrs.isCausal = true;
    // Several query heads per key head need the dims of batch and heads.
    const grouped = batch.length === 2 && heads > 1;
    if (grouped) attrs.enableGqa = true;
    const queries = grouped ? [batch[0], batch[1] * heads] : batch;
    const inputs: Record<string, InputSpec> = {
      query: [...queries, rows, width],
      key: [...batch, columns, width],
      value: [...batch, columns, valueWidth],
    };
    if (mask === 'boolean' || mask === 'float') {
      const whole = [...queries, rows, columns];
      // Broadcast over batch, heads and queries.
      const leading = whole.slice(0, -2).map((n, d) => (maskOnes[d] ? 1 : n));
      const shape = [
        ...leading.slice(Math.min(maskMissing, leading.length)),
        maskOnes[2] ? 1 : rows,
        columns,
      ];
      inputs.attnMask = mask === 'float' ? shape : { shape, dtype: 'bool' };
    }
    return { attrs, inputs };
  },
);

/** Random cases of these families. */
export const sequence: Arbitraries = {
  lstm: recurrent(4),
  gru: recurrent(3),
  rnn: recurrent(1),
  scaledDotProductAttention,
  lstmCell: cell(4),
  gruCell: cell(3),
  rnnCell: cell(1),
};

/** scaledDotProductAttention: checks and broadcasts its inputs, then runs the fused kernels. */
import { z } from 'zod';
import { formatShape, GradloomError } from '../../errors';
import { defineComposite } from '../../graph/op';
import type { Shape, Tensor } from '../../graph/tensor';
import { broadcastShapes, shapeError } from '../common';
import { expanded } from '../layout/repeat';
import { attentionForward } from './kernels';

const NAME = 'scaledDotProductAttention';

interface Inputs {
  query: Tensor;
  key: Tensor;
  value: Tensor;
}

function checkShapes({ query, key, value }: Inputs): void {
  for (const [name, x] of Object.entries({ query, key, value })) {
    if (x.rank < 2) throw shapeError(NAME, name, x, '[..., positions, head size]');
  }
  if (key.shape.at(-1) !== query.shape.at(-1)) {
    throw shapeError(
      NAME,
      'key',
      key,
      `the head size ${query.shape.at(-1)} of query ${formatShape(query.shape)}`,
    );
  }
  if (value.shape.at(-2) !== key.shape.at(-2)) {
    throw shapeError(
      NAME,
      'value',
      value,
      `the ${key.shape.at(-2)} positions of key ${formatShape(key.shape)}`,
    );
  }
}

/** Query heads per key and value head. */
function groupsOf({ query, key, value }: Inputs): number {
  for (const [name, x] of Object.entries({ query, key, value })) {
    if (x.rank < 3) throw shapeError(NAME, name, x, '[..., heads, positions, head size] with enableGqa');
  }
  const [heads, keyHeads, valueHeads] = [query, key, value].map((x) => x.shape.at(-3)!);
  if (valueHeads !== keyHeads) throw shapeError(NAME, 'value', value, `as many heads as key, ${keyHeads}`);
  if (keyHeads === 0 || heads % keyHeads !== 0) {
    throw shapeError(NAME, 'key', key, `a number of heads that divides the ${heads} of query`);
  }
  return heads / keyHeads;
}

/** The tensor with these batch dims; itself when it has them already. */
function withBatch(x: Tensor, batch: Shape): Tensor {
  const shape = [...batch, ...x.shape.slice(-2)];
  return x.shape.join() === shape.join() ? x : expanded(x, shape);
}

/** Softmax attention. */
export const scaledDotProductAttention = defineComposite({
  name: NAME,
  aliases: ['attention', 'sdpa'],
  doc:
    'y = softmax(scale query key^T + attnMask) value, without ever storing the matrix of scores. A bool mask is true ' +
    'where a query may look at a key, a float mask is added to the scores; a query that may look at nothing gives 0.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html',
  inputs: ['query', 'key', 'value', 'attnMask?'],
  dtypes: { attnMask: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    /** Probability with which a weight is dropped, in training. */
    dropoutP: z.number().min(0).max(1).default(0),
    /** Query i sees keys 0 to i. */
    isCausal: z.boolean().default(false),
    /** null is 1 / sqrt(head size). */
    scale: z.number().nullable().default(null),
    /** Grouped-query attention: key and value have fewer heads than query, each for a group of query heads. */
    enableGqa: z.boolean().default(false),
  }),
  compose({ query, key, value, attnMask }, { dropoutP, isCausal, scale, enableGqa }, graph) {
    checkShapes({ query, key, value });
    const groups = enableGqa ? groupsOf({ query, key, value }) : 1;
    // With groups the heads are not broadcast: the kernels find the head of a group themselves.
    const own = (x: Tensor) => x.shape.slice(0, enableGqa ? -3 : -2);
    const names: [string, string] = ['query', 'key and value'];
    const shared = broadcastShapes(
      NAME,
      own(query),
      broadcastShapes(NAME, own(key), own(value), ['key', 'value']),
      names,
    );
    const batchOf = (x: Tensor) => (enableGqa ? [...shared, x.shape.at(-3)!] : shared);
    if (attnMask) checkMask(attnMask, [...batchOf(query), query.shape.at(-2)!, key.shape.at(-2)!]);
    return attentionForward(
      {
        query: withBatch(query, batchOf(query)),
        key: withBatch(key, batchOf(key)),
        value: withBatch(value, batchOf(value)),
        attnMask,
      },
      {
        groups,
        causal: isCausal,
        scale: scale ?? 1 / Math.sqrt(query.shape.at(-1)!),
        dropout: graph.training ? dropoutP : 0,
      },
    ).y;
  },
});

function checkMask(mask: Tensor, scores: Shape): void {
  if (mask.dtype === 'i32') {
    throw new GradloomError({
      code: 'dtype',
      op: NAME,
      argument: 'attnMask',
      got: `i32 ${formatShape(mask.shape)}`,
      expected: 'bool (true: may look) or f32 (added to the scores)',
    });
  }
  const missing = scores.length - mask.rank;
  const fits = missing >= 0 && mask.shape.every((n, d) => n === 1 || n === scores[missing + d]);
  if (!fits) throw shapeError(NAME, 'attnMask', mask, `a shape that broadcasts to ${formatShape(scores)}`);
}

/** scaledDotProductAttention: checks and broadcasts its inputs, then runs the fused kernels. */
import { formatShape, GradloomError } from '../../errors';
import type { Graph } from '../../graph/ir/graph';
import { type OpCall, type OpRules, type Shape, Storage, sizeOf, Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, shapeError } from '../common';
import { pad } from '../layout/pad';
import { expanded } from '../layout/repeat';
import { narrowed } from '../layout/slice';
import { viewAs } from '../reduce/sum';
import { attentionForward } from './kernels';
import type { Layout } from './operands';
import { attentionWeights } from './weights';

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

/** Multiply-adds of both matrix multiplications. */
const multAdds: OpRules['multAdds'] = ({ query, key, y }) => key.shape.at(-2) * (query.size + y.size);

/** Softmax attention. */
export const scaledDotProductAttention = defineComposite({
  name: NAME,
  multAdds,
  aliases: ['attention', 'sdpa'],
  doc:
    'y = softmax(scale query key^T + attnMask) value, without ever storing the matrix of scores. A bool mask is true ' +
    'where a query may look at a key, a float mask is added to the scores; a query that may look at nothing gives 0. With `needWeights` the softmax is a ' +
    'further output, weights, which takes a matrix per head.',
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
    /** A further output, weights: a matrix per head, before dropout. */
    needWeights: z.boolean().default(false),
  }),
  compose({ query, key, value, attnMask }, { dropoutP, isCausal, scale, enableGqa, needWeights }, graph) {
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
    const [queries, headSize] = query.shape.slice(-2);
    const [keys, valueSize] = value.shape.slice(-2);
    const [headDim, valueDim] = [headSize, valueSize].map(aligned);
    const batchShape = batchOf(query);
    // Every group of heads is a batch element here.
    const ofQuery = (columns: number): Layout => [0, groups * queries * columns, queries * columns, columns];
    const ofKey = (columns: number): Layout => [0, keys * columns, 0, columns];
    const factor = scale ?? 1 / Math.sqrt(headSize);
    const { y } = attentionForward(
      {
        query: padded(withBatch(query, batchShape)),
        key: padded(withBatch(key, batchOf(key))),
        value: padded(withBatch(value, batchOf(value))),
        attnMask,
      },
      {
        batchShape,
        batch: sizeOf(batchShape) / groups,
        heads: groups,
        groups,
        queries,
        keys,
        headDim,
        valueDim,
        query: ofQuery(headDim),
        key: ofKey(headDim),
        value: ofKey(valueDim),
        y: ofQuery(valueDim),
        shape: [...batchShape, queries, valueDim],
        causal: isCausal,
        scale: factor,
        dropout: graph.training ? dropoutP : 0,
      },
    );
    const result = cropped(y, valueSize);
    if (!needWeights) return result;
    const heads = { query: withBatch(query, batchShape), key: withBatch(key, batchOf(key)), attnMask };
    const weights = attentionWeights(heads, { factor, isCausal, groups });
    // The declared output is y alone, which is what callers get who do not ask for more.
    return { y: result, weights } as unknown as Tensor;
  },
});

/** The packed operands of `projectedAttention`. */
export interface Projections {
  /** [N, T, E], or with key and value behind it [N, T, 3 E]. */
  query: Tensor;
  /** [N, T, E], or with the value behind it [N, T, 2 E]; missing when it is part of `query`. */
  key?: Tensor;
  /** Missing when it is part of `key` or `query`. */
  value?: Tensor;
  /** As `attnMask` of `scaledDotProductAttention`, for [N, heads, Tq, Tk]. */
  attnMask?: Tensor;
}

/** How `projectedAttention` reads its operands. */
export interface ProjectedAttentionOptions {
  heads: number;
  /** Whether the operands and the output are [N, T, *] instead of [T, N, *]. */
  batchFirst: boolean;
  isCausal?: boolean;
  dropoutP?: number;
}

/**
 * Multi-head attention on projections as a matmul leaves them, [N, T, E] (or [T, N, E]) with the heads side by
 * side, into an output of the same layout: without a copy of any of them, in the forward pass or in the backward pass.
 */
export function projectedAttention(inputs: Projections, attrs: ProjectedAttentionOptions): Tensor {
  const { query, key, value, attnMask } = inputs;
  const { heads, batchFirst, isCausal = false, dropoutP = 0 } = attrs;
  const { graph } = query;
  const [first, firstNode] = [graph.calls.length, graph.nodes.length];
  const embedding = query.shape[2] / (key ? 1 : 3);
  const headSize = embedding / heads;
  const width = aligned(headSize);
  const [batch, queries] = batchFirst ? query.shape : [query.shape[1], query.shape[0]];
  const keys = (key ?? query).shape[batchFirst ? 1 : 0];
  const batchShape = [batch, heads];
  if (attnMask) checkMask(attnMask, [...batchShape, queries, keys]);
  const padHeads = (x: Tensor): Tensor => {
    if (width === headSize) return x;
    const [a, b, line] = x.shape;
    const inHeads = padded(viewAs(x, [a, b, line / headSize, headSize]));
    return viewAs(inHeads, [a, b, inHeads.size / (a * b)]);
  };
  const packed = { query: padHeads(query), key: key && padHeads(key), value: value && padHeads(value) };
  // Batch elements or positions are next to each other, each a row of the tensor long.
  const layout = (line: number, part: number, positions: number): Layout => [
    part * heads * width,
    batchFirst ? positions * line : line,
    width,
    batchFirst ? line : batch * line,
  ];
  const [ofKey, ofValue] = [packed.key ?? packed.query, packed.value ?? packed.key ?? packed.query];
  const { y } = attentionForward(
    { ...packed, attnMask },
    {
      batchShape,
      batch,
      heads,
      groups: 1,
      queries,
      keys,
      headDim: width,
      valueDim: width,
      query: layout(packed.query.shape[2], 0, queries),
      key: layout(ofKey.shape[2], key ? 0 : 1, keys),
      value: layout(ofValue.shape[2], value ? 0 : key ? 1 : 2, keys),
      y: layout(heads * width, 0, queries),
      shape: [...query.shape.slice(0, 2), heads * width],
      causal: isCausal,
      scale: 1 / Math.sqrt(headSize),
      dropout: graph.training ? dropoutP : 0,
    },
  );
  const inHeads = () => viewAs(y, [...query.shape.slice(0, 2), heads, width]);
  const result =
    width === headSize ? y : viewAs(cropped(inHeads(), headSize), [...query.shape.slice(0, 2), embedding]);
  const standsFor = { name: 'projectedAttention', inputs, attrs, outputs: { y: result } };
  recordCall(graph, { batch, heads, queries, keys, headSize }, { first, firstNode, standsFor });
  return result;
}

/** Records a call of the op for summaries, with the shapes of unpacked heads. */
function recordCall(
  graph: Graph,
  {
    batch,
    heads,
    queries,
    keys,
    headSize,
  }: Record<'batch' | 'heads' | 'queries' | 'keys' | 'headSize', number>,
  recorded: Pick<OpCall, 'first' | 'firstNode' | 'standsFor'>,
): void {
  const shaped = (lines: number) => {
    const shape = [batch, heads, lines, headSize];
    return new Tensor(graph, shape, 'f32', new Storage(4 * sizeOf(shape)));
  };
  const [query, key] = [shaped(queries), shaped(keys)];
  const inputs = { query, key, value: key };
  const { call } = scaledDotProductAttention.info;
  const outputs = { y: query };
  graph.calls.push({ op: NAME, call, rules: { multAdds }, inputs, attrs: {}, outputs, ...recorded });
}

/** Head sizes are padded with zeros to multiples of 4, which change no dot product. */
const aligned = (size: number): number => 4 * Math.ceil(size / 4);

function padded(x: Tensor): Tensor {
  const missing = aligned(x.shape.at(-1)!) - x.shape.at(-1)!;
  return missing === 0 ? x : pad(x, { pad: [0, missing] });
}

const cropped = (x: Tensor, size: number): Tensor =>
  x.shape.at(-1) === size ? x : narrowed(x, x.rank - 1, 0, size);

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

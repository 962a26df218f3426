/**
 * Float64 reference of scaled dot product attention:
 *   scores[i, j] = scale * <query_i, key_j> + mask[i, j]     p = softmax of each row     y_i = sum_j p[i, j] value_j
 * with scale = 1 / sqrt(head size) unless given. Source: Vaswani et al., "Attention Is All You Need", 2017.
 */
import { cases } from './attention.cases';
import { broadcastShapes, broadcastTo, makeArray, size } from './ndarray';
import type { NdArray, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];

/** Shape of the batch dims of attention: everything before the last two dims. */
const batchOf = (x: NdArray): number[] => x.shape.slice(0, -2);

/** Each key or value head repeated `groups` times in a row: the heads are the third dim from the end. */
function repeatHeads(x: NdArray, groups: number): NdArray {
  const head = size(x.shape.slice(-2));
  const at = x.shape.length - 3;
  const y = makeArray(x.shape.map((n, d) => (d === at ? n * groups : n)));
  for (let i = 0; i < y.data.length; i++) {
    y.data[i] = x.data[Math.floor(i / (head * groups)) * head + (i % head)];
  }
  return y;
}

/**
 * What is added to every score: 0 where a query may look at a key and -Infinity where not, or the float mask.
 * Arrays of the references have no dtype: a mask of only zeros and ones counts as boolean here.
 */
function additiveMask(mask: NdArray | undefined, isCausal: boolean, shape: number[]): NdArray {
  const y = mask ? broadcastTo(mask, shape) : makeArray(shape);
  const [rows, columns] = shape.slice(-2);
  const boolean = mask?.data.every((value) => value === 0 || value === 1);
  for (let i = 0; i < y.data.length; i++) {
    if (boolean) y.data[i] = y.data[i] === 1 ? 0 : Number.NEGATIVE_INFINITY;
    // Aligned at the top left: query i sees the keys 0 to i, also when there are more keys than queries.
    if (isCausal && i % columns > Math.floor(i / columns) % rows) y.data[i] = Number.NEGATIVE_INFINITY;
  }
  return y;
}

/** Softmax of one row; a row without any key to look at gives zeros (PyTorch since 2.5), not NaN. */
function softmaxRow(scores: number[]): number[] {
  const max = Math.max(...scores);
  if (max === Number.NEGATIVE_INFINITY) return scores.map(() => 0);
  const exps = scores.map((score) => Math.exp(score - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}

function attention(inputs: Record<string, NdArray>, attrs: Attrs): Record<string, NdArray> {
  const { isCausal = false, scale = null, enableGqa = false, needWeights = false } = attrs;
  const { query, attnMask } = inputs;
  const groups = enableGqa ? query.shape.at(-3)! / inputs.key.shape.at(-3)! : 1;
  const [key, value] = [inputs.key, inputs.value].map((x) => (enableGqa ? repeatHeads(x, groups) : x));
  const [rows, width] = query.shape.slice(-2);
  const columns = key.shape.at(-2)!;
  const valueWidth = value.shape.at(-1)!;

  const batch = broadcastShapes(batchOf(query), batchOf(key), batchOf(value));
  const q = broadcastTo(query, [...batch, rows, width]).data;
  const k = broadcastTo(key, [...batch, columns, width]).data;
  const v = broadcastTo(value, [...batch, columns, valueWidth]).data;
  const mask = additiveMask(attnMask, isCausal, [...batch, rows, columns]).data;
  const y = makeArray([...batch, rows, valueWidth]);
  const weights = makeArray([...batch, rows, columns]);

  for (let b = 0; b < size(batch); b++) {
    for (let i = 0; i < rows; i++) {
      const scores: number[] = [];
      for (let j = 0; j < columns; j++) {
        let product = 0;
        for (let d = 0; d < width; d++)
          product += q[(b * rows + i) * width + d] * k[(b * columns + j) * width + d];
        scores.push(product * (scale ?? 1 / Math.sqrt(width)) + mask[(b * rows + i) * columns + j]);
      }
      for (const [j, weight] of softmaxRow(scores).entries()) {
        weights.data[(b * rows + i) * columns + j] = weight;
        for (let d = 0; d < valueWidth; d++) {
          y.data[(b * rows + i) * valueWidth + d] += weight * v[(b * columns + j) * valueWidth + d];
        }
      }
    }
  }
  return needWeights ? { y, weights } : { y };
}

/** The reference of attention by canonical op name (without dropout, which is random). */
export const references: Record<string, Reference> = {
  scaledDotProductAttention: { forward: attention, cases },
};

/** The weights of attention as a tensor, which the fused kernels never store. */
import type { Shape, Tensor } from '../../graph/ir/graph';
import { add, eq, where } from '../elementwise';
import { scale } from '../elementwise/scale';
import { matmul } from '../gemm/matmul';
import { expanded } from '../layout/repeat';
import { amax } from '../reduce/extremes';
import { viewAs } from '../reduce/sum';
import { softmax } from '../softmax/softmax';

/** Each key head for the `groups` query heads that share it. */
export function repeatedHeads(key: Tensor, groups: number): Tensor {
  if (groups === 1) return key;
  const [batch, [heads, ...head]] = [key.shape.slice(0, -3), key.shape.slice(-3)];
  const apart = viewAs(key, [...batch, heads, 1, ...head]);
  return viewAs(expanded(apart, [...batch, heads, groups, ...head]), [...batch, heads * groups, ...head]);
}

/** 1 where query i may see key j: j <= i. */
function causalMask({ graph }: Tensor, [rows, keys]: Shape): Tensor {
  const seen = Float32Array.from({ length: rows * keys }, (_, i) => Number(i % keys <= Math.floor(i / keys)));
  return graph.constant(seen, [rows, keys], 'bool');
}

/**
 * softmax(factor query key^T + attnMask) [..., rows, keys]; a query that may look at nothing has weights of 0.
 * @param query [..., heads, rows, head size], key with `groups` times fewer heads
 */
export function attentionWeights(
  { query, key, attnMask }: { query: Tensor; key: Tensor; attnMask?: Tensor },
  { factor, isCausal, groups }: { factor: number; isCausal: boolean; groups: number },
): Tensor {
  let scores = scale(matmul(query, repeatedHeads(key, groups), { transposeB: true }), factor);
  const hidden = Number.NEGATIVE_INFINITY;
  if (attnMask) scores = attnMask.dtype === 'bool' ? where(attnMask, scores, hidden) : add(scores, attnMask);
  if (isCausal) scores = where(causalMask(scores, scores.shape.slice(-2)), scores, hidden);
  const nothing = eq(amax(scores, { dim: -1, keepdim: true }), hidden);
  return where(nothing, 0, softmax(where(nothing, 0, scores), { dim: -1 }));
}

/** Attention written with ops, on operands in any layout of the kernels, for second derivatives. */
import { gradientsOf } from '../../graph/compiler/autodiff';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { matmul } from '../gemm/matmul';
import { permuted } from '../layout/permute';
import { narrowed } from '../layout/slice';
import { viewAs } from '../reduce/sum';
import type { AttentionAttrs, Layout, Operands } from './operands';
import { attentionWeights, repeatedHeads } from './weights';

/** Positions of heads side by side in rows: [N, T, *], or [T, N, *] unless `batchFirst`. */
const isBatchFirst = (x: Tensor, batch: number, layout: Layout) =>
  x.shape[0] === batch && layout[3] === x.shape[2];

/** An operand as [...batch, heads, positions, width]. */
function inHeads(x: Tensor, layout: Layout, outer: Shape, positions: number, width: number): Tensor {
  if (layout[3] === width) return viewAs(x, [...outer, positions, width]);
  const [batch, heads] = outer;
  const part = narrowed(x, 2, layout[0], heads * width);
  const apart = viewAs(part, [...x.shape.slice(0, 2), heads, width]);
  return permuted(apart, isBatchFirst(x, batch, layout) ? [0, 2, 1, 3] : [1, 2, 0, 3]);
}

function attentionOf({ query, key = query, value = key, attnMask }: Operands, attrs: AttentionAttrs): Tensor {
  const { batchShape, batch, heads, groups, queries, keys, headDim, valueDim, causal, scale, shape } = attrs;
  const shared = groups === 1 ? batchShape : [...batchShape.slice(0, -1), batchShape.at(-1)! / groups];
  const q = inHeads(query, attrs.query, batchShape, queries, headDim);
  const k = inHeads(key, attrs.key, shared, keys, headDim);
  const v = inHeads(value, attrs.value, shared, keys, valueDim);
  const weights = attentionWeights(
    { query: q, key: k, attnMask },
    { factor: scale, isCausal: causal, groups },
  );
  const y = matmul(weights, repeatedHeads(v, groups));
  if (attrs.y[3] === valueDim) return viewAs(y, shape);
  const batchFirst = shape[0] === batch && attrs.y[3] === heads * valueDim;
  return viewAs(permuted(y, batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]), shape);
}

/** The gradients of the operands, each by itself even where one tensor is given twice. */
export function attentionGradients(operands: Operands, attrs: AttentionAttrs, dy: Tensor): Partial<Operands> {
  const given = Object.entries(operands).filter(([, x]) => x?.dtype !== 'bool' && x) as [
    keyof Operands,
    Tensor,
  ][];
  const apart = given.map(([, x]) => viewAs(x, [1, ...x.shape]));
  const found = gradientsOf(
    apart,
    () => {
      const seen = given.map(([name, x], i) => [name, viewAs(apart[i], x.shape)]);
      return attentionOf({ ...operands, ...Object.fromEntries(seen) }, attrs);
    },
    dy,
  );
  return Object.fromEntries(given.map(([name, x], i) => [name, found[i] && viewAs(found[i], x.shape)]));
}

/** How shaders find the elements of operands that are broadcast (lib/strided.wgsl). */
import type { Shape } from '../../graph/ir/graph';
import { broadcastStrides, collapse, MAX_RANK } from '../common';

/**
 * The uniform fields `rank` and `dims` with which a shader walks up to three operands that are broadcast to `shape`:
 * per dimension, innermost first, its size and the operands' strides.
 */
export function stridedParams(op: string, shape: Shape, ...operands: Shape[]) {
  const collapsed = collapse(op, shape, ...operands.map((operand) => broadcastStrides(operand, shape)));
  const dims = Array.from({ length: MAX_RANK }, () => [1, 0, 0, 0]);
  const rank = collapsed.shape.length;
  collapsed.shape.forEach((size, d) => {
    const dim = dims[rank - 1 - d];
    dim[0] = size;
    collapsed.strides.forEach((strides, operand) => {
      dim[operand + 1] = strides[d];
    });
  });
  return { rank, dims: dims.flat() };
}

/** Sibling fusion: column sums of a matrix come out of a product that reads the matrix too. */
import type { Node } from '../../ir/graph';
import type { Rewrite, UseDef } from './use-def';

/** The gradients of a linear layer's weight and bias, which both read the gradient of its outputs, in one dispatch. */
export function fuseColumnSums(node: Node, uses: UseDef): Rewrite | undefined {
  const sums = node.op.fusion!.withColumnSums!({ ...node.inputs, ...node.outputs }, node.attrs);
  if (!sums) return undefined;
  const { root } = sums.of.storage;
  const isSibling = (other: Node) => {
    const { fusion } = other.op;
    const matrix = fusion?.columnSumsOf?.({ ...other.inputs, ...other.outputs }, other.attrs);
    return matrix?.storage.root === root && matrix.shape.join() === sums.of.shape.join();
  };
  const sibling = uses.readers(sums.of).find((other) => uses.isBefore(node, other) && isSibling(other));
  if (!sibling || uses.isWrittenBetween([sums.of], node, sibling)) return undefined;
  const both: Node = { ...node, op: sums.op, outputs: { ...node.outputs, sums: sibling.outputs.y } };
  return {
    replace: [
      [node, both],
      [sibling, undefined],
    ],
  };
}

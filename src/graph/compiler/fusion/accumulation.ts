/** Gradient accumulation in place: the kernel of one summand adds to the memory of the other. */
import type { Node, Tensor } from '../../ir/graph';
import type { Rewrite, UseDef } from './use-def';

/**
 * y = a + b disappears: the kernel that computes the later summand adds to the earlier one's memory, so that neither a
 * clearing pass nor an addition is needed. Applies where that kernel can accumulate, nothing else reads the later
 * summand, and all that reads the earlier one runs before.
 */
export function foldAccumulation(node: Node, uses: UseDef): Rewrite | undefined {
  const { a, b } = node.inputs as Record<string, Tensor>;
  if (uses.isObservable(a) || uses.isObservable(b)) return undefined;
  return fold(node, a, b, uses) ?? fold(node, b, a, uses);
}

function fold(node: Node, earlier: Tensor, later: Tensor, uses: UseDef): Rewrite | undefined {
  const from = uses.writers(earlier).at(-1);
  const into = uses.writers(later).at(-1);
  if (!from || !into || !uses.isBefore(from, into)) return undefined;
  const { root } = later.storage;
  const name = Object.keys(into.outputs).find((output) => into.outputs[output].storage.root === root)!;
  if (!into.op.fusion?.accumulates?.includes(name) || into.accumulate.has(name)) return undefined;
  if (uses.onlyReader(later) !== node) return undefined;
  if (uses.readers(earlier).some((reader) => reader !== node && !uses.isBefore(reader, into)))
    return undefined;
  const adding: Node = { ...into, accumulate: new Set([...into.accumulate, name]) };
  return {
    replace: [
      [node, undefined],
      [into, adding],
    ],
    alias: [
      [later.storage, earlier.storage],
      [node.outputs.y.storage, earlier.storage],
    ],
  };
}

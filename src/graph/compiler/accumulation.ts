/** Rewrites of a recorded graph before it is lowered. */

import type { Node, Storage, Tensor } from '../ir/graph';
import { inputTensors } from './autodiff';

/**
 * Folds `accumulate` nodes into the kernel that computes the second summand: that kernel then adds to the first
 * summand's memory, so that no clearing pass and no extra addition is needed. Applies where the kernel can
 * accumulate, nothing else reads the second summand, and all that reads the first one runs before.
 */
export function foldAccumulation(nodes: readonly Node[], kept: ReadonlySet<Storage>): Node[] {
  const position = new Map(nodes.map((node, i) => [node, i]));
  const readers = new Map<Storage, Node[]>();
  const writer = new Map<Storage, { node: Node; output: string }>();
  for (const node of nodes) {
    if (!node.op.lower) continue;
    for (const { storage } of inputTensors(node)) {
      readers.set(storage.root, [...(readers.get(storage.root) ?? []), node]);
    }
    for (const [output, tensor] of Object.entries(node.outputs))
      writer.set(tensor.storage.root, { node, output });
  }
  const free = ({ root }: Storage) => !root.leaf && !kept.has(root);
  const folded = new Set<Node>();
  for (const node of nodes) {
    if (node.op.name !== 'accumulate') continue;
    const { a, b } = node.inputs as Record<string, Tensor>;
    if (!free(a.storage) || !free(b.storage)) continue;
    for (const [first, second] of [
      [a, b],
      [b, a],
    ]) {
      const from = writer.get(first.storage.root);
      const into = writer.get(second.storage.root);
      if (!from || !into || from.node === into.node) continue;
      const at = position.get(into.node)!;
      if (at < position.get(from.node)!) continue;
      if (!into.node.op.accumulates?.includes(into.output) || into.node.accumulate.has(into.output)) continue;
      if (readers.get(second.storage.root)?.length !== 1) continue;
      const others = readers.get(first.storage.root)!.filter((reader) => reader !== node);
      if (others.some((reader) => position.get(reader)! >= at)) continue;
      into.node.accumulate.add(into.output);
      const sum = node.outputs.y.storage;
      const sumReaders = readers.get(sum.root) ?? [];
      second.storage.root.alias = first.storage.root;
      sum.root.alias = first.storage.root;
      readers.set(first.storage.root, sumReaders);
      writer.set(first.storage.root, into);
      folded.add(node);
      break;
    }
  }
  return nodes.filter((node) => !folded.has(node));
}

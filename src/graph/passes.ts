/** Rewrites of a recorded graph before it is lowered. */
import { inputTensors } from './autodiff';
import type { Node } from './graph';
import type { Storage, Tensor } from './tensor';

/**
 * Folds `accumulate` nodes into the kernel that computes the second summand: that kernel then adds to the first
 * summand's memory, so that no clearing pass and no extra addition is needed. Applies where the kernel can
 * accumulate and both summands have no other reader.
 */
export function foldAccumulation(nodes: readonly Node[], kept: ReadonlySet<Storage>): Node[] {
  const readers = new Map<Storage, number>();
  const writer = new Map<Storage, { node: Node; output: string }>();
  for (const node of nodes) {
    if (!node.op.lower) continue;
    for (const tensor of inputTensors(node)) {
      const root = tensor.storage.root;
      readers.set(root, (readers.get(root) ?? 0) + 1);
    }
    for (const [output, tensor] of Object.entries(node.outputs))
      writer.set(tensor.storage.root, { node, output });
  }
  const only = (tensor: Tensor) =>
    !tensor.storage.root.leaf && !kept.has(tensor.storage.root) && readers.get(tensor.storage.root) === 1;
  const folded = new Set<Node>();
  for (const node of nodes) {
    if (node.op.name !== 'accumulate') continue;
    const { a, b } = node.inputs as Record<string, Tensor>;
    if (!only(a) || !only(b)) continue;
    for (const [first, second] of [
      [a, b],
      [b, a],
    ]) {
      const from = writer.get(first.storage.root);
      const into = writer.get(second.storage.root);
      if (!from || !into || into.node.index < from.node.index || into.node === from.node) continue;
      if (!into.node.op.accumulates?.includes(into.output) || into.node.accumulate.has(into.output)) continue;
      into.node.accumulate.add(into.output);
      const sum = node.outputs.y.storage;
      const sumReaders = readers.get(sum.root) ?? 0;
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

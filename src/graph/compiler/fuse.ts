/**
 * The fusion pass: a node that only makes something of each value of another node's result is computed by that
 * node's kernel, as its epilogue.
 */

import type { AsEpilogue, Node } from '../ir/graph';
import { type Storage, Tensor } from '../ir/graph';
import { inputTensors } from './autodiff';

/** Fuses where the result in between has no other reader, or only later ones, for which it is then stored too. */
export function fuseEpilogues(nodes: readonly Node[], kept: ReadonlySet<Storage>): Node[] {
  const order = new Map(nodes.map((node, i) => [node, i]));
  const readers = new Map<Storage, Node[]>();
  for (const node of nodes) {
    if (!node.op.lower) continue;
    for (const { storage } of inputTensors(node)) {
      const list = readers.get(storage.root) ?? [];
      if (list.at(-1) !== node) list.push(node);
      readers.set(storage.root, list);
    }
  }
  const replaced = new Map<Node, Node | undefined>();
  for (const node of nodes) {
    if (!node.op.takesEpilogue || replaced.has(node)) continue;
    const between = node.outputs.y;
    const { root } = between.storage;
    const [consumer, ...others] = readers.get(root) ?? [];
    if (!consumer || kept.has(root) || root.leaf || replaced.has(consumer)) continue;
    const epilogue = consumer.op.asEpilogue?.({ ...consumer.inputs, ...consumer.outputs }, consumer.attrs);
    if (!epilogue || !fits(epilogue, consumer, between)) continue;
    if (others.length > 0 && epilogue.kind !== 'activation') continue;
    const inputs = new Set(inputTensors(node).map((tensor) => tensor.storage.root));
    if (overwritten(nodes.slice(order.get(node)! + 1, order.get(consumer)), inputs)) continue;
    const [result] = Object.values(consumer.outputs);
    const y = new Tensor(between.graph, between.shape, between.dtype, result.storage, node);
    const before = others.length > 0 ? between : undefined;
    replaced.set(node, undefined);
    replaced.set(consumer, {
      ...node,
      inputs: epilogue.aux ? { ...node.inputs, aux: epilogue.aux } : node.inputs,
      outputs: before ? { ...node.outputs, y, before } : { ...node.outputs, y },
      epilogue: { ...epilogue, before },
    });
  }
  return nodes.flatMap((node) => {
    if (!replaced.has(node)) return [node];
    const fused = replaced.get(node);
    return fused ? [fused] : [];
  });
}

/** The epilogue reads all of the result once, in the same order, and nothing else of it. */
function fits({ through, aux }: AsEpilogue, consumer: Node, between: Tensor): boolean {
  const value = consumer.inputs[through] as Tensor;
  const [result, ...more] = Object.values(consumer.outputs);
  return (
    more.length === 0 &&
    value.storage.root === between.storage.root &&
    value.size === between.size &&
    result.size === between.size &&
    result.dtype === between.dtype &&
    (!aux || (aux.size === between.size && aux.storage.root !== between.storage.root))
  );
}

/** Whether one of the nodes writes to memory that a kernel which moves behind them reads. */
function overwritten(nodes: readonly Node[], read: ReadonlySet<Storage>): boolean {
  return nodes.some(
    ({ op, outputs }) => op.lower && Object.values(outputs).some(({ storage }) => read.has(storage.root)),
  );
}

/**
 * Gradient accumulation over micro-batches: kernels add to placed storages (gradients in their arena) instead of
 * overwriting them. Runs after fusion, when it is known which node writes a storage first.
 */
import accumulateInto from '../../../shaders/elementwise/accumulate.into.wgsl';
import { type Node, Storage, Tensor } from '../ir/graph';
import { defineInternal } from '../ir/op';

/** y += x. */
const addInto = defineInternal({
  name: 'accumulateInto',
  inputs: ['x', 'target'],
  outputs: ['y'],
  shape: ({ target }) => ({ y: { shape: target.shape, dtype: target.dtype, viewOf: target } }),
  lower: ({ x, y }, _: undefined, k) =>
    k.dispatch(accumulateInto, { x }, { y }, { n: y.size }, { threads: y.size }),
});

/**
 * Makes the first writer of each of `storages` add to what is there: by its kernel's accumulate flag where it has one,
 * else by one more dispatch.
 */
export function accumulatePlaced(nodes: readonly Node[], storages: ReadonlySet<Storage>): Node[] {
  const left = new Set([...storages].map(({ root }) => root));
  return nodes.flatMap((node) => {
    if (!node.op.lower) return [node];
    const accumulate = new Set(node.accumulate);
    const outputs = { ...node.outputs };
    const additions: Node[] = [];
    for (const [name, tensor] of Object.entries(node.outputs)) {
      if (!left.delete(tensor.storage.root)) continue;
      if (node.op.fusion?.accumulates?.includes(name)) {
        accumulate.add(name);
        continue;
      }
      const { graph, shape, dtype } = tensor;
      outputs[name] = new Tensor(graph, shape, dtype, new Storage(tensor.storage.root.size), node);
      addInto({ x: outputs[name], target: tensor }, undefined);
      additions.push(graph.nodes.pop()!);
    }
    return [{ ...node, accumulate, outputs }, ...additions];
  });
}

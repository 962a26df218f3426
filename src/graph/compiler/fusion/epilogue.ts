/** Epilogue fusion: an elementwise consumer is computed by its producer's kernel. */
import { type Epilogue, type Node, Tensor } from '../../ir/graph';
import { inputTensors } from '../autodiff';
import type { Rewrite, UseDef } from './use-def';

/** A node as the epilogue of the kernel that computes its input `through`. */
export interface Consumer {
  node: Node;
  through: Tensor;
  result: Tensor;
  epilogue: Epilogue;
}

/**
 * A reader of `value` as an epilogue of the kernel that computes it: undefined unless the node is elementwise in the
 * whole of it, reads it once, and gives the same type.
 */
export function asConsumer(node: Node | undefined, { storage, size, dtype }: Tensor): Consumer | undefined {
  const { asEpilogue } = node?.op.fusion ?? {};
  if (!node || !asEpilogue) return undefined;
  const names = Object.entries(node.inputs).flatMap(([name, input]) =>
    input instanceof Tensor && input.storage.root === storage.root ? [name] : [],
  );
  const results = Object.values(node.outputs);
  if (names.length !== 1 || results.length !== 1) return undefined;
  const through = node.inputs[names[0]] as Tensor;
  const [result] = results;
  if (through.size !== size || result.size !== size || result.dtype !== dtype) return undefined;
  const epilogue = asEpilogue({ ...node.inputs, ...node.outputs }, node.attrs, names[0]);
  if (!epilogue || (epilogue.aux && epilogue.aux.size !== size)) return undefined;
  return { node, through, result, epilogue };
}

/** Fuses where the value in between has no other reader, or only later ones, for which it is then stored too. */
export function fuseEpilogue(node: Node, uses: UseDef): Rewrite | undefined {
  const value = node.outputs.y;
  if (node.epilogue || uses.isObservable(value)) return undefined;
  const [first, ...others] = uses.readers(value);
  const consumer = asConsumer(first, value);
  if (!consumer) return undefined;
  const { result, epilogue } = consumer;
  if (others.length > 0 && epilogue.kind !== 'activation') return undefined;
  // Of the operands of a sum, the one computed last takes the other.
  const isLater = (writer: Node) => uses.isBefore(node, writer) && uses.isBefore(writer, first);
  if (epilogue.kind === 'add' && uses.writers(epilogue.aux!).some(isLater)) return undefined;
  // The kernel moves to the place of its consumer.
  if (uses.isWrittenBetween(inputTensors(node), node, first)) return undefined;
  const y = new Tensor(value.graph, value.shape, value.dtype, result.storage, node);
  const before = others.length > 0 ? value : undefined;
  const fused: Node = {
    ...node,
    inputs: epilogue.aux ? { ...node.inputs, aux: epilogue.aux } : node.inputs,
    outputs: before ? { ...node.outputs, y, before } : { ...node.outputs, y },
    epilogue: { ...epilogue, before },
  };
  return {
    replace: [
      [node, undefined],
      [first, fused],
    ],
  };
}

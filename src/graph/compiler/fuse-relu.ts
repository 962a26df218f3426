/**
 * Fusion of relu into the kernels of the op before or after it. Works on the recorded nodes, after differentiation; the
 * graph itself stays as it is.
 * - `takesRelu`: y = relu(op(x)) or relu(op(x) + residual). The backward node of the op takes the gradient behind the
 *   relu, with y to mask it, and also gives the gradient of the residual.
 * - `selects`: y = op(relu(x)), where each element of y is one of relu(x). The op says in its `index` where no gradient
 *   passes, so that its backward gives the gradient of x.
 */

import type { FusedBackward, Node, Storage, Tensor } from '../ir/graph';
import { inputTensors } from './autodiff';

/** The nodes that one fusion concerns. */
interface Chain {
  op: Node;
  add?: Node;
  relu: Node;
  /** The backward of the relu and of the op, when the graph has them. */
  backward?: ChainBackward;
}

interface ChainBackward {
  relu: Node;
  op: Node;
  /** Somebody wants the gradient of the residual. */
  residual: boolean;
}

type Readers = ReadonlyMap<Storage, readonly Node[]>;

/** The nodes with relus and their neighbours replaced by single nodes; `kept` are storages read after the run. */
export function fuseRelu(nodes: readonly Node[], kept: ReadonlySet<Storage>): Node[] {
  if (!nodes.some(({ op }) => op.takesRelu || op.selects)) return [...nodes];
  const readers = new Map<Storage, Node[]>();
  for (const node of nodes) {
    for (const tensor of inputTensors(node)) {
      const { root } = tensor.storage;
      readers.set(root, [...(readers.get(root) ?? []), node]);
    }
  }
  const replaced = new Map<Node, Node | undefined>();
  for (const node of nodes) {
    const { takesRelu, selects } = node.op;
    let found: [Node, Node | undefined][] = [];
    if (takesRelu) {
      const chain = chainFrom(node, takesRelu, readers, kept);
      if (chain) found = replacements(chain);
    } else if (selects) found = selection(node, selects, readers, kept);
    if (found.some(([old]) => replaced.has(old))) continue;
    for (const [old, made] of found) replaced.set(old, made);
  }
  return nodes.flatMap((node) => {
    const made = replaced.has(node) ? replaced.get(node) : node;
    return made ? [made] : [];
  });
}

/** What takes the place of a relu and the op behind it, and of their backward; nothing if others see what lies between. */
function selection(
  op: Node,
  { backward: name }: FusedBackward,
  readers: Readers,
  kept: ReadonlySet<Storage>,
): [Node, Node | undefined][] {
  const { x } = op.inputs as Record<string, Tensor>;
  const { index } = op.outputs;
  const readersOf = (tensor: Tensor) => readers.get(tensor.storage.root) ?? [];
  const relu = x.node;
  if (relu?.op.name !== 'relu' || kept.has(x.storage.root) || kept.has(index.storage.root)) return [];
  const forward: Node = {
    ...op,
    inputs: { x: relu.inputs.x },
    attrs: { ...op.attrs, relu: true },
    accumulate: new Set(),
  };
  const others = readersOf(x).filter((node) => node !== op);
  const own = readersOf(index);
  if (others.length === 0 && own.length === 0) {
    return [
      [relu, undefined],
      [op, forward],
    ];
  }
  const [gradient] = others;
  const [backward] = own;
  const dx = backward?.outputs.dx;
  const fits =
    others.length === 1 &&
    own.length === 1 &&
    gradient.op.name === 'reluBackward' &&
    gradient.inputs.value === x &&
    backward.op.name === name &&
    gradient.inputs.dy === dx &&
    readersOf(dx).length === 1 &&
    !kept.has(dx.storage.root);
  if (!fits) return [];
  const made: Node = {
    ...backward,
    index: gradient.index,
    outputs: gradient.outputs,
    accumulate: new Set(),
  };
  return [
    [relu, undefined],
    [op, forward],
    [backward, undefined],
    [gradient, made],
  ];
}

/** The chain that starts at a node whose op has an epilogue, if nothing else sees what lies within it. */
function chainFrom(
  op: Node,
  { backward: name }: FusedBackward,
  readers: Readers,
  kept: ReadonlySet<Storage>,
): Chain | undefined {
  const readersOf = (tensor: Tensor) => readers.get(tensor.storage.root) ?? [];
  /** The only reader of a tensor that nobody keeps. */
  const only = (tensor: Tensor) => {
    const found = readersOf(tensor);
    return found.length === 1 && !kept.has(tensor.storage.root) ? found[0] : undefined;
  };
  const y = op.outputs.y;
  let next = only(y);
  let add: Node | undefined;
  if (next?.op.name === 'add') {
    const { x, other } = next.inputs as Record<string, Tensor>;
    const alike = x.shape.join() === other.shape.join() && x.dtype === other.dtype;
    if (next.attrs.alpha !== 1 || !alike) return undefined;
    add = next;
    next = only(add.outputs.y);
  }
  if (next?.op.name !== 'relu') return undefined;
  const relu = next;
  // The op moves to the place of the relu, so nobody in between may look at state that it changes.
  const looksBetween = (node: Node) => node !== op && node.index > op.index && node.index < relu.index;
  const state = Object.values(op.outputs).filter((tensor) => tensor.storage.root.leaf);
  if (state.some((tensor) => readersOf(tensor).some(looksBetween))) return undefined;
  const gradient = readersOf(relu.outputs.y).find(
    (node) => node.op.name === 'reluBackward' && node.inputs.value === relu.outputs.y,
  );
  const isBackward = (node: Node) => node.op.name === name && node.inputs.stats === op.outputs.stats;
  const differentiated = Object.values(op.outputs).some((tensor) => readersOf(tensor).some(isBackward));
  if (!gradient) return differentiated ? undefined : { op, add, relu };
  const { dx } = gradient.outputs;
  const backward = readersOf(dx).find(isBackward);
  const wanted = readersOf(dx).length > 1 || kept.has(dx.storage.root);
  if (!backward || backward.inputs.dy !== dx || (wanted && !add)) return undefined;
  return { op, add, relu, backward: { relu: gradient, op: backward, residual: wanted } };
}

/** What takes the place of each node of a chain; undefined where nothing does. */
function replacements({ op, add, relu, backward }: Chain): [Node, Node | undefined][] {
  const { x, other } = (add?.inputs ?? {}) as Record<string, Tensor>;
  const residual = add && (x === op.outputs.y ? other : x);
  // It runs where the relu was: the residual may be computed after the op.
  const forward: Node = {
    ...op,
    index: relu.index,
    inputs: residual ? { ...op.inputs, residual } : op.inputs,
    outputs: { ...op.outputs, y: relu.outputs.y },
    attrs: { ...op.attrs, relu: true },
    accumulate: new Set(),
  };
  const result: [Node, Node | undefined][] = [
    [op, undefined],
    [relu, forward],
  ];
  if (add) result.push([add, undefined]);
  if (!backward) return result;
  // It runs where the gradient of the relu was computed, which others may read next.
  const { dx } = backward.relu.outputs;
  const made: Node = {
    ...backward.op,
    index: backward.relu.index,
    inputs: { ...backward.op.inputs, y: relu.outputs.y, dy: backward.relu.inputs.dy },
    outputs: backward.residual ? { ...backward.op.outputs, dresidual: dx } : backward.op.outputs,
    attrs: { ...backward.op.attrs, relu: true, residual: backward.residual },
    accumulate: new Set(),
  };
  return [...result, [backward.relu, made], [backward.op, undefined]];
}

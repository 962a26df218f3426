/** Fusion of relu, and of the residual addition before it, into the kernels of the op before or after it. */
import { isRelu } from '../../ir/epilogue';
import { type Node, Tensor } from '../../ir/graph';
import { inputTensors } from '../autodiff';
import { asConsumer } from './epilogue';
import type { Rewrite, UseDef } from './use-def';

export function fuseRelu(node: Node, uses: UseDef): Rewrite | undefined {
  const { on, backward } = node.op.fusion!.relu!;
  return on === 'y' ? reluOfOutput(node, backward, uses) : reluOfInput(node, backward, uses);
}

/** A node that computes y = relu(x). */
function reluFrom(node: Node | undefined, x: Tensor): { node: Node; y: Tensor } | undefined {
  const consumer = asConsumer(node, x);
  if (consumer?.epilogue.kind !== 'activation' || !isRelu(consumer.epilogue) || consumer.through !== x) {
    return undefined;
  }
  return { node: consumer.node, y: consumer.result };
}

/** The node among the readers of y = relu(x) that computes dx = dy where y is above 0. */
function reluGradient(y: Tensor, uses: UseDef): { node: Node; dy: Tensor; dx: Tensor } | undefined {
  for (const node of uses.readers(y)) {
    const { dy } = node.inputs;
    const consumer = dy instanceof Tensor ? asConsumer(node, dy) : undefined;
    if (consumer?.epilogue.kind !== 'gradient') continue;
    if (isRelu(consumer.epilogue) && consumer.epilogue.aux === y) {
      return { node, dy: consumer.through, dx: consumer.result };
    }
  }
  return undefined;
}

/**
 * y = relu(op(x)) or relu(op(x) + residual) in the kernels of the op. Its backward takes the gradient behind the relu,
 * with y to mask it, and gives the gradient of the residual too.
 */
function reluOfOutput(op: Node, backwardName: string, uses: UseDef): Rewrite | undefined {
  const { y: value, stats } = op.outputs;
  const next = uses.onlyReader(value);
  const sum = asConsumer(next, value);
  const isSum = sum?.epilogue.kind === 'add';
  const residual = isSum ? sum.epilogue.aux! : undefined;
  if (residual && (residual.shape.join() !== value.shape.join() || residual.dtype !== value.dtype))
    return undefined;
  if (isSum && sum.through !== value) return undefined;
  const before = isSum ? sum.result : value;
  const relu = reluFrom(isSum ? uses.onlyReader(before) : next, before);
  if (!relu) return undefined;
  // The op moves to the place of the relu: nothing between may see state that it writes, or write what it reads.
  const state = Object.values(op.outputs).filter(({ storage }) => storage.root.leaf);
  if (state.some((tensor) => uses.isReadBetween(tensor, op, relu.node))) return undefined;
  if (uses.isWrittenBetween([...inputTensors(op), ...state], op, relu.node)) return undefined;
  if (residual && uses.isWrittenBetween([residual], next!, relu.node)) return undefined;
  const forward: Node = {
    ...op,
    inputs: residual ? { ...op.inputs, residual } : op.inputs,
    outputs: { ...op.outputs, y: relu.y },
    attrs: { ...op.attrs, relu: true },
  };
  const replace: [Node, Node | undefined][] = [
    [op, undefined],
    [relu.node, forward],
  ];
  if (isSum) replace.push([sum.node, undefined]);

  const backwards = uses
    .readers(stats)
    .filter(({ op: { name }, inputs }) => name === backwardName && inputs.stats === stats);
  const gradient = reluGradient(relu.y, uses);
  if (!gradient) return backwards.length > 0 ? undefined : { replace };
  const { dy, dx } = gradient;
  const backward = backwards.find(({ inputs }) => inputs.dy === dx);
  if (!backward) return undefined;
  const wanted = uses.onlyReader(dx) === undefined;
  if (wanted && !residual) return undefined;
  // It runs where the gradient of the relu was computed, which others may read next.
  if (uses.isWrittenBetween(inputTensors(backward), gradient.node, backward)) return undefined;
  const fused: Node = {
    ...backward,
    inputs: { ...backward.inputs, y: relu.y, dy },
    outputs: wanted ? { ...backward.outputs, dresidual: dx } : backward.outputs,
    attrs: { ...backward.attrs, relu: true, residual: wanted },
  };
  return { replace: [...replace, [gradient.node, fused], [backward, undefined]] };
}

/** y = op(relu(x)) in the kernels of an op that selects elements; its backward then gives the gradient of x. */
function reluOfInput(op: Node, backwardName: string, uses: UseDef): Rewrite | undefined {
  const { x: value } = op.inputs as Record<string, Tensor>;
  const { index } = op.outputs;
  const writer = uses.writers(value).at(-1);
  const x = writer?.inputs.x;
  if (!(x instanceof Tensor) || reluFrom(writer, x)?.y !== value) return undefined;
  if (uses.isObservable(value) || uses.isObservable(index)) return undefined;
  if (uses.isWrittenBetween([x], writer!, op)) return undefined;
  const forward: Node = { ...op, inputs: { x }, attrs: { ...op.attrs, relu: true } };
  const replace: [Node, Node | undefined][] = [
    [writer!, undefined],
    [op, forward],
  ];
  const others = uses.readers(value).filter((node) => node !== op);
  const own = uses.readers(index);
  if (others.length === 0 && own.length === 0) return { replace };
  const gradient = reluGradient(value, uses);
  const [backward] = own;
  if (others.length !== 1 || own.length !== 1 || others[0] !== gradient?.node) return undefined;
  if (backward.op.name !== backwardName || gradient.dy !== backward.outputs.dx) return undefined;
  if (uses.onlyReader(gradient.dy) !== gradient.node) return undefined;
  if (uses.isWrittenBetween(inputTensors(backward), backward, gradient.node)) return undefined;
  const fused: Node = { ...backward, outputs: gradient.node.outputs };
  return { replace: [...replace, [backward, undefined], [gradient.node, fused]] };
}

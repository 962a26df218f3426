/**
 * Reverse-mode differentiation: adds the nodes of the backward pass to the graph. Where a tensor has several
 * consumers their gradients are summed by `accumulate` nodes, most of which fusion then folds into the kernels
 * that write the gradients (`fusion/accumulation.ts`).
 */
import accumulateForward from '../../../shaders/elementwise/accumulate.forward.wgsl';
import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import { assertInternal, formatShape, GradloomError, showValue } from '../../errors';
import { convert } from '../ir/convert';
import type { NamedTensors, Node, Op } from '../ir/graph';
import { Tensor } from '../ir/graph';
import { defineInternal, NotDifferentiable } from '../ir/op';
import { Variable } from '../ir/variable';

/** y = a + b for two gradients of the same tensor. */
export const accumulate = defineInternal({
  name: 'accumulate',
  inputs: ['a', 'b'],
  outputs: ['y'],
  shape: ({ a }) => ({ y: a }),
  fusion: { sumsGradients: true },
  lower: ({ a, b, y }, _: undefined, k) =>
    k.dispatch(accumulateForward, { a, b }, { y }, { n: y.size }, { threads: y.size }),
  backward: ({ dy }) => ({ a: dy, b: dy }),
});

/** The same values in memory of their own. */
export const materialize = defineInternal({
  name: 'materialize',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype } }),
  lower: ({ x, y }, _: undefined, k) =>
    k.dispatch(copyForward, { x }, { y }, { n: y.size }, { threads: y.size }),
  backward: ({ dy }) => ({ x: dy }),
});

/**
 * Gradients of sum over k of (targets[k] * gradOutputs[k]) with respect to `wrt`, through the nodes from number `first`
 * on. A tensor that the targets do not depend on has no gradient (undefined).
 * @throws GradloomError `unsupported` where a gradient is wanted through the gradient of an op that has none itself.
 */
export function gradients(
  targets: readonly Tensor[],
  gradOutputs: readonly Tensor[],
  wrt: readonly Tensor[],
  first = 0,
): (Tensor | undefined)[] {
  for (const [argument, list] of Object.entries({ targets, gradOutputs, wrt })) {
    if (Array.isArray(list)) continue;
    const got = showValue(list);
    throw new GradloomError({
      code: 'argument',
      op: 'gradients',
      argument,
      got,
      expected: 'a list of tensors',
    });
  }
  if (targets.length === 0) return wrt.map(() => undefined);
  checkTensors(targets, gradOutputs, wrt);
  const graph = targets[0].graph;
  const recorded = graph.nodes.length;
  const active = new Set<Tensor>(wrt);
  for (let i = first; i < recorded; i++) {
    const node = graph.nodes[i];
    if (isCut(node.op)) continue;
    if (inputTensors(node).some((tensor) => active.has(tensor))) {
      for (const output of Object.values(node.outputs)) if (output.dtype !== 'i32') active.add(output);
    }
  }

  const gradientOf = new Map<Tensor, Tensor>();
  const contribute = (tensor: Tensor, gradient: Tensor, from: string) => {
    if (!active.has(tensor)) return;
    assertInternal(
      gradient.size === tensor.size && gradient.shape.join() === tensor.shape.join(),
      from,
      `a gradient ${formatShape(gradient.shape)} for a tensor ${formatShape(tensor.shape)}`,
    );
    const earlier = gradientOf.get(tensor);
    const typed = convert(gradient, tensor.dtype === 'f16' ? 'f16' : 'f32');
    gradientOf.set(tensor, earlier ? accumulate({ a: earlier, b: typed }, undefined).y : typed);
  };
  targets.forEach((target, i) => {
    if (gradOutputs[i].shape.join() !== target.shape.join()) {
      throw new GradloomError({
        code: 'shape',
        op: 'gradients',
        argument: `gradOutputs[${i}]`,
        got: formatShape(gradOutputs[i].shape),
        expected: formatShape(target.shape),
      });
    }
    contribute(target, gradOutputs[i], 'gradients');
  });

  const tensorsOf = graph.recomputation?.(first, targets);
  for (let i = recorded - 1; i >= first; i--) {
    const node = graph.nodes[i];
    const outputs = Object.entries(node.outputs).filter(([, tensor]) => gradientOf.has(tensor));
    if (outputs.length === 0 || isCut(node.op)) continue;
    const needs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, [value].flat().some((t) => active.has(t))]),
    );
    if (!Object.values(needs).some(Boolean)) continue;
    if (typeof node.op.backward !== 'function') throw withoutGradient(node.op);
    const dOutputs = Object.fromEntries(
      outputs.map(([name, tensor]) => [`d${name}`, gradientOf.get(tensor)]),
    );
    const tensors = tensorsOf?.(node, i) ?? { ...node.inputs, ...node.outputs };
    // Gradients of gradients belong to the first op that was differentiated.
    const { differentiating } = graph;
    graph.differentiating = differentiating ?? node;
    const found = node.op.backward({ ...tensors, ...dOutputs }, node.attrs, needs);
    graph.differentiating = differentiating;
    for (const [name, gradient] of Object.entries(found)) {
      const input = node.inputs[name];
      if (!gradient || !input) continue;
      const pairs = Array.isArray(input) ? input.map((t, j) => [t, gradient[j]]) : [[input, gradient]];
      for (const [tensor, value] of pairs) if (value) contribute(tensor, value, `${node.op.name}.backward`);
    }
  }
  return wrt.map((tensor) => gradientOf.get(tensor));
}

/** @throws GradloomError `argument` for what is no tensor, or a tensor of another graph. */
function checkTensors(
  targets: readonly unknown[],
  gradOutputs: readonly unknown[],
  wrt: readonly unknown[],
): void {
  const fail = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'argument', op: 'gradients', argument, got, expected, fix });
  if (gradOutputs.length !== targets.length) {
    throw fail('gradOutputs', `${gradOutputs.length} tensors`, `one per target, ${targets.length}`);
  }
  for (const [argument, list] of Object.entries({ targets, gradOutputs, wrt })) {
    for (const [i, value] of list.entries()) {
      const name = `${argument}[${i}]`;
      if (value instanceof Variable) {
        throw fail(name, `the parameter ${value.name}`, 'a tensor', 'Use graph.tensor(parameter)');
      }
      if (!(value instanceof Tensor)) throw fail(name, String(value), 'a symbolic tensor');
      if (value.graph !== (targets[0] as Tensor).graph) {
        throw fail(name, `a tensor ${formatShape(value.shape)} of another graph`, 'tensors of one graph');
      }
    }
  }
}

/** Whether gradients end at this op: what it gives does not change with small changes of its inputs. */
const isCut = ({ backward }: Op): boolean => backward instanceof NotDifferentiable && !backward.isError;

function withoutGradient({ name, backward }: Op): GradloomError {
  return new GradloomError({
    code: 'unsupported',
    op: 'gradients',
    got: backward instanceof NotDifferentiable ? backward.reason : `${name} has no gradient`,
    expected: 'ops with a gradient between the targets and what they are differentiated by',
    fix: 'docs/ops.md lists the ops with second derivatives; detach what needs no gradient',
  });
}

/**
 * The gradient of an op through a decomposition: `write` records what the op computes with ops that have gradients
 * themselves, and those are differentiated. For gradients of gradients, where no kernel of their own pays.
 */
export function throughDecomposition<T extends NamedTensors, A>(
  write: (tensors: T, attrs: A) => Record<string, Tensor | undefined>,
): (tensors: T, attrs: A, needs: Record<string, boolean>) => Record<string, Tensor | undefined> {
  return (tensors, attrs, needs) => {
    const wanted = Object.keys(needs).filter((name) => needs[name]);
    // A tensor that is given twice has one gradient, that of both together.
    const names = wanted.filter((name, i) => wanted.findIndex((n) => tensors[n] === tensors[name]) === i);
    const wrt = names.map((name) => tensors[name] as Tensor);
    const { graph } = wrt[0];
    const first = graph.nodes.length;
    const outputs = Object.entries(write(tensors, attrs)).flatMap(([name, output]) => {
      const gradient: Tensor | undefined = tensors[`d${name}`];
      return output && gradient ? [{ output, gradient }] : [];
    });
    const found = gradients(
      outputs.map(({ output }) => output),
      outputs.map(({ gradient }) => gradient),
      wrt,
      first,
    );
    return Object.fromEntries(names.map((name, i) => [name, found[i]]));
  };
}

/** dx and so on: the gradients by `inputs` of what `write` records, for the gradient `dy` of its result. */
export function gradientsOf(
  inputs: readonly Tensor[],
  write: () => Tensor,
  dy: Tensor,
): (Tensor | undefined)[] {
  const first = dy.graph.nodes.length;
  return gradients([write()], [dy], inputs, first);
}

/** All input tensors of a node, lists flattened. */
export function inputTensors(node: Node): Tensor[] {
  return Object.values(node.inputs)
    .flat()
    .filter((value): value is Tensor => value instanceof Tensor);
}

/**
 * Reverse-mode differentiation: adds the nodes of the backward pass to the graph. Where a tensor has several
 * consumers their gradients are summed by `accumulate` nodes, most of which fusion then folds into the kernels
 * that write the gradients (`fusion/accumulation.ts`).
 */
import accumulateForward from '../../../shaders/elementwise/accumulate.forward.wgsl';
import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import { assertInternal, formatShape, GradloomError } from '../../errors';
import { convert } from '../ir/convert';
import type { Node } from '../ir/graph';
import { Tensor } from '../ir/graph';
import { grid } from '../ir/grid';
import { defineInternal, NotDifferentiable } from '../ir/op';

/** y = a + b for two gradients of the same tensor. */
export const accumulate = defineInternal({
  name: 'accumulate',
  inputs: ['a', 'b'],
  outputs: ['y'],
  shape: ({ a }) => ({ y: a }),
  fusion: { sumsGradients: true },
  lower: ({ a, b, y }, _: undefined, k) =>
    k.dispatch(accumulateForward, { a, b }, { y }, { n: y.size }, grid(y.size, 64)),
});

/** The same values in memory of their own. */
export const materialize = defineInternal({
  name: 'materialize',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype } }),
  lower: ({ x, y }, _: undefined, k) =>
    k.dispatch(copyForward, { x }, { y }, { n: y.size }, grid(y.size, 64)),
  backward: ({ dy }) => ({ x: dy }),
});

/**
 * Gradients of sum over k of (targets[k] * gradOutputs[k]) with respect to `wrt`. A tensor that the targets do not
 * depend on has no gradient (undefined).
 */
export function gradients(
  targets: readonly Tensor[],
  gradOutputs: readonly Tensor[],
  wrt: readonly Tensor[],
): (Tensor | undefined)[] {
  const graph = targets[0].graph;
  const recorded = graph.nodes.length;
  const active = new Set<Tensor>(wrt);
  for (let i = 0; i < recorded; i++) {
    const node = graph.nodes[i];
    if (node.op.backward instanceof NotDifferentiable || !node.op.backward) continue;
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

  for (let i = recorded - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    const outputs = Object.entries(node.outputs).filter(([, tensor]) => gradientOf.has(tensor));
    if (outputs.length === 0 || typeof node.op.backward !== 'function') continue;
    const needs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, [value].flat().some((t) => active.has(t))]),
    );
    if (!Object.values(needs).some(Boolean)) continue;
    const dOutputs = Object.fromEntries(
      outputs.map(([name, tensor]) => [`d${name}`, gradientOf.get(tensor)]),
    );
    const found = node.op.backward({ ...node.inputs, ...node.outputs, ...dOutputs }, node.attrs, needs);
    for (const [name, gradient] of Object.entries(found)) {
      const input = node.inputs[name];
      if (!gradient || !input) continue;
      const pairs = Array.isArray(input) ? input.map((t, j) => [t, gradient[j]]) : [[input, gradient]];
      for (const [tensor, value] of pairs) if (value) contribute(tensor, value, `${node.op.name}.backward`);
    }
  }
  return wrt.map((tensor) => gradientOf.get(tensor));
}

/** All input tensors of a node, lists flattened. */
export function inputTensors(node: Node): Tensor[] {
  return Object.values(node.inputs)
    .flat()
    .filter((value): value is Tensor => value instanceof Tensor);
}

/** The internal op behind all losses with one term per element: mse, l1, binary cross-entropy and so on. */
import elementBackward from '../../../shaders/loss/element.backward.wgsl';
import elementForward from '../../../shaders/loss/element.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, type Lowering } from '../../graph/ir/op';
import { type ElementAttrs, type ElementOperands, elementDerivative } from './element-gradients';
import { runPartials } from './reduction';

export type { ElementAttrs };

/** Operands have the shape of x, or one element for all. */
type Operands = { x: Tensor; second: Tensor; third: Tensor | undefined; fourth: Tensor | undefined };

const stepOf = (operand: Tensor | undefined) => (operand && operand.size > 1 ? 1 : 0);

function paramsOf({ x, second, third, fourth }: Operands, { reduction, scale, a, full }: ElementAttrs) {
  return {
    n: x.size,
    reduce: reduction !== 'none',
    scale,
    a: a ?? 0,
    full: full ?? false,
    second_step: stepOf(second),
    third_step: stepOf(third),
    fourth_step: stepOf(fourth),
  };
}

// Kinds differ in bindings and uniform fields; those that a kernel has are picked by name when it is recorded.
type AnyKernel = Parameters<Lowering['dispatch']>[0];

/** The operands that are there, as bindings. */
function readsOf({ x, second, third, fourth }: Operands): Record<string, Tensor> {
  return { x, second, ...(third && { third }), ...(fourth && { fourth }) };
}

/** Terms of a loss and their reduction: y is a scalar, or of x's shape for 'none'. */
export const elementLoss = defineInternal({
  name: 'elementLoss',
  inputs: ['x', 'second', 'third?', 'fourth?'],
  outputs: ['y'],
  shape: ({ x }, { reduction }: ElementAttrs) => ({ y: reduction === 'none' ? x.shape : [] }),
  lower({ y, ...operands }, attrs: ElementAttrs, k) {
    const kernel = elementForward[attrs.kind] as AnyKernel;
    const params = paramsOf(operands, attrs);
    const reads = readsOf(operands);
    const total = k.scratch([2]);
    if (attrs.reduction === 'none') {
      k.dispatch(kernel, reads, { y, sums: total }, params, { threads: params.n });
      return;
    }
    const groups = params.n <= 4096 ? 1 : Math.ceil(params.n / 1024);
    runPartials(k, { y, total, groups, weighted: false, scale: attrs.scale }, (sums, workgroups) =>
      k.dispatch(kernel, reads, { y, sums }, params, workgroups),
    );
  },
  backward({ x, second, third, fourth, dy }, attrs) {
    const operands = { x, second, third, fourth, dy };
    const gradient = (operand: 0 | 1 | 2) => elementGradient(operands, { ...attrs, operand }).gradient;
    const has = (name: 'second' | 'third') => attrs.differentiable.includes(name);
    return {
      x: gradient(0),
      second: has('second') ? gradient(1) : undefined,
      third: has('third') ? gradient(2) : undefined,
    };
  },
});

const elementGradient = defineInternal({
  name: 'elementLossBackward',
  inputs: ['x', 'second', 'third?', 'fourth?', 'dy'],
  outputs: ['gradient'],
  fusion: { accumulates: ['gradient'] },
  shape: ({ x }) => ({ gradient: x }),
  lower({ dy, gradient, ...operands }, attrs: ElementAttrs & { operand: 0 | 1 | 2 }, k) {
    const params = {
      ...paramsOf(operands, attrs),
      operand: attrs.operand,
      accumulate: k.accumulate('gradient'),
    };
    const kernel = elementBackward[attrs.kind] as AnyKernel;
    k.dispatch(kernel, { ...readsOf(operands), dy }, { gradient }, params, { threads: params.n });
  },
  backward: throughDecomposition(
    (
      { dy, ...operands }: ElementOperands & { dy: Tensor },
      attrs: ElementAttrs & { operand: 0 | 1 | 2 },
    ) => ({ gradient: elementDerivative(operands, attrs, dy) }),
  ),
});

/** Gradients of one operand of a function of two, element by element, before they are summed to its shape. */
import type binaryBackward from '../../../shaders/elementwise/binary.backward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import { elementThreads } from '../common';
import { asFloats } from './integer';
import { stridedParams } from './strided';

export interface Operands {
  x: Tensor;
  other: Tensor;
  dy: Tensor;
}

/** Operands of a gradient: both, or one (given as `other`). */
type Given = { x?: Tensor; other: Tensor; dy: Tensor };

type SecondDerivatives = (
  tensors: Operands & { ddv: Tensor },
  needs: Record<keyof Operands, boolean>,
) => { [N in keyof Operands]?: Tensor | undefined };

/** The gradient of one operand at the full shape of y, computed by a shader. */
export function localGradient(
  kernel: (typeof binaryBackward)[keyof typeof binaryBackward],
  derivatives: SecondDerivatives,
): (given: Given) => Tensor {
  const gradient = defineInternal({
    name: `${kernel.variant}Backward`,
    inputs: ['x?', 'other', 'dy'],
    outputs: ['dv'],
    shape: ({ dy }) => ({ dv: dy.shape }),
    fusion: { accumulates: ['dv'] },
    lower({ x, other, dy, dv }, _: object, k) {
      const strided = stridedParams('binaryBackward', dv.shape, (x ?? other).shape, other.shape);
      const params = { n: dv.size, accumulate: k.accumulate('dv'), ...strided };
      const second = asFloats(k, other);
      k.dispatch(
        kernel as Kernel<string, 'dv'>,
        x ? { x: asFloats(k, x), other: second, dy } : { other: second, dy },
        { dv },
        params,
        elementThreads(dv.size, k.device),
      );
    },
    backward: (tensors, _, needs) =>
      derivatives(tensors as Parameters<SecondDerivatives>[0], needs as Parameters<SecondDerivatives>[1]),
  });
  return ({ x, other, dy }) => gradient({ x, other, dy }, {}).dv;
}

/** A local gradient written with ops; its derivatives are the second ones. */
export const written =
  (dv: (operands: Operands) => Tensor): SecondDerivatives =>
  (tensors, needs) =>
    throughDecomposition((operands: Operands) => ({ dv: dv(operands) }))(tensors, {}, needs);

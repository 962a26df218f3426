/**
 * Whole numbers in elementwise ops. As in PyTorch two int32 tensors (or one and a mask) give int32 where the function
 * gives whole numbers, and with a float among them all are floats.
 */
import castForward from '../../../shaders/elementwise/cast.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import type { Lowering } from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import { elementThreads } from '../common';
import { stridedParams } from './strided';

/** A function of whole numbers; those of one operand read it twice. */
export type IntegerKernel = Kernel<'x' | 'other', 'y'>;

/** Whether the operands are whole numbers: int32, or one of them a mask. */
export const areIntegers = (x: Tensor, other: Tensor): boolean =>
  [x, other].some(({ dtype }) => dtype === 'i32') &&
  [x, other].every(({ dtype }) => dtype === 'i32' || dtype === 'bool');

/** A tensor that holds the values of x in the other kind of number; constants are converted here and now. */
function converted(k: Lowering, x: Tensor, to: 'f32' | 'i32'): Tensor {
  const { leaf } = x.storage;
  if (leaf?.kind === 'constant') {
    return x.graph.constant((to === 'i32' ? Int32Array : Float32Array).from(leaf.data), x.shape);
  }
  const y = k.scratch(x.shape, to);
  const kernel = to === 'i32' ? castForward.floatToInt : castForward.intToFloat;
  k.dispatch(kernel as Kernel<'x', 'y', 'n'>, { x }, { y }, { n: y.size }, elementThreads(y.size, k.device));
  return y;
}

/** x, as floats. */
export const asFloats = (k: Lowering, x: Tensor): Tensor => (x.dtype === 'i32' ? converted(k, x, 'f32') : x);

/** x, as whole numbers. */
export const asIntegers = (k: Lowering, x: Tensor): Tensor =>
  x.dtype === 'i32' ? x : converted(k, x, 'i32');

/** Writes y = f(x, other) of whole numbers. */
export function runInteger(
  k: Lowering,
  kernel: IntegerKernel,
  { x, other, y }: { x: Tensor; other: Tensor; y: Tensor },
  alpha = 1,
): void {
  const { dims } = stridedParams(kernel.variant, y.shape, x.shape, other.shape);
  const params = { n: y.size, dims, ...(kernel.params && 'alpha' in kernel.params.fields && { alpha }) };
  k.dispatch(
    kernel,
    { x: asIntegers(k, x), other: asIntegers(k, other) },
    { y },
    params,
    elementThreads(y.size, k.device),
  );
}

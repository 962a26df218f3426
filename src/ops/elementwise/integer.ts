/**
 * Whole numbers in elementwise ops. As in PyTorch two int32 tensors (or one and a mask) give int32 where the function
 * gives whole numbers, and with a float among them all are floats.
 */
import castForward from '../../../shaders/elementwise/cast.forward.wgsl';
import integerForward from '../../../shaders/elementwise/integer.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import type { Lowering } from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import { elementGrid } from '../common';
import { stridedParams } from './strided';

export type IntegerVariant = keyof typeof integerForward;

/** The variant of this name; undefined for functions that are computed with floats. */
export const integerVariant = (name: string): IntegerVariant | undefined =>
  name in integerForward ? (name as IntegerVariant) : undefined;

/** Whether the operands are whole numbers: int32, or one of them a mask. */
export const areIntegers = (x: Tensor, other: Tensor): boolean =>
  [x, other].some(({ dtype }) => dtype === 'i32') &&
  [x, other].every(({ dtype }) => dtype === 'i32' || dtype === 'bool');

/** A tensor that holds the values of x in the other kind of number. */
function converted(k: Lowering, x: Tensor, to: 'f32' | 'i32'): Tensor {
  const y = k.scratch(x.shape, to);
  const kernel = to === 'i32' ? castForward.floatToInt : castForward.intToFloat;
  k.dispatch(kernel as Kernel<'x', 'y', 'n'>, { x }, { y }, { n: y.size }, elementGrid(y.size, k.device));
  return y;
}

/** x, as floats. */
export const asFloats = (k: Lowering, x: Tensor): Tensor => (x.dtype === 'i32' ? converted(k, x, 'f32') : x);

/** Writes y = f(x, other) of whole numbers. */
export function runInteger(
  k: Lowering,
  variant: IntegerVariant,
  { x, other, y }: { x: Tensor; other: Tensor; y: Tensor },
  alpha = 1,
): void {
  const whole = (tensor: Tensor) => (tensor.dtype === 'i32' ? tensor : converted(k, tensor, 'i32'));
  const { dims } = stridedParams(variant, y.shape, x.shape, other.shape);
  const kernel = integerForward[variant] as Kernel<'x' | 'other', 'y'>;
  const params = { n: y.size, dims, ...(variant === 'add' && { alpha }) };
  k.dispatch(kernel, { x: whole(x), other: whole(other) }, { y }, params, elementGrid(y.size, k.device));
}

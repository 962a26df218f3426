/** Reductions of whole numbers and masks, which PyTorch counts in integers: their types, and the kernel for a type. */
import type { Tensor } from '../../graph/ir/graph';
import type { Lowering, OutputSpec } from '../../graph/ir/op';
import type { DType } from '../../graph/ir/variable';
import { asIntegers } from '../elementwise/integer';
import { type Reduction, reduce } from './reduce';

/** The shape of a sum or a product of x with its type: int32 of int32 and masks, else a float. */
export const counted = (x: Tensor, shape: readonly number[]): OutputSpec =>
  typed(shape, x.dtype === 'i32' || x.dtype === 'bool' ? 'i32' : undefined);

/** The shape of values picked from x with its type. */
export const picked = (x: Tensor, shape: readonly number[]): OutputSpec =>
  typed(shape, x.dtype === 'i32' || x.dtype === 'bool' ? x.dtype : undefined);

const typed = (shape: readonly number[], dtype: DType | undefined): OutputSpec =>
  dtype ? { shape, dtype } : shape;

/** Writes a reduction of x over `dims` to y by the kernel for floats, or by that for integers where y has them. */
export function reduceTyped(
  k: Lowering,
  op: string,
  x: Tensor,
  y: Tensor,
  dims: readonly number[],
  { integers, ...floats }: Reduction & { integers: Reduction['kernel'] },
): void {
  if (y.dtype === 'i32') reduce(k, op, asIntegers(k, x), y, dims, { kernel: integers });
  else reduce(k, op, x, y, dims, floats);
}

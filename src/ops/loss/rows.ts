/**
 * Class scores as the kernels of classification losses see them: [batch, classes, inner], a row being one (batch,
 * inner) pair with one target.
 */
import { formatShape, GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { rowLossCandidates } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { groupSizeOf } from '../../kernels/constants';
import type { KernelDescription } from '../../kernels/kernel';
import { shapeError } from '../common';
import { MOST_PARTIALS } from './reduction';

/** The sizes of class scores as the kernels see them. */
export interface ClassRows {
  batch: number;
  classes: number;
  inner: number;
  rows: number;
  /** The shape of one value per row. */
  shape: Shape;
}

/** Rows of a workgroup whose threads take whole rows. */
const ROWS_PER_GROUP = 64;

type RowVariant = 'thread' | 'group' | 'quadShuffle';

/** The variant that goes over the rows, unless that makes the loops of a thread too long. */
export function rowKernel(
  view: ClassRows,
  device: Device,
  kernels: Record<RowVariant, KernelDescription>,
): RowVariant {
  const groups = Math.min(threadGroups(view.rows), MOST_PARTIALS);
  // A thread goes over the classes of each of its rows up to three times.
  const roundsOf = (variant: RowVariant) =>
    3 * view.classes * Math.ceil(view.rows / groupSizeOf(kernels[variant]) / groups);
  return rowLossCandidates(view, device).find(
    (variant) => variant === 'group' || roundsOf(variant) <= LONGEST_LOOP,
  )!;
}

/** Workgroups whose threads take whole rows; one for a small batch, so that its sum needs no second dispatch. */
export const threadGroups = (rows: number): number => (rows <= 256 ? 1 : Math.ceil(rows / ROWS_PER_GROUP));

/** Workgroups that go over the rows and sum. */
export function rowGroups({ rows }: Pick<ClassRows, 'rows'>, variant: string): number {
  return variant === 'group' ? Math.max(1, rows) : threadGroups(rows);
}

/**
 * Classes lie along dim 1 of x, or along dim 0 of a single sample [C].
 * @throws GradloomError when x has no classes.
 */
export function classRows(op: string, x: Tensor): ClassRows {
  const [batch, classes, inner] =
    x.rank === 1 ? [1, x.shape[0], 1] : [x.shape[0], x.shape[1], sizeOf(x.shape.slice(2))];
  if (!(classes > 0)) throw shapeError(op, 'x', x, '[batch, classes, ...] with at least one class');
  const shape = x.rank === 1 ? [] : [batch, ...x.shape.slice(2)];
  return { batch, classes, inner, rows: batch * inner, shape };
}

/** @throws GradloomError unless `target` holds one int32 class index per row of `x`. */
export function checkIndices(op: string, x: Tensor, target: Tensor, { shape }: ClassRows): void {
  if (target.shape.join() === shape.join() && target.dtype === 'i32') return;
  throw new GradloomError({
    code: target.dtype === 'i32' ? 'shape' : 'dtype',
    op,
    argument: 'target',
    got: `${target.dtype} ${formatShape(target.shape)}`,
    expected: `int32 class indices ${formatShape(shape)} for x ${formatShape(x.shape)}`,
  });
}

/** @throws GradloomError unless `weight` is absent or has one number per class. */
export function checkClassWeight(op: string, weight: Tensor | undefined, { classes }: ClassRows): void {
  if (weight && weight.shape.join() !== String(classes)) {
    throw shapeError(op, 'weight', weight, `${formatShape([classes])}, one number per class`);
  }
}

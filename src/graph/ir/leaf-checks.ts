/** Checks of what a graph takes from outside. */
import { formatShape, GradloomError, showValue } from '../../errors';
import { type Shape, sizeOf } from './storage';

/** The error of what is neither a symbolic tensor nor a parameter. */
export const notATensor = (op: string, value: unknown): GradloomError =>
  new GradloomError({
    ...{ code: 'argument', op, argument: 'tensor', got: showValue(value) },
    expected: 'a symbolic tensor or a parameter',
  });

/** @throws GradloomError `argument` unless it is a range of a GPU buffer. */
export function checkSlice(slice: unknown): void {
  const { buffer, offset, size } = (slice ?? {}) as Partial<Record<'buffer' | 'offset' | 'size', any>>;
  if (typeof buffer === 'object' && buffer !== null && Number.isInteger(offset) && Number.isInteger(size))
    return;
  throw new GradloomError({
    ...{ code: 'argument', op: 'Graph.external', argument: 'slice', got: showValue(slice) },
    expected: '{ buffer, offset, size }, a range of a GPU buffer in bytes',
  });
}

/** @throws GradloomError `shape` unless the data are as many numbers as the shape has elements. */
export function checkConstant(data: unknown, shape: Shape): void {
  const isArray = [Float32Array, Int32Array, Uint32Array].some((kind) => data instanceof kind);
  const count = isArray ? (data as Float32Array).length : undefined;
  if (count === sizeOf(shape)) return;
  throw new GradloomError({
    ...{ code: 'shape', op: 'Graph.constant', argument: 'data' },
    got: count === undefined ? showValue(data) : `${count} values`,
    expected: `a Float32Array or Int32Array of ${sizeOf(shape)} for ${formatShape(shape)}`,
  });
}

/** @throws GradloomError `argument` for what is no number. */
export function checkNumber(value: unknown): void {
  if (typeof value === 'number') return;
  throw new GradloomError({
    ...{ code: 'argument', op: 'Graph.scalar', argument: 'value', got: showValue(value) },
    expected: 'a number',
  });
}

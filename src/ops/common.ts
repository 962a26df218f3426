/** Helpers shared by the op declarations: dimensions, broadcasting, and the errors about them. */
import { formatShape, GradloomError } from '../errors';
import { type Shape, sizeOf, type Tensor } from '../graph/ir/graph';
import * as z from '../schema';

export { elementThreads } from '../graph/compiler/heuristics';
export { loopBoxes, loopRanges, perItem, threadsOf } from '../graph/ir/grid';

/** Attributes of an op that has none. */
export const noAttrs = z.strictObject({});

/** A float32 attribute that may be NaN or infinite, which JSON can only say as a string; `Number(value)` reads it. */
export const anyFloat: z.Schema<number | string> = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']),
  z.any().refine((value) => typeof value === 'number'),
]);

/** The dimension as an index from 0; negative ones count from the end. A 0-d tensor takes 0 and -1. */
export function normalizeDim(op: string, dim: number, rank: number, argument = 'dim'): number {
  const most = Math.max(rank, 1);
  if (dim < -most || dim >= most) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument,
      got: String(dim),
      expected: `a dimension from ${-most} to ${most - 1}`,
    });
  }
  return dim < 0 ? dim + most : dim;
}

/** A shape seen around one dimension: `outer` x `size` x `inner`, row-major. */
export function splitAt(shape: Shape, dim: number): { outer: number; size: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, dim)), size: shape[dim] ?? 1, inner: sizeOf(shape.slice(dim + 1)) };
}

/** The shape that both broadcast to, by NumPy's rule. */
export function broadcastShapes(
  op: string,
  a: Shape,
  b: Shape,
  names: [string, string] = ['x', 'other'],
): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const m = a[i - rank + a.length] ?? 1;
    const n = b[i - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new GradloomError({
        code: 'shape',
        op,
        got: `${names[0]} is ${formatShape(a)}, ${names[1]} is ${formatShape(b)}`,
        expected: 'shapes that broadcast',
        fix: `Sizes ${m} and ${n} of dimension ${i - rank} must be equal or one of them 1`,
      });
    }
    return m === 1 ? n : m;
  });
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/** Strides with which a tensor of `shape` is read at the indices of `target`: 0 along broadcast dimensions. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = target.length - shape.length;
  return target.map((_, d) => (d < missing || shape[d - missing] === 1 ? 0 : strides[d - missing]));
}

/** Largest rank of strided access in shaders (lib/strided.wgsl) after neighbouring dimensions are merged. */
export const MAX_RANK = 8;

/**
 * Merges neighbouring dimensions that every operand walks as one, and drops those of size 1, so that most strided
 * accesses have one to three dimensions. All stride lists have the length of `shape`.
 */
export function collapse(
  op: string,
  shape: Shape,
  ...strides: number[][]
): { shape: number[]; strides: number[][] } {
  const merged: { n: number; steps: number[] }[] = [];
  shape.forEach((n, d) => {
    if (n === 1) return;
    const steps = strides.map((list) => list[d]);
    const last = merged.at(-1);
    if (last?.steps.every((step, i) => step === steps[i] * n)) {
      last.n *= n;
      last.steps = steps;
    } else merged.push({ n, steps });
  });
  if (merged.length === 0) merged.push({ n: 1, steps: strides.map(() => 0) });
  if (merged.length > MAX_RANK) {
    throw new GradloomError({
      code: 'unsupported',
      op,
      got: `${merged.length} dimensions that cannot be merged`,
      expected: `at most ${MAX_RANK}`,
    });
  }
  return {
    shape: merged.map(({ n }) => n),
    strides: strides.map((_, i) => merged.map(({ steps }) => steps[i])),
  };
}

/** An error about the shape of an argument. */
export function shapeError(
  op: string,
  argument: string,
  x: Tensor | Shape,
  expected: string,
  fix?: string,
): GradloomError {
  const shape = 'shape' in x ? x.shape : x;
  return new GradloomError({ code: 'shape', op, argument, got: formatShape(shape), expected, fix });
}

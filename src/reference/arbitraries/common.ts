/** What the random cases of all op families are made of: sizes, shapes, dims, broadcasting. */
import fc from 'fast-check';
import { isSpecList } from '../../synthetic';
import { references } from '..';
import type { InputSpec, OpCase } from '../types';

/** Random legal cases by canonical op name. */
export type Arbitraries = Record<string, fc.Arbitrary<OpCase>>;

/** Cases from named random parts. The parts are free of each other, so that every one shrinks by itself. */
export function casesOf<T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }, make: (drawn: T) => OpCase) {
  return fc.record<T>(parts).map((drawn) => make(drawn as T));
}

/** The size of a dim: 1 to `most`, in three of four cases at most 6. */
export function size(most = 70): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: count(Math.min(most, 6)) }, { weight: 1, arbitrary: count(most) });
}

/** An integer from 1 to `most`. */
export const count = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });

/** One of the values. */
export const oneOf = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** `dims` with some of them cut so that there are at most `most` elements. */
export function limited(dims: readonly number[], most: number): number[] {
  let left = most;
  return dims.map((dim) => {
    const kept = Math.min(dim, left);
    left = kept > 0 ? Math.floor(left / kept) : left;
    return kept;
  });
}

export interface ShapeOptions {
  /** Least and greatest rank; 0 and 5 unless given. */
  min?: number;
  max?: number;
  /** Most elements, 300 unless given. */
  most?: number;
  /** Also shapes with a dim of size 0. */
  empty?: boolean;
}

/** A random shape. */
export function shapes({ min = 0, max = 5, most = 300, empty = false }: ShapeOptions = {}) {
  const dim = empty
    ? fc.oneof({ weight: 24, arbitrary: size() }, { weight: 1, arbitrary: fc.constant(0) })
    : size();
  return fc.array(dim, { minLength: min, maxLength: max }).map((dims) => limited(dims, most));
}

/** A dim of a tensor whose rank is not known yet; `dimOf` makes it a legal one. */
export interface AnyDim {
  at: number;
  negative: boolean;
}

/** Any dim of any tensor. */
export const anyDim: fc.Arbitrary<AnyDim> = fc.record({ at: fc.nat(4), negative: fc.boolean() });

/** The dim as an attribute for a tensor of this rank, from either end; a 0-d tensor has dim 0. */
export function dimOf({ at, negative }: AnyDim, rank: number): number {
  const dims = Math.max(1, rank);
  return negative ? (at % dims) - dims : at % dims;
}

/** The same dim counted from the front. */
export const indexOf = ({ at }: AnyDim, rank: number): number => at % Math.max(1, rank);

/** An order of up to five dims; `orderOf` cuts it to a rank. */
export const anyOrder = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });

/** The first `rank` dims in the order. */
export const orderOf = (order: readonly number[], rank: number): number[] => order.filter((d) => d < rank);

/** Shapes of `operands` tensors that broadcast with each other: some dims are 1, some leading ones missing. */
export function broadcastShapes(operands: number, { max = 5, most = 300 }: ShapeOptions = {}) {
  const ones = fc.array(oneOf(false, false, true), { minLength: operands, maxLength: operands });
  const dims = fc.array(fc.record({ size: size(), ones }), { maxLength: max });
  const missing = fc.array(oneOf(0, 0, 1, 2), { minLength: operands, maxLength: operands });
  return fc.record({ dims, missing }).map((drawn) => {
    const sizes = limited(
      drawn.dims.map((dim) => dim.size),
      most,
    );
    return drawn.missing.map((leading, operand) =>
      sizes.map((n, d) => (drawn.dims[d].ones[operand] ? 1 : n)).slice(leading),
    );
  });
}

/** How the first case of an op fills one of its inputs, for any shape: what keeps away from its kinks and poles. */
export function fillOf(op: string, input = 'x'): (shape: number[]) => InputSpec {
  const spec = references[op].cases[0].inputs[input];
  if (isSpecList(spec)) return (shape) => shape;
  return (shape) => (Array.isArray(spec) ? shape : { ...spec, shape });
}

/** Values of which no two are near each other. The odd bounds keep their differences away from round numbers. */
export const distinct = (shape: number[]): InputSpec => ({
  shape,
  fill: 'distinct',
  range: [-3.9871, 4.1237],
});

/** Values between two bounds. */
export const uniform = (low: number, high: number, shape: number[]): InputSpec => ({
  shape,
  fill: 'uniform',
  range: [low, high],
});

/** Values away from 0, of either sign. */
export const nonzero = (shape: number[]): InputSpec => ({ shape, fill: 'awayFromZero' });

/** Integers from 0 to `below` - 1, of which some repeat. */
export const indices = (below: number, shape: number[]): InputSpec => ({
  shape,
  dtype: 'i32',
  range: [0, below],
});

/** The product of sizes. */
export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/**
 * What the references of convolution and pooling share: one and two spatial dimensions are seen as three, with
 * leading dimensions of size 1, so that each operation is written once as plain loops over depth, height,
 * width.
 */
import { assertInternal } from '../errors';
import type { NdArray } from './types';

/** Depth, height, width. */
export type Triple = [number, number, number];

/**
 * An attribute per spatial dimension as a triple: a number stands for every one of the `rank` spatial
 * dimensions, the dimensions that are not there get `fill` (1 for kernel, stride and dilation; 0 for
 * padding).
 */
export function triple(value: number | number[], rank: number, fill: number): Triple {
  const given = typeof value === 'number' ? new Array(rank).fill(value) : value;
  const perDimension = given.length === 1 ? new Array(rank).fill(given[0]) : given;
  assertInternal(perDimension.length === rank, 'reference', `${perDimension.length} values for ${rank} dims`);
  return [...new Array(3 - rank).fill(fill), ...perDimension] as Triple;
}

/** The shape [a, b, ...spatial] of a tensor as [a, b, depth, height, width]. */
export function volumeShape(x: NdArray): [number, number, number, number, number] {
  const [a, b, ...spatial] = x.shape;
  return [a, b, ...triple(spatial, spatial.length, 1)];
}

/** The spatial sizes of a result without the leading dimensions that `volumeShape` added. */
export function spatialShape(sizes: Triple, rank: number): number[] {
  return sizes.slice(3 - rank);
}

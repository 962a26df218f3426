/** Shared by convolution and pooling: attributes per spatial dimension, and volumes of depth, height and width. */
import { GradloomError } from '../errors';
import type { Shape, Tensor } from '../graph/ir/graph';
import * as z from '../schema';
import { shapeError } from './common';

/** Depth, height and width; ops with fewer spatial dimensions have leading ones. */
export type Triple = readonly [number, number, number];

/** A size, stride or dilation: one number for all spatial dimensions, or one per dimension. */
export const positive = z.union([z.int().min(1), z.array(z.int().min(1)).min(1)]);

/** A padding: one number for all spatial dimensions, or one per dimension. */
export const notNegative = z.union([z.int().min(0), z.array(z.int().min(0)).min(1)]);

/** An attribute as (depth, height, width); the dimensions that are not there get `fill`. */
export function triple(
  op: string,
  argument: string,
  value: number | readonly number[],
  rank: number,
  fill: number,
): Triple {
  const given = typeof value === 'number' ? [value] : value;
  const all = given.length === 1 ? new Array<number>(rank).fill(given[0]) : given;
  if (all.length !== rank) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument,
      got: `[${given}]`,
      expected: rank === 1 ? 'one number' : `one number or ${rank} numbers`,
    });
  }
  return volume(all, fill);
}

/** Spatial sizes as (depth, height, width). */
export function volume(spatial: readonly number[], fill = 1): Triple {
  return [...new Array<number>(3 - spatial.length).fill(fill), ...spatial] as unknown as Triple;
}

/** Number of positions of a volume. */
export const volumeSize = ([d, h, w]: Triple): number => d * h * w;

/**
 * Splits [N, C, ...spatial], or [C, ...spatial] for one sample, into its parts.
 * @throws GradloomError `shape` for any other number of dimensions.
 */
export function splitImages(
  op: string,
  x: Tensor | Shape,
  rank: number,
): { batch: readonly number[]; channels: number; spatial: readonly number[] } {
  const shape: Shape = 'shape' in x ? x.shape : x;
  if (shape.length !== rank + 2 && shape.length !== rank + 1) {
    const sizes = ['L', 'H, W', 'D, H, W'][rank - 1];
    throw shapeError(op, 'x', shape, `[N, C, ${sizes}] or [C, ${sizes}]`);
  }
  const lead = shape.length - rank;
  return { batch: shape.slice(0, lead - 1), channels: shape[lead - 1], spatial: shape.slice(lead) };
}

/**
 * How far a GPU result may lie from the float64 reference, relative to max(|expected|, root mean square of the
 * expected values). For tests, conformance page and harness; ops that move values say so in their declaration (`exact`), and
 * none is looser than the default.
 */
import type { OpInfo } from '../graph/ir/op';

/** Plain float32 ops. */
export const DEFAULT_TOLERANCE = 1e-4;

type Declared = Pick<OpInfo, 'exact'>;

/** @param gradient whether it is for gradients, which are compared with differences and so never to the bit. */
export function toleranceOf({ exact }: Declared, gradient = false): number {
  return exact && !gradient ? 0 : DEFAULT_TOLERANCE;
}

/** Beyond it float16 is infinite; what rounds down to it may be so, too. */
export const HALF_LARGEST = 65000;

/** Some adapters turn float16 below its smallest normal value, 2^-14, into 0. */
export const HALF_SMALLEST = 6.2e-5;

/**
 * Each store of float16, with its 11 bits, moves a value by up to 5e-4 of itself (1e-3 where an adapter truncates), and
 * a gradient passes several stores and sums what they moved.
 */
const HALF_TOLERANCE = 1e-2;

/** The tolerance where floats are stored as float16; arithmetic is in float32 there, too. */
export function halfToleranceOf({ exact }: Declared, gradient = false): number {
  return exact && !gradient ? 0 : HALF_TOLERANCE;
}

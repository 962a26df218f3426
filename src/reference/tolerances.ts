/**
 * How far a GPU result may lie from the float64 reference, relative to max(|expected|, root mean square of the
 * expected values). One table for tests, conformance page and harness; an entry that is looser than the default
 * says why.
 */

/** Plain float32 ops. */
export const DEFAULT_TOLERANCE = 1e-4;

interface Tolerance {
  value: number;
  reason: string;
}

const LOOSER: Record<string, Tolerance> = {};

/** Ops that move values without computing: every bit must arrive. */
const EXACT: readonly string[] = [
  'reshape',
  'flatten',
  'unflatten',
  'permute',
  'transpose',
  'squeeze',
  'unsqueeze',
  'movedim',
  'cat',
  'stack',
  'split',
  'chunk',
  'narrow',
  'select',
  'slice',
  'pad',
  'expand',
  'tile',
  'repeat',
  'repeatInterleave',
  'flip',
  'roll',
  'diagonal',
  'triu',
  'tril',
  'gather',
  'scatter',
  'indexSelect',
  'indexCopy',
  'indexFill',
  'take',
  'takeAlongDim',
  't',
  'rot90',
  'unbind',
  'tensorSplit',
  'hstack',
  'vstack',
  'meshgrid',
  'channelShuffle',
  'diag',
  'diagEmbed',
  'kthvalue',
  'argsort',
  'oneHot',
  'maskedFill',
  'embedding',
  'unfold',
  'pixelShuffle',
  'pixelUnshuffle',
];

/** @param gradient whether it is for gradients, which are compared with differences and so never to the bit. */
export function toleranceOf(op: string, gradient = false): number {
  if (EXACT.includes(op) && !gradient) return 0;
  return LOOSER[op]?.value ?? DEFAULT_TOLERANCE;
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
export function halfToleranceOf(op: string, gradient = false): number {
  return EXACT.includes(op) && !gradient ? 0 : HALF_TOLERANCE;
}

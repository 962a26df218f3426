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
const EXACT: readonly string[] = [];

export function toleranceOf(op: string): number {
  if (EXACT.includes(op)) return 0;
  return LOOSER[op]?.value ?? DEFAULT_TOLERANCE;
}

/** Reference references of the ops that order values along a dim: `max`, `min`, `argmax`, `argmin`, `topk`, `sort`. */

import { wholeCases } from './cases';
import { mapLanes, reduceDims } from './ndarray';
import { argCases, maxCases, sortCases, topkCases } from './ordering.cases';
import type { NdArray, Reference } from './types';

/**
 * Ascending order with NaN after everything else, as PyTorch sorts. Two infinities of one sign differ by NaN,
 * which `|| 0` makes a tie.
 */
function ascending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b || 0;
}

/** Positions of a lane in sorted order; equal values keep their order either way. */
function order(lane: Float64Array, descending: boolean): number[] {
  const compare = descending ? (a: number, b: number) => ascending(b, a) : ascending;
  return Array.from(lane, (_, i) => i).sort((i, j) => compare(lane[i], lane[j]));
}

/** The first `count` values of the sorted lane and where they were. */
function pick(
  lane: Float64Array,
  descending: boolean,
  count = lane.length,
): { at: number[]; values: number[] } {
  const at = order(lane, descending).slice(0, count);
  return { at, values: at.map((i) => lane[i]) };
}

/** The position of the largest (or smallest) value, the first of several; a NaN beats everything. */
function argExtremum(values: Float64Array, largest: boolean): number {
  const nan = values.findIndex(Number.isNaN);
  if (nan >= 0) return nan;
  return values.reduce((best, v, i) => ((largest ? v > values[best] : v < values[best]) ? i : best), 0);
}

function extremum(largest: boolean): Reference {
  return {
    forward({ x }, { dim = null, keepdim = false }): Record<string, NdArray> {
      const best = (values: Float64Array) => argExtremum(values, largest);
      const values = reduceDims(x, dim, keepdim, (lane) => lane[best(lane)]);
      return dim === null ? { y: values } : { values, indices: reduceDims(x, dim, keepdim, best) };
    },
    cases: [...maxCases, ...wholeCases({ dim: 1 })],
  };
}

function argument(largest: boolean): Reference {
  return {
    forward: ({ x }, { dim = null, keepdim = false }) => ({
      y: reduceDims(x, dim, keepdim, (lane) => argExtremum(lane, largest)),
    }),
    cases: [...argCases, wholeCases({ dim: 1 })[0]],
  };
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  max: extremum(true),
  min: extremum(false),
  argmax: argument(true),
  argmin: argument(false),
  topk: {
    forward: ({ x }, { k, dim = -1, largest = true }) => ({
      values: mapLanes(x, dim, (lane) => pick(lane, largest, k).values),
      indices: mapLanes(x, dim, (lane) => pick(lane, largest, k).at),
    }),
    cases: [...topkCases, wholeCases({ k: 2 })[0]],
  },
  sort: {
    forward: ({ x }, { dim = -1, descending = false }) => ({
      values: mapLanes(x, dim, (lane) => pick(lane, descending).values),
      indices: mapLanes(x, dim, (lane) => pick(lane, descending).at),
    }),
    cases: [...sortCases, wholeCases({})[0], wholeCases({ descending: true })[0]],
  },
};

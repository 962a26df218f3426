/** A stable radix sort of positions by whole-number keys on the GPU: the same order in every run. */
import sortCount from '../../../shaders/indexing/sort.count.wgsl';
import sortPlace from '../../../shaders/indexing/sort.place.wgsl';
import sortScan from '../../../shaders/indexing/sort.scan.wgsl';
import sortStarts from '../../../shaders/indexing/sort.starts.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import type { Lowering } from '../../graph/ir/op';
import { elementThreads } from '../common';

/** Positions that one thread moves in its order, at least; more when there would be more threads than MOST_RUNS. */
const SHORTEST_RUN = 32;
const MOST_RUNS = 4096;

/**
 * Dispatches that compute the positions 0 to n - 1 in the order of their keys, equal keys in the order of positions.
 * @param keys [n] whole numbers from 0 to `largest`.
 * @returns the positions, a temporary [n].
 */
export function runSort(k: Lowering, keys: Tensor, largest: number): Tensor {
  const n = keys.size;
  const run = Math.max(SHORTEST_RUN, Math.ceil(n / MOST_RUNS));
  const runs = Math.ceil(n / run);
  const bits = 32 - Math.clz32(largest);
  const { DIGITS } = sortCount.constants;
  const counts = k.scratch([DIGITS * runs], 'i32');
  let order: Tensor | undefined;
  let spare: Tensor | undefined;
  for (let shift = 0; shift === 0 || shift < bits; shift += Math.log2(DIGITS)) {
    const params = { n, run, runs, shift, first: order === undefined };
    const sorted = spare ?? k.scratch([n], 'i32');
    k.dispatch(sortCount, { keys, order: order ?? k.emptyBuffer }, { counts }, params, { threads: runs });
    k.dispatch(sortScan, {}, { counts }, { n: counts.size }, { workgroups: 1 });
    k.dispatch(sortPlace, { keys, order: order ?? k.emptyBuffer, counts }, { sorted }, params, {
      threads: runs,
    });
    [spare, order] = [order, sorted];
  }
  return order!;
}

/**
 * Sorts positions by key, and finds where those of each key begin: keys [n] from 0 to `rows`, where `rows` stands for none.
 * @returns the positions in their order [n], and the places of each key's first position in them [rows + 1].
 */
export function runSortedStarts(k: Lowering, keys: Tensor, rows: number): { order: Tensor; starts: Tensor } {
  const order = runSort(k, keys, rows);
  const starts = k.scratch([rows + 1], 'i32');
  const params = { n: keys.size, rows: rows + 1 };
  k.dispatch(sortStarts, { keys, order }, { starts }, params, elementThreads(rows + 1, k.device));
  return { order, starts };
}

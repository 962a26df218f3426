/** Resizing of one dimension by a table: which inputs make up each output, with which weights. */
import resampleTaps from '../../../shaders/pool/resample.taps.wgsl';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { elementThreads, loopRanges, splitAt, threadsOf } from '../common';

/** Of each output the first input, and the weights of this and the next ones. */
type Taps = { first: number; weights: number[] }[];

/** The same as arrays: spans [out, 2] of first input and count, weights [out, most]. */
interface Table {
  spans: Int32Array;
  weights: Float32Array;
  out: number;
  most: number;
}

/** A table, and the one of its transpose, which is that of the gradient. */
export interface TapTables {
  forward: Table;
  backward: Table;
}

function tableOf(taps: Taps): Table {
  const most = taps.reduce((n, { weights }) => Math.max(n, weights.length), 1);
  const weights = new Float32Array(taps.length * most);
  taps.forEach((tap, q) => {
    weights.set(tap.weights, q * most);
  });
  return {
    spans: Int32Array.from(taps.flatMap((tap) => [tap.first, tap.weights.length])),
    weights,
    out: taps.length,
    most,
  };
}

/** For each input the outputs that read it, from the first to the last. */
function transposed(taps: Taps, size: number): Taps {
  const ends: [number, number][] = Array.from({ length: size }, () => [taps.length, 0]);
  taps.forEach(({ first, weights }, q) => {
    weights.forEach((_, t) => {
      const range = ends[first + t];
      ends[first + t] = [Math.min(range[0], q), q + 1];
    });
  });
  return ends.map(([start, end], i) => ({
    first: start < end ? start : 0,
    weights: Array.from({ length: Math.max(0, end - start) }, (_, k) => {
      const { first, weights } = taps[start + k];
      return weights[i - first] ?? 0;
    }),
  }));
}

const tablesOf = (taps: Taps, size: number): TapTables => ({
  forward: tableOf(taps),
  backward: tableOf(transposed(taps, size)),
});

/** Keys' cubic convolution at a distance; Catmull and Rom's for a = -0.5. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

/**
 * Cubic convolution (A = -0.75) of `size` inputs at the positions of `out` outputs; inputs beyond the border are those at it.
 * @param scale distance between the inputs of neighbouring outputs
 */
export function cubicTaps(size: number, out: number, scale: number, aligned: boolean): TapTables {
  const taps = Array.from({ length: out }, (_, q) => {
    const position = aligned ? q * scale : (q + 0.5) * scale - 0.5;
    const low = Math.floor(position);
    const inside = (i: number) => Math.min(Math.max(i, 0), size - 1);
    const first = inside(low - 1);
    const weights = new Array<number>(inside(low + 2) - first + 1).fill(0);
    for (let i = low - 1; i <= low + 2; i++) weights[inside(i) - first] += cubic(position - i, -0.75);
    return { first, weights };
  });
  return tablesOf(taps, size);
}

/** Antialiased linear or cubic (A = -0.5) taps, as Pillow resizes: the filter is as wide as outputs are apart. */
export function antialiasedTaps(
  size: number,
  out: number,
  scale: number,
  filter: 'linear' | 'cubic',
): TapTables {
  const wide = Math.max(scale, 1);
  const support = (filter === 'linear' ? 1 : 2) * wide;
  const weightAt = (distance: number) =>
    filter === 'linear' ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance, -0.5);
  const taps = Array.from({ length: out }, (_, q) => {
    const center = (q + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), size);
    const weights = Array.from({ length: Math.max(0, end - first) }, (_, t) =>
      weightAt((first + t + 0.5 - center) / wide),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: total === 0 ? weights : weights.map((weight) => weight / total) };
  });
  return tablesOf(taps, size);
}

/** Dimension `dim` of x resized by the table. */
export const resizedByTaps: (inputs: { x: Tensor }, attrs: TapTables & { dim: number }) => { y: Tensor } =
  defineInternal({
    name: 'resizeByTaps',
    inputs: ['x'],
    outputs: ['y'],
    fusion: { accumulates: ['y'] },
    shape: ({ x }, { dim, forward }: TapTables & { dim: number }) => ({
      y: x.shape.map((n, d) => (d === dim ? forward.out : n)) as Shape,
    }),
    lower({ x, y }, { dim, forward }, k) {
      const { size, inner } = splitAt(x.shape, dim);
      const { out, most } = forward;
      const spans = x.graph.constant(forward.spans, [out, 2]);
      const weights = x.graph.constant(forward.weights, [out, most]);
      const eachElement = elementThreads(y.size, k.device);
      const perThread = Math.ceil(y.size / Math.max(1, threadsOf(resampleTaps, eachElement)));
      loopRanges(most, perThread + 2).forEach(({ first, end }, i) => {
        const accumulate = i > 0 ? 1 : k.accumulate('y');
        const params = { n: y.size, size, out, inner, most, accumulate, first, taps: end - first };
        k.dispatch(resampleTaps, { x, spans, weights }, { y }, params, eachElement);
      });
    },
    backward: ({ dy }, { dim, forward, backward }) => ({
      x: resizedByTaps({ x: dy }, { dim, forward: backward, backward: forward }).y,
    }),
  });

/**
 * Float64 references of pooling: max, average, Lp, adaptive and global, in one to three dimensions.
 * Semantics: torch.nn.functional.max_pool2d, avg_pool2d, lp_pool2d, adaptive_avg_pool2d, adaptive_max_pool2d.
 */
import { withCases } from './cases';
import { makeArray } from './ndarray';
import {
  adaptiveAvgPoolCases,
  adaptiveMaxPoolCases,
  avgPoolCases,
  globalPoolCases,
  lpPoolCases,
  maxPoolCases,
} from './pool.cases';
import { spatialShape, type Triple, triple, volumeShape } from './spatial';
import type { NdArray, OpCase, Reference } from './types';

/** The positions start, start + step, ... below end: one side of a window. */
interface Span {
  start: number;
  end: number;
  step: number;
}

/** The spans of all windows along depth, height and width. */
type Spans = [Span[], Span[], Span[]];

/**
 * y[n, c, q] = combine(values of x in window q), windows being the product of one span per dimension.
 * Positions outside the input are left out; `combine` also gets the three spans, for divisors that count
 * them.
 */
function pool(
  x: NdArray,
  spans: Spans,
  combine: (values: number[], window: [Span, Span, Span]) => number,
): NdArray {
  const [batch, channels, D, H, W] = volumeShape(x);
  const out = spans.map((list) => list.length) as Triple;
  const y = makeArray([batch, channels, ...spatialShape(out, x.shape.length - 2)]);
  let index = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const spanD of spans[0]) {
      for (const spanH of spans[1]) {
        for (const spanW of spans[2]) {
          const values: number[] = [];
          for (let d = spanD.start; d < spanD.end; d += spanD.step) {
            for (let h = spanH.start; h < spanH.end; h += spanH.step) {
              for (let w = spanW.start; w < spanW.end; w += spanW.step) {
                if (d < 0 || d >= D || h < 0 || h >= H || w < 0 || w >= W) continue;
                values.push(x.data[((plane * D + d) * H + h) * W + w]);
              }
            }
          }
          y.data[index++] = combine(values, [spanD, spanH, spanW]);
        }
      }
    }
  }
  return y;
}

/**
 * The windows of an ordinary pooling along each dimension. With ceilMode a last window that overhangs is
 * added, provided that it starts inside the input or the padding before it.
 */
function windows(x: NdArray, attrs: any): Spans {
  const rank = x.shape.length - 2;
  const kernel = triple(attrs.kernelSize, rank, 1);
  const stride = triple(attrs.stride ?? attrs.kernelSize, rank, 1);
  const padding = triple(attrs.padding ?? 0, rank, 0);
  const dilation = triple(attrs.dilation ?? 1, rank, 1);
  const [, , ...size] = volumeShape(x);
  return size.map((length, i) => {
    const reach = dilation[i] * (kernel[i] - 1) + 1;
    const steps = (length + 2 * padding[i] - reach) / stride[i];
    let count = (attrs.ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (attrs.ceilMode && (count - 1) * stride[i] - padding[i] >= length) count--;
    return Array.from({ length: count }, (_, q) => {
      const start = q * stride[i] - padding[i];
      return { start, end: start + reach, step: dilation[i] };
    });
  }) as Spans;
}

/** The windows of an adaptive pooling: window i is [floor(i * in / out), ceil((i + 1) * in / out)). */
function adaptiveWindows(x: NdArray, attrs: any): Spans {
  const rank = x.shape.length - 2;
  const [, , ...size] = volumeShape(x);
  const given: (number | null)[] =
    attrs.outputSize === null || typeof attrs.outputSize === 'number'
      ? new Array(rank).fill(attrs.outputSize)
      : attrs.outputSize;
  const out = [...new Array(3 - rank).fill(1), ...given];
  return size.map((length, i) => {
    const count = out[i] ?? length;
    return Array.from({ length: count }, (_, q) => ({
      start: Math.floor((q * length) / count),
      end: Math.ceil(((q + 1) * length) / count),
      step: 1,
    }));
  }) as Spans;
}

/** The whole input as one window. */
function globalWindow(x: NdArray): Spans {
  const [, , ...size] = volumeShape(x);
  return size.map((length) => [{ start: 0, end: length, step: 1 }]) as Spans;
}

/** The largest value; NaN if there is one. */
function maximum(values: number[]): number {
  let best = -Infinity;
  for (const value of values) if (value > best) best = value;
  return values.some(Number.isNaN) ? Number.NaN : best;
}

function total(values: number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function mean(values: number[]): number {
  return total(values) / values.length;
}

/**
 * Sum over the window divided by: divisorOverride if given; else the number of its positions inside the
 * input; with countIncludePad also those inside the padding (but never those beyond it, where ceilMode may
 * reach).
 */
function avgPool(x: NdArray, attrs: any): NdArray {
  const rank = x.shape.length - 2;
  const padding = triple(attrs.padding ?? 0, rank, 0);
  const [, , ...size] = volumeShape(x);
  return pool(x, windows(x, attrs), (values, window) => {
    if (values.length === 0) return 0;
    const padded = window.map((span, i) =>
      Math.ceil((Math.min(span.end, size[i] + padding[i]) - span.start) / span.step),
    );
    const counted = (attrs.countIncludePad ?? true) ? padded[0] * padded[1] * padded[2] : values.length;
    return total(values) / (attrs.divisorOverride ?? counted);
  });
}

/**
 * (sum of x^p over the window)^(1/p). A window that overhangs (ceilMode) counts as if its missing values were
 * the mean of the present ones, as in PyTorch, where it is an average times the kernel's size.
 */
function lpPool(x: NdArray, attrs: any): NdArray {
  const p = attrs.normType;
  const [KD, KH, KW] = triple(attrs.kernelSize, x.shape.length - 2, 1);
  return pool(x, windows(x, attrs), (values) => {
    const average = mean(values.map((value) => value ** p));
    return (average * KD * KH * KW) ** (1 / p);
  });
}

function reference(forward: (x: NdArray, attrs: any) => NdArray, cases: OpCase[]): Reference {
  return { forward: ({ x }, attrs) => ({ y: forward(x, attrs) }), cases };
}

/** Maxima and, where asked for, their positions in the plane: the first of equal values. */
function largest(spansOf: (x: NdArray, attrs: any) => Spans, cases: OpCase[]): Reference {
  return {
    forward({ x }: Record<string, NdArray>, attrs): Record<string, NdArray> {
      const spans = spansOf(x, attrs);
      const y = pool(x, spans, maximum);
      if (!attrs.returnIndices) return { y };
      const [, , D, H, W] = volumeShape(x);
      const positions = { shape: x.shape, data: x.data.map((_, i) => i) };
      const first = (at: number[]) => at.reduce((best, i) => (x.data[i] > x.data[best] ? i : best));
      return { y, indices: pool(positions, spans, (at) => first(at) % (D * H * W)) };
    },
    cases,
  };
}

const adaptiveAvgPool = (x: NdArray, attrs: any) => pool(x, adaptiveWindows(x, attrs), mean);

/** The references of the pooling ops by canonical name. */
export const references: Record<string, Reference> = {
  maxPool1d: largest(windows, maxPoolCases[1]),
  maxPool2d: withCases(largest(windows, maxPoolCases[2]), {
    attrs: { kernelSize: 3, stride: 2, padding: 1, returnIndices: true },
    inputs: { x: { shape: [2, 3, 7, 9], fill: 'distinct' } },
  }),
  maxPool3d: largest(windows, maxPoolCases[3]),
  avgPool1d: reference(avgPool, avgPoolCases[1]),
  avgPool2d: reference(avgPool, avgPoolCases[2]),
  avgPool3d: reference(avgPool, avgPoolCases[3]),
  lpPool1d: reference(lpPool, lpPoolCases[1]),
  lpPool2d: reference(lpPool, lpPoolCases[2]),
  lpPool3d: reference(lpPool, lpPoolCases[3]),
  adaptiveAvgPool1d: reference(adaptiveAvgPool, adaptiveAvgPoolCases[1]),
  adaptiveAvgPool2d: reference(adaptiveAvgPool, adaptiveAvgPoolCases[2]),
  adaptiveAvgPool3d: reference(adaptiveAvgPool, adaptiveAvgPoolCases[3]),
  adaptiveMaxPool1d: largest(adaptiveWindows, adaptiveMaxPoolCases[1]),
  adaptiveMaxPool2d: withCases(largest(adaptiveWindows, adaptiveMaxPoolCases[2]), {
    attrs: { outputSize: [3, 4], returnIndices: true },
    inputs: { x: { shape: [2, 3, 7, 9], fill: 'distinct' } },
  }),
  adaptiveMaxPool3d: largest(adaptiveWindows, adaptiveMaxPoolCases[3]),
  globalAvgPool: reference((x) => pool(x, globalWindow(x), mean), globalPoolCases),
  globalMaxPool: reference((x) => pool(x, globalWindow(x), maximum), globalPoolCases),
};

/**
 * Float64 references of resampling: interpolate and the pixel shuffles.
 * Semantics: torch.nn.functional.interpolate, pixel_shuffle, pixel_unshuffle.
 */
import { build, makeArray, offsetOf, strides } from './ndarray';
import type { NdArray, OpCase, Reference } from './types';

/** An output position as a weighted sum of input positions along one dimension. */
type Taps = { from: number; weight: number }[];

/** Keys' cubic convolution. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

/** The taps of one output of Pillow's resizing: a filter over the inputs around its middle, as wide as it shrinks. */
function antialiased(q: number, length: number, scale: number, mode: string): Taps {
  const width = Math.max(1, scale);
  const middle = (q + 0.5) * scale;
  const reach = (mode === 'bicubic' ? 2 : 1) * width;
  const taps: Taps = [];
  for (let from = 0; from < length; from++) {
    if (from < Math.trunc(middle - reach + 0.5) || from >= Math.trunc(middle + reach + 0.5)) continue;
    const distance = (from + 0.5 - middle) / width;
    taps.push({
      from,
      weight: mode === 'bicubic' ? cubic(distance, -0.5) : Math.max(0, 1 - Math.abs(distance)),
    });
  }
  const total = taps.reduce((sum, { weight }) => sum + weight, 0);
  return taps.map(({ from, weight }) => ({ from, weight: weight / total }));
}

/**
 * The taps of every output position along one dimension of `length` values; `factor` if the user gave one.
 */
function tapsOf(length: number, out: number, factor: number | undefined, attrs: any): Taps[] {
  // A given scale factor is used as it is, though out was rounded down: PyTorch's
  // recompute_scale_factor=False.
  const scale = factor === undefined || attrs.recomputeScaleFactor ? length / out : 1 / factor;
  const alignedScale = out > 1 ? (length - 1) / (out - 1) : 0;
  return Array.from({ length: out }, (_, q) => {
    if ((attrs.mode ?? 'nearest').startsWith('nearest')) {
      const middle = attrs.mode === 'nearest-exact' ? 0.5 : 0;
      // PyTorch computes nearest positions in float32 for every dtype, and a position may hang on that
      // rounding.
      const position = Math.floor(Math.fround((q + middle) * Math.fround(scale)));
      return [{ from: Math.min(position, length - 1), weight: 1 }];
    }
    if (attrs.antialias) return antialiased(q, length, attrs.alignCorners ? alignedScale : scale, attrs.mode);
    if (attrs.mode === 'bicubic') {
      const position = attrs.alignCorners ? q * alignedScale : (q + 0.5) * scale - 0.5;
      const low = Math.floor(position);
      return [-1, 0, 1, 2].map((i) => ({
        from: Math.min(Math.max(low + i, 0), length - 1),
        weight: cubic(position - low - i, -0.75),
      }));
    }
    if (attrs.mode === 'area') {
      const first = Math.floor((q * length) / out);
      const count = Math.ceil(((q + 1) * length) / out) - first;
      return Array.from({ length: count }, (_, i) => ({ from: first + i, weight: 1 / count }));
    }
    const position = attrs.alignCorners ? q * alignedScale : Math.max((q + 0.5) * scale - 0.5, 0);
    const low = Math.min(Math.floor(position), length - 1);
    const fraction = Math.min(position - low, 1);
    return [
      { from: low, weight: 1 - fraction },
      { from: Math.min(low + 1, length - 1), weight: fraction },
    ];
  });
}

/** y[n, c, ...q] = sum over the product of the taps of each spatial dimension. */
function interpolate(x: NdArray, attrs: any): NdArray {
  const [batch, channels, ...spatial] = x.shape;
  const perDimension = (value: number | number[] | null | undefined): (number | undefined)[] =>
    spatial.map((_, i) => (Array.isArray(value) ? value[i] : (value ?? undefined)));
  const sizes = perDimension(attrs.size);
  const factors = perDimension(attrs.scaleFactor);
  const out = spatial.map((length, i) => sizes[i] ?? Math.floor(length * factors[i]!));
  // One or two spatial dimensions are seen as three of which the first are 1 long.
  const fill = <T>(list: T[], value: T): T[] => [
    ...Array.from({ length: 3 - list.length }, () => value),
    ...list,
  ];
  const [depths, rows, columns] = fill(
    spatial.map((length, i) => tapsOf(length, out[i], factors[i], attrs)),
    [[{ from: 0, weight: 1 }]],
  );
  const [D, H, W] = fill(spatial, 1);
  const y = makeArray([batch, channels, ...out]);
  let index = 0;
  const weighted = (base: number, row: Taps, column: Taps) => {
    let sum = 0;
    for (const h of row) {
      for (const w of column) sum += h.weight * w.weight * x.data[(base + h.from) * W + w.from];
    }
    return sum;
  };
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const depth of depths) {
      for (const row of rows) {
        for (const column of columns) {
          let sum = 0;
          for (const d of depth) sum += d.weight * weighted((plane * D + d.from) * H, row, column);
          y.data[index++] = sum;
        }
      }
    }
  }
  return y;
}

/** y[n, c, h * r + i, w * r + j] = x[n, (c * r + i) * r + j, h, w]. */
function pixelShuffle(x: NdArray, r: number): NdArray {
  const [batch, channels, H, W] = x.shape;
  const stride = strides(x.shape);
  return build([batch, channels / (r * r), H * r, W * r], ([n, c, h, w]) => {
    const channel = (c * r + (h % r)) * r + (w % r);
    return x.data[offsetOf([n, channel, Math.floor(h / r), Math.floor(w / r)], stride)];
  });
}

/** y[n, (c * r + i) * r + j, h, w] = x[n, c, h * r + i, w * r + j]. */
function pixelUnshuffle(x: NdArray, r: number): NdArray {
  const [batch, channels, H, W] = x.shape;
  const stride = strides(x.shape);
  return build([batch, channels * r * r, H / r, W / r], ([n, channel, h, w]) => {
    const c = Math.floor(channel / (r * r));
    const i = Math.floor(channel / r) % r;
    return x.data[offsetOf([n, c, h * r + i, w * r + (channel % r)], stride)];
  });
}

const interpolateCases: OpCase[] = [
  { attrs: { scaleFactor: 2 }, inputs: { x: [2, 3, 4, 5] } },
  { attrs: { size: 7 }, inputs: { x: [2, 3, 5] } },
  { attrs: { scaleFactor: 3 }, inputs: { x: [1, 2, 5] } },
  { name: 'one of everything', attrs: { size: [1, 1] }, inputs: { x: [1, 1, 1, 1] } },
  { attrs: { size: [7, 11], mode: 'nearest' }, inputs: { x: [1, 2, 3, 5] } },
  { name: 'nearest, smaller', attrs: { size: [3, 4] }, inputs: { x: [1, 2, 7, 11] } },
  { name: 'nearest by a broken factor', attrs: { scaleFactor: [1.7, 0.6] }, inputs: { x: [1, 2, 6, 9] } },
  { name: 'nearest, positions in float32', attrs: { size: [1, 44] }, inputs: { x: [1, 1, 1, 26] } },
  { attrs: { size: 9, mode: 'linear' }, inputs: { x: [2, 3, 4] } },
  { attrs: { size: 9, mode: 'linear', alignCorners: true }, inputs: { x: [2, 3, 4] } },
  { attrs: { scaleFactor: 2.5, mode: 'linear' }, inputs: { x: [1, 2, 7] } },
  { attrs: { scaleFactor: 2, mode: 'bilinear' }, inputs: { x: [2, 3, 4, 5] } },
  { attrs: { scaleFactor: 2, mode: 'bilinear', alignCorners: true }, inputs: { x: [2, 3, 4, 5] } },
  { attrs: { size: [5, 13], mode: 'bilinear' }, inputs: { x: [1, 2, 7, 6] } },
  { attrs: { size: [5, 13], mode: 'bilinear', alignCorners: true }, inputs: { x: [1, 2, 7, 6] } },
  { attrs: { scaleFactor: [0.5, 1.3], mode: 'bilinear' }, inputs: { x: [1, 2, 9, 7] } },
  { name: 'to one position', attrs: { size: 1, mode: 'bilinear' }, inputs: { x: [1, 2, 5, 4] } },
  {
    name: 'to one position, aligned',
    attrs: { size: 1, mode: 'bilinear', alignCorners: true },
    inputs: { x: [1, 2, 5, 4] },
  },
  { name: 'from one position', attrs: { size: [3, 4], mode: 'bilinear' }, inputs: { x: [2, 2, 1, 1] } },
  { attrs: { size: [7, 11], mode: 'nearest-exact' }, inputs: { x: [1, 2, 3, 5] } },
  { attrs: { size: 4, mode: 'nearest-exact' }, inputs: { x: [2, 3, 9] } },
  {
    attrs: { scaleFactor: 1.7, mode: 'bilinear', recomputeScaleFactor: true },
    inputs: { x: [1, 2, 4, 6] },
  },
  { attrs: { size: [3, 4], mode: 'area' }, inputs: { x: [2, 3, 7, 10] } },
  { attrs: { scaleFactor: [2, 1.5, 0.6], mode: 'nearest-exact' }, inputs: { x: [1, 2, 3, 4, 5] } },
  ...[false, true].flatMap((alignCorners): OpCase[] => [
    { attrs: { scaleFactor: 2, mode: 'bicubic', alignCorners }, inputs: { x: [2, 3, 4, 5] } },
    { attrs: { size: [3, 13], mode: 'bicubic', alignCorners }, inputs: { x: [1, 2, 7, 6] } },
    { attrs: { size: [1, 3], mode: 'bicubic', alignCorners }, inputs: { x: [1, 2, 5, 1] } },
    ...['bilinear', 'bicubic'].map((mode) => ({
      attrs: { size: [3, 13], mode, alignCorners, antialias: true },
      inputs: { x: [1, 2, 11, 6] },
    })),
  ]),
  { attrs: { scaleFactor: [0.4, 1.3], mode: 'bicubic' }, inputs: { x: [1, 2, 9, 7] } },
  { attrs: { scaleFactor: [0.4, 1.3], mode: 'bicubic', antialias: true }, inputs: { x: [1, 2, 9, 7] } },
  { attrs: { scaleFactor: 0.3, mode: 'bilinear', antialias: true }, inputs: { x: [1, 2, 12, 10] } },
  { attrs: { size: [5, 3, 7], mode: 'trilinear' }, inputs: { x: [2, 1, 3, 4, 5] } },
  { attrs: { size: [2, 6, 1], mode: 'trilinear', alignCorners: true }, inputs: { x: [1, 2, 4, 3, 2] } },
];

/** The references of the resampling ops by canonical name. */
export const references: Record<string, Reference> = {
  interpolate: { forward: ({ x }, attrs) => ({ y: interpolate(x, attrs) }), cases: interpolateCases },
  pixelShuffle: {
    forward: ({ x }, attrs) => ({ y: pixelShuffle(x, attrs.upscaleFactor) }),
    cases: [
      { attrs: { upscaleFactor: 2 }, inputs: { x: [2, 8, 3, 4] } },
      { attrs: { upscaleFactor: 3 }, inputs: { x: [1, 9, 2, 5] } },
      { attrs: { upscaleFactor: 1 }, inputs: { x: [2, 3, 2, 2] } },
      { attrs: { upscaleFactor: 4 }, inputs: { x: [1, 32, 1, 1] } },
      { attrs: { upscaleFactor: 2 }, inputs: { x: [3, 12, 7, 5] } },
    ],
  },
  pixelUnshuffle: {
    forward: ({ x }, attrs) => ({ y: pixelUnshuffle(x, attrs.downscaleFactor) }),
    cases: [
      { attrs: { downscaleFactor: 2 }, inputs: { x: [2, 2, 6, 8] } },
      { attrs: { downscaleFactor: 3 }, inputs: { x: [1, 1, 6, 15] } },
      { attrs: { downscaleFactor: 1 }, inputs: { x: [2, 3, 2, 2] } },
      { attrs: { downscaleFactor: 4 }, inputs: { x: [1, 2, 4, 4] } },
      { attrs: { downscaleFactor: 2 }, inputs: { x: [3, 3, 14, 10] } },
    ],
  },
};

/** Float64 references of gridSample and affineGrid. Semantics: torch.nn.functional.grid_sample and affine_grid. */
import { build, size as count, makeArray, strides } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

interface Attrs {
  mode?: 'bilinear' | 'nearest' | 'bicubic';
  paddingMode?: 'zeros' | 'border' | 'reflection';
  alignCorners?: boolean;
}

type Tap = { at: number; weight: number };

const clip = (x: number, size: number) => Math.min(Math.max(x, 0), size - 1);

/** Reflects until x lies between the middles of the outer pixels (aligned), or between their outer edges. */
function reflect(x: number, size: number, aligned: boolean): number {
  const [low, high] = aligned ? [0, size - 1] : [-0.5, size - 0.5];
  if (high === low) return 0;
  const span = high - low;
  const inPeriod = (((x - low) % (2 * span)) + 2 * span) % (2 * span);
  return low + (inPeriod <= span ? inPeriod : 2 * span - inPeriod);
}

function padded(x: number, size: number, { paddingMode = 'zeros', alignCorners = false }: Attrs): number {
  if (paddingMode === 'zeros') return x;
  return clip(paddingMode === 'border' ? x : reflect(x, size, alignCorners), size);
}

/** Keys' cubic convolution with A = -0.75. */
function cubic(distance: number): number {
  const [d, a] = [Math.abs(distance), -0.75];
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0;
}

/** Rounds half to even. */
function nearest(x: number): number {
  const low = Math.floor(x);
  if (x - low === 0.5) return low % 2 === 0 ? low : low + 1;
  return Math.round(x);
}

/** The inputs along one dimension that make up the value at a coordinate. */
function tapsOf(coordinate: number, size: number, attrs: Attrs): Tap[] {
  const { mode = 'bilinear', alignCorners = false } = attrs;
  const x = alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
  const inside = (taps: Tap[]) => taps.filter(({ at }) => at >= 0 && at < size);
  if (mode === 'bicubic') {
    const low = Math.floor(x);
    return inside(
      [-1, 0, 1, 2].map((i) => ({ at: padded(low + i, size, attrs), weight: cubic(x - low - i) })),
    );
  }
  const place = padded(x, size, attrs);
  if (mode === 'nearest') return inside([{ at: nearest(place), weight: 1 }]);
  const low = Math.floor(place);
  return inside([
    { at: low, weight: 1 - (place - low) },
    { at: low + 1, weight: place - low },
  ]);
}

function gridSample(x: NdArray, grid: NdArray, attrs: Attrs): NdArray {
  const [batch, channels, ...spatial] = x.shape;
  const out = grid.shape.slice(1, -1);
  const dims = spatial.length;
  const stride = strides(x.shape);
  const y = makeArray([batch, channels, ...out]);
  const positions = count(out);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < positions; p++) {
      const at = (n * positions + p) * dims;
      // The grid names the last dimension first.
      const taps = spatial.map((size, d) => tapsOf(grid.data[at + dims - 1 - d], size, attrs));
      for (let c = 0; c < channels; c++) {
        const sum = (d: number, offset: number): number =>
          d === dims
            ? x.data[offset]
            : taps[d].reduce(
                (total, tap) => total + tap.weight * sum(d + 1, offset + tap.at * stride[d + 2]),
                0,
              );
        y.data[(n * channels + c) * positions + p] = sum(0, n * stride[0] + c * stride[1]);
      }
    }
  }
  return y;
}

function affineGrid(theta: NdArray, size: number[], alignCorners: boolean): NdArray {
  const [batch, , ...spatial] = size;
  const dims = spatial.length;
  const coordinate = (i: number, n: number) =>
    alignCorners ? (n > 1 ? (2 * i) / (n - 1) - 1 : 0) : (2 * i + 1) / n - 1;
  return build([batch, ...spatial, dims], (index) => {
    const [n, ...rest] = index;
    const k = rest.pop()!;
    const position = [...rest.map((i, d) => coordinate(i, spatial[d])).reverse(), 1];
    return position.reduce((sum, value, i) => sum + theta.data[(n * dims + k) * (dims + 1) + i] * value, 0);
  });
}

/** Positions inside and outside of the image, away from the middles of pixels, where bilinear values have kinks. */
export const positions = (shape: number[]): InputSpec => ({
  shape,
  fill: 'uniform',
  range: [-1.7137, 1.6891],
});

const MODES = ['bilinear', 'nearest', 'bicubic'] as const;
const PADDINGS = ['zeros', 'border', 'reflection'] as const;

const gridSampleCases: OpCase[] = [
  { inputs: { x: [2, 3, 4, 5], grid: positions([2, 3, 2, 2]) } },
  ...MODES.flatMap((mode) =>
    PADDINGS.flatMap((paddingMode) =>
      [false, true].map((alignCorners) => ({
        attrs: { mode, paddingMode, alignCorners },
        inputs: { x: [2, 2, 4, 3], grid: positions([2, 5, 3, 2]) },
      })),
    ),
  ),
  ...(['bilinear', 'nearest'] as const).flatMap((mode) =>
    PADDINGS.map((paddingMode, i) => ({
      attrs: { mode, paddingMode, alignCorners: i === 1 },
      inputs: { x: [1, 2, 3, 4, 2], grid: positions([1, 2, 3, 3, 3]) },
    })),
  ),
  {
    name: 'one pixel',
    attrs: { paddingMode: 'reflection', alignCorners: true },
    inputs: { x: [1, 1, 1, 1], grid: positions([1, 2, 2, 2]) },
  },
  {
    name: 'one pixel, cubic',
    attrs: { mode: 'bicubic', paddingMode: 'reflection', alignCorners: true },
    inputs: { x: [1, 1, 1, 1], grid: positions([1, 2, 2, 2]) },
  },
  {
    name: 'far outside, and at the corners, where there are kinks',
    attrs: { paddingMode: 'border' },
    inputs: {
      x: [1, 1, 3, 3],
      grid: { shape: [1, 4, 1, 2], values: [1e6, -1e6, 0, 30, -1, 1, 1, 1] },
    },
    gradient: false,
  },
  { name: 'more positions', inputs: { x: [1, 4, 16, 16], grid: positions([1, 20, 20, 2]) } },
];

/** The references of these ops by canonical name. */
export const references: Record<string, Reference> = {
  gridSample: {
    forward: ({ x, grid }, attrs) => ({ y: gridSample(x, grid, attrs) }),
    cases: gridSampleCases,
  },
  affineGrid: {
    forward: ({ theta }, { size, alignCorners = false }) => ({ y: affineGrid(theta, size, alignCorners) }),
    cases: [
      { attrs: { size: [2, 3, 4, 5] }, inputs: { theta: [2, 2, 3] } },
      { attrs: { size: [2, 3, 4, 5], alignCorners: true }, inputs: { theta: [2, 2, 3] } },
      { attrs: { size: [1, 1, 2, 3, 4] }, inputs: { theta: [1, 3, 4] } },
      { attrs: { size: [3, 1, 1, 3, 2], alignCorners: true }, inputs: { theta: [3, 3, 4] } },
      { attrs: { size: [1, 1, 1, 1] }, inputs: { theta: [1, 2, 3] } },
    ],
  },
};

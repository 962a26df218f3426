/** Float64 references of maxUnpool1d to 3d, and of fractionalMaxPool2d and 3d. Semantics: those of torch.nn.functional. */
import { size as count, makeArray } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

const listOf = (value: number | number[], rank: number): number[] =>
  Array.isArray(value) && value.length === rank ? value : new Array<number>(rank).fill([value].flat()[0]);

function maxUnpool(x: NdArray, indices: NdArray, attrs: any, rank: number): NdArray {
  const { kernelSize, stride = kernelSize, padding = 0, outputSize } = attrs;
  const [kernel, steps, pads] = [kernelSize, stride, padding].map((value) => listOf(value, rank));
  const [batch, spatial] = [x.shape.slice(0, -rank), x.shape.slice(-rank)];
  const out: number[] =
    outputSize?.slice(-rank) ?? spatial.map((n, d) => (n - 1) * steps[d] - 2 * pads[d] + kernel[d]);
  const y = makeArray([...batch, ...out]);
  x.data.forEach((value, i) => {
    y.data[Math.floor(i / count(spatial)) * count(out) + indices.data[i]] = value;
  });
  return y;
}

/** First positions of the windows along a dimension. */
function windowStarts(sample: number, size: number, out: number, kernel: number): number[] {
  const alpha = (size - kernel) / (out - 1);
  return Array.from({ length: out }, (_, i) =>
    i === out - 1 ? size - kernel : Math.trunc((i + sample) * alpha) - Math.trunc(sample * alpha),
  );
}

function fractionalMaxPool(x: NdArray, samples: NdArray, attrs: any, rank: number): Record<string, NdArray> {
  const [batch, spatial] = [x.shape.slice(0, -rank), x.shape.slice(-rank)];
  const kernel = listOf(attrs.kernelSize, rank);
  const out = attrs.outputSize
    ? listOf(attrs.outputSize, rank)
    : listOf(attrs.outputRatio, rank).map((ratio, d) => Math.floor(spatial[d] * ratio));
  const y = makeArray([...batch, ...out]);
  const indices = makeArray(y.shape);
  const volume = count(spatial);
  for (let i = 0; i < y.data.length; i++) {
    const plane = Math.floor(i / count(out));
    // Places of the window: the last dimension changes first; images draw their width first.
    let rest = i % count(out);
    const starts = new Array<number>(rank);
    for (let d = rank - 1; d >= 0; d--) {
      const sample = samples.data[plane * rank + (rank === 2 ? 1 - d : d)];
      starts[d] = windowStarts(sample, spatial[d], out[d], kernel[d])[rest % out[d]];
      rest = Math.floor(rest / out[d]);
    }
    let best = Number.NEGATIVE_INFINITY;
    for (let tap = 0; tap < count(kernel); tap++) {
      let [left, at, stride] = [tap, 0, 1];
      for (let d = rank - 1; d >= 0; d--) {
        at += (starts[d] + (left % kernel[d])) * stride;
        left = Math.floor(left / kernel[d]);
        stride *= spatial[d];
      }
      const value = x.data[plane * volume + at];
      if (value > best || Number.isNaN(value)) [best, indices.data[i]] = [value, at];
    }
    y.data[i] = best;
  }
  return attrs.returnIndices ? { y, indices } : { y };
}

/** Different positions for all values of a plane: a walk with a step that has no divisor in common with the size. */
export function positionsIn(shape: number[], rank: number, size: number): InputSpec {
  const inner = count(shape.slice(-rank));
  const step = [7, 5, 3, 1].find((n) => size % n !== 0 || n === 1)!;
  const values = Array.from({ length: count(shape) }, (_, i) => {
    const plane = Math.floor(i / inner);
    return ((i % inner) * step + plane) % size;
  });
  return { shape, dtype: 'i32', values };
}

const unpoolCase = (shape: number[], rank: number, size: number, attrs: Record<string, unknown>): OpCase => ({
  attrs,
  inputs: { x: shape, indices: positionsIn(shape, rank, size) },
});

/** Values of which no two are near each other, and where the windows lie. */
function fractionalCase(shape: number[], rank: number, attrs: Record<string, unknown>): OpCase {
  return {
    attrs,
    inputs: {
      x: { shape, fill: 'distinct', range: [-3.1, 4.7] },
      randomSamples: {
        shape: [shape.length > rank + 1 ? shape[0] : 1, shape[shape.length - rank - 1], rank],
        fill: 'uniform',
        range: [0.0137, 0.9871],
        differentiable: false,
      },
    },
  };
}

/** The references of these ops by canonical name. */
export const references: Record<string, Reference> = {
  maxUnpool1d: {
    forward: ({ x, indices }, attrs) => ({ y: maxUnpool(x, indices, attrs, 1) }),
    cases: [
      unpoolCase([2, 3, 4], 1, 8, { kernelSize: 2 }),
      unpoolCase([3, 4], 1, 8, { kernelSize: 2 }),
      unpoolCase([1, 2, 4], 1, 9, { kernelSize: 3, stride: 2, outputSize: [10] }),
    ],
  },
  maxUnpool2d: {
    forward: ({ x, indices }, attrs) => ({ y: maxUnpool(x, indices, attrs, 2) }),
    cases: [
      unpoolCase([2, 3, 2, 3], 2, 24, { kernelSize: 2 }),
      unpoolCase([2, 3, 2], 2, 36, { kernelSize: [3, 2] }),
      unpoolCase([1, 2, 3, 4], 2, 35, { kernelSize: 3, stride: 2, padding: 1 }),
      unpoolCase([1, 2, 3, 4], 2, 48, { kernelSize: 3, stride: 2, padding: 1, outputSize: [1, 2, 6, 8] }),
      unpoolCase([1, 1, 1, 1], 2, 1, { kernelSize: 1 }),
    ],
  },
  maxUnpool3d: {
    forward: ({ x, indices }, attrs) => ({ y: maxUnpool(x, indices, attrs, 3) }),
    cases: [
      unpoolCase([1, 2, 2, 2, 3], 3, 96, { kernelSize: 2 }),
      unpoolCase([1, 1, 2, 2, 2], 3, 60, { kernelSize: [2, 3, 3], stride: [2, 2, 2], outputSize: [4, 5, 6] }),
    ],
  },
  fractionalMaxPool2d: {
    forward: ({ x, randomSamples }, attrs) => fractionalMaxPool(x, randomSamples, attrs, 2),
    cases: [
      fractionalCase([2, 3, 9, 7], 2, { kernelSize: 2, outputSize: [5, 4] }),
      fractionalCase([3, 8, 10], 2, { kernelSize: [3, 2], outputSize: [4, 6], returnIndices: true }),
      fractionalCase([1, 2, 12, 13], 2, { kernelSize: 3, outputRatio: [0.5, 0.7] }),
      fractionalCase([1, 2, 5, 5], 2, { kernelSize: 2, outputRatio: 0.6 }),
    ],
  },
  fractionalMaxPool3d: {
    forward: ({ x, randomSamples }, attrs) => fractionalMaxPool(x, randomSamples, attrs, 3),
    cases: [
      fractionalCase([2, 2, 6, 5, 7], 3, { kernelSize: 2, outputSize: [3, 2, 4] }),
      fractionalCase([1, 1, 4, 5, 6], 3, { kernelSize: [2, 3, 1], outputRatio: 0.5, returnIndices: true }),
    ],
  },
};

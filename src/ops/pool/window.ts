/** Shapes of pooling: which windows there are, for pooling by kernel and stride, adaptive and global pooling. */
import { GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import type { DispatchSize } from '../../graph/ir/op';
import { loopBoxes, shapeError } from '../common';
import { splitImages, type Triple, triple, volume } from '../spatial';

/** How x [planes, size] becomes y [planes, out]; adaptive windows need no more than that. */
export interface Pooling {
  /** Which variant of the kernels: windows by kernel and stride, or as many as the output has positions. */
  variant: 'strided' | 'adaptive';
  /** Batch times channels. */
  planes: number;
  size: Triple;
  out: Triple;
  kernel: Triple;
  stride: Triple;
  dilation: Triple;
  padding: Triple;
  /** Divisor of averages: 0 counts positions in the input, 1 also padding, else the divisor plus 1. */
  count: number;
  /** Shape of the op's input. */
  inputShape: Shape;
  /** Shape of the op's output. */
  shape: Shape;
}

/** The attributes of maxPool and avgPool. */
export interface WindowAttrs {
  kernelSize: number | number[];
  stride: number | number[] | null;
  padding: number | number[];
  dilation?: number | number[];
  ceilMode: boolean;
}

const ONES: Triple = [1, 1, 1];
const ZEROS: Triple = [0, 0, 0];

/** Pooling by kernel and stride over the last `rank` dimensions. */
export function planPool(op: string, rank: number, x: Tensor, attrs: WindowAttrs, count = 0): Pooling {
  const { batch, channels, spatial } = splitImages(op, x, rank);
  const size = volume(spatial);
  const kernel = triple(op, 'kernelSize', attrs.kernelSize, rank, 1);
  const stride = triple(op, 'stride', attrs.stride ?? attrs.kernelSize, rank, 1);
  const padding = triple(op, 'padding', attrs.padding, rank, 0);
  const dilation = triple(op, 'dilation', attrs.dilation ?? 1, rank, 1);
  const reach = kernel.map((k, i) => dilation[i] * (k - 1) + 1);
  if (padding.some((p, i) => p > Math.floor(reach[i] / 2))) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'padding',
      got: `[${padding.slice(3 - rank)}]`,
      expected: `at most half of the kernel, [${reach.slice(3 - rank).map((r) => Math.floor(r / 2))}]`,
    });
  }
  const out = size.map((n, i) => {
    const steps = (n + 2 * padding[i] - reach[i]) / stride[i];
    const last = attrs.ceilMode ? Math.ceil(steps) : Math.floor(steps);
    // A window that overhangs must start inside the input or the padding before it.
    return attrs.ceilMode && last * stride[i] >= n + padding[i] ? last : last + 1;
  }) as unknown as Triple;
  if (out.some((n) => n < 1))
    throw shapeError(op, 'x', x, `at least one window of [${reach.slice(3 - rank)}]`);
  return {
    ...{
      variant: 'strided',
      planes: sizeOf(batch) * channels,
      size,
      out,
      kernel,
      stride,
      dilation,
      padding,
      count,
    },
    inputShape: x.shape,
    shape: [...batch, channels, ...out.slice(3 - rank)],
  };
}

/** Pooling to `outputSize` over the last `rank` dimensions; null keeps a size. */
export function planAdaptive(
  op: string,
  rank: number,
  x: Tensor,
  outputSize: number | null | readonly (number | null)[],
): Pooling {
  const { batch, channels, spatial } = splitImages(op, x, rank);
  const list = Array.isArray(outputSize) ? outputSize : [outputSize];
  const given: (number | null)[] = list.length === 1 ? new Array(rank).fill(list[0]) : list;
  if (given.length !== rank) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'outputSize',
      got: `[${list.map(String)}]`,
      expected: `one size or ${rank} sizes`,
    });
  }
  if (spatial.some((n) => n === 0)) throw shapeError(op, 'x', x, 'spatial sizes from 1');
  const out = given.map((n, i) => n ?? spatial[i]);
  return {
    ...{ variant: 'adaptive', planes: sizeOf(batch) * channels, size: volume(spatial), out: volume(out) },
    // The most positions of a window.
    kernel: volume(spatial.map((n, i) => Math.min(n, Math.ceil(n / Math.max(1, out[i])) + 1))),
    ...{ stride: ONES, dilation: ONES, padding: ZEROS, count: 0 },
    inputShape: x.shape,
    shape: [...batch, channels, ...out],
  };
}

/** Threads for a volume: one per four columns of a row. */
export const stripGrid = (planes: number, [depth, rows, columns]: Triple): DispatchSize => ({
  threads: planes * depth * rows * Math.ceil(columns / 4),
});

/**
 * The uniform struct of shaders/lib/pool.wgsl, for each of the dispatches that go over `box`: the taps of a window, or the
 * windows over a strip.
 */
export function poolParams(pooling: Pooling, box: Triple) {
  const { size, planes, out, kernel, stride, dilation, padding, count } = pooling;
  const params = { size, planes, out, kernel, count, stride, dilation, padding };
  return loopBoxes(box).map((part) => ({ ...params, ...part }));
}

/** The most windows that lie over `strip` neighbouring positions, per dimension. */
export function windowsOver(
  { variant, size, out, kernel, stride, dilation }: Pooling,
  strip: Triple,
): Triple {
  return out.map((n, i) => {
    const reach = strip[i] - 1 + dilation[i] * (kernel[i] - 1);
    const most =
      variant === 'strided' ? Math.floor(reach / stride[i]) + 1 : Math.ceil((strip[i] * n) / size[i]) + 1;
    return Math.min(n, most);
  }) as unknown as Triple;
}

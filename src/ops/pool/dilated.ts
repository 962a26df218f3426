/** Averages over windows with gaps, as convolutions with kernels of ones. */
import type { Tensor } from '../../graph/ir/graph';
import { conv1d, conv2d, conv3d } from '../conv/conv';
import { mul } from '../elementwise';
import { pad } from '../layout/pad';
import { viewAs } from '../reduce/sum';
import { volumeSize } from '../spatial';
import type { Pooling } from './window';

/** How many positions of window q along a dimension count: those in the input, or also those in the padding. */
function extents({ size, out, kernel, stride, dilation, padding, count }: Pooling, d: number): number[] {
  const end = size[d] + (count === 1 ? padding[d] : 0);
  const start = count === 1 ? -padding[d] : 0;
  return Array.from({ length: out[d] }, (_, q) => {
    const positions = Array.from(
      { length: kernel[d] },
      (_, t) => q * stride[d] - padding[d] + t * dilation[d],
    );
    return positions.filter((position) => position >= start && position < end).length;
  });
}

/** The averages of `pooling`, whose windows have gaps. */
export function dilatedMeans(x: Tensor, pooling: Pooling, rank: 1 | 2 | 3): Tensor {
  const { planes, size, out, kernel, stride, dilation, padding, count } = pooling;
  const own = <T>(list: readonly T[]) => list.slice(3 - rank);
  // With ceilMode the last windows reach beyond the padding.
  const missing = size.map((n, d) =>
    Math.max(0, (out[d] - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1 - n - padding[d]),
  );
  const images = viewAs(x, [planes, 1, ...own(size)]);
  const around = own(padding.map((before, d) => [before, missing[d]])).reverse();
  const wide = pad(images, { pad: around.flat() });
  const ones = x.graph.constant(new Float32Array(volumeSize(kernel)).fill(1), [1, 1, ...own(kernel)]);
  const conv = [conv1d, conv2d, conv3d][rank - 1];
  const sums = conv(wide, ones, { stride: own(stride), dilation: own(dilation) });
  const extent = [0, 1, 2].map((d) => extents(pooling, d));
  const shares = Float32Array.from({ length: volumeSize(out) }, (_, i) => {
    const [d, h, w] = [Math.floor(i / (out[1] * out[2])), Math.floor(i / out[2]) % out[1], i % out[2]];
    return 1 / (count > 1 ? count - 1 : extent[0][d] * extent[1][h] * extent[2][w]);
  });
  return viewAs(mul(sums, x.graph.constant(shares, [1, 1, ...own(out)])), pooling.shape);
}

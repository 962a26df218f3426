/** fractionalMaxPool2d and 3d: maxima of windows whose places are drawn at random. */
import { formatShape, GradloomError } from '../../errors';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { add, cast, floor, mul, sub, where } from '../elementwise';
import { take } from '../indexing/take';
import { narrow } from '../layout/slice';
import { uniformLike } from '../random/uniform';
import { max } from '../reduce/extremum';
import { viewAs } from '../reduce/sum';
import { positive, splitImages, triple } from '../spatial';
import { returnIndices } from './kernels';

/**
 * First positions of the windows along a dimension, int32 [planes, out]: steps of about (size - kernel) / (out - 1), from a
 * random beginning; the last window ends with the image. Source: Graham, "Fractional Max-Pooling", 2014.
 */
function windowStarts(samples: Tensor, planes: number, size: number, out: number, kernel: number): Tensor {
  const { graph } = samples;
  const alpha = out > 1 ? (size - kernel) / (out - 1) : 0;
  const numbers = graph.constant(
    Float32Array.from({ length: out }, (_, i) => i),
    [1, out],
  );
  const isLast = graph.constant(
    Float32Array.from({ length: out }, (_, i) => Number(i === out - 1)),
    [1, out],
    'bool',
  );
  const u = viewAs(samples, [planes, 1]);
  const starts = sub(floor(mul(add(numbers, u), alpha)), floor(mul(u, alpha)));
  return cast(where(isLast, size - kernel, starts), { dtype: 'i32' });
}

/** Whole numbers from 0 with `n` in dimension `dim` of `rank`, times `factor`. */
function steps({ graph }: Tensor, n: number, dim: number, rank: number, factor: number): Tensor {
  const shape = Array.from({ length: rank }, (_, d) => (d === dim ? n : 1));
  return graph.constant(
    Int32Array.from({ length: n }, (_, i) => i * factor),
    shape,
  );
}

interface Windows {
  kernelSize: number | number[];
  outputSize: number | number[] | null;
  outputRatio: number | number[] | null;
}

function outputSizes(op: string, rank: number, spatial: readonly number[], kernel: number[], attrs: Windows) {
  const { outputSize, outputRatio } = attrs;
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got, expected });
  if ((outputSize === null) === (outputRatio === null)) {
    const got = outputSize === null ? 'missing' : 'given together with outputRatio';
    throw fail('outputSize', got, 'either outputSize or outputRatio');
  }
  const argument = outputSize === null ? 'outputRatio' : 'outputSize';
  const given = triple(op, argument, (outputSize ?? outputRatio)!, rank, 1).slice(3 - rank);
  const out = outputSize === null ? given.map((ratio, d) => Math.floor(spatial[d] * ratio)) : given;
  if (out.some((n, d) => n < 1 || n + kernel[d] - 1 > spatial[d])) {
    const most = spatial.map((n, d) => n - kernel[d] + 1);
    throw fail(argument, `[${given}]`, `from 1 to [${most}] windows of [${kernel}] in [${spatial}]`);
  }
  return out;
}

function defineFractionalMaxPool(rank: 2 | 3) {
  const op = `fractionalMaxPool${rank}d`;
  const ratio = z.number().positive();
  return defineComposite({
    name: op,
    module: { name: `FractionalMaxPool${rank}d`, positional: ['kernelSize'] },
    doc: `The largest value of each of \`outputSize\` windows per dim (or \`outputRatio\` of the size, between 0 and 1), which lie at pseudo-random distances of about size / outputSize. randomSamples [N, C, ${rank}] in [0, 1) say where (${rank === 2 ? 'width, height' : 'depth, height, width'}); without them they are drawn anew in every step, from its seed. With \`returnIndices\` a further output, indices, tells the position of each in the plane.`,
    source: `https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool${rank}d.html`,
    inputs: ['x', 'randomSamples?'],
    outputs: ['y'],
    attrs: z.strictObject({
      kernelSize: positive,
      outputSize: positive.nullable().default(null),
      outputRatio: z
        .union([ratio, z.array(ratio)])
        .nullable()
        .default(null),
      returnIndices,
    }),
    compose({ x, randomSamples }, { returnIndices, ...attrs }) {
      const { batch, channels, spatial } = splitImages(op, x, rank);
      const kernel = triple(op, 'kernelSize', attrs.kernelSize, rank, 1).slice(3 - rank);
      const out = outputSizes(op, rank, spatial, kernel, attrs);
      const planes = sizeOf(batch) * channels;
      const expected = [batch[0] ?? 1, channels, rank];
      if (randomSamples && randomSamples.shape.join() !== expected.join()) {
        throw shapeError(op, 'randomSamples', randomSamples, formatShape(expected));
      }
      const samples = viewAs(randomSamples ?? uniformLike(x, expected), [planes, rank]);
      // Positions [planes, ...out, ...kernel] in the plane, a sum over the dimensions.
      const dims = 1 + 2 * rank;
      let position: Tensor | undefined;
      for (let d = 0; d < rank; d++) {
        const stride = sizeOf(spatial.slice(d + 1));
        // PyTorch draws images' width first.
        const own = narrow(samples, { dim: 1, start: rank === 2 ? 1 - d : d, length: 1 });
        const starts = windowStarts(own, planes, spatial[d], out[d], kernel[d]);
        const shape = Array.from({ length: dims }, (_, i) => (i === 0 ? planes : i === d + 1 ? out[d] : 1));
        const along = add(
          mul(viewAs(starts, shape), stride),
          steps(x, kernel[d], 1 + rank + d, dims, stride),
        );
        position = position ? add(position, along) : along;
      }
      const [windows, taps] = [sizeOf(out), sizeOf(kernel)];
      const index = viewAs(position!, [planes, windows * taps]);
      const plane = viewAs(x, [planes, sizeOf(spatial)]);
      const values = take({ x: plane, index }, { dim: 1, shared: false, shape: index.shape }).y;
      const largest = max(viewAs(values, [planes * windows, taps]), { dim: 1 });
      const shape = [...batch, channels, ...out];
      const y = viewAs(largest.values, shape);
      if (!returnIndices) return y;
      const found = take(
        { x: viewAs(index, [planes * windows, taps]), index: viewAs(largest.indices, [planes * windows, 1]) },
        { dim: 1, shared: false, shape: [planes * windows, 1] },
      ).y;
      // The declared output is y alone, which is what callers get who do not ask for more.
      return { y, indices: viewAs(found, shape) } as unknown as Tensor;
    },
  });
}

/** Max pooling of [N, C, H, W] or [C, H, W] over windows at random distances. */
export const fractionalMaxPool2d = defineFractionalMaxPool(2);
/** Max pooling of [N, C, D, H, W] or [C, D, H, W] over windows at random distances. */
export const fractionalMaxPool3d = defineFractionalMaxPool(3);

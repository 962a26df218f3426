/** Adaptive pooling to a given output size, and global pooling to one value per channel. */
import { z } from 'zod';
import { defineComposite } from '../../graph/op';
import { sizeOf, type Tensor } from '../../graph/tensor';
import { shapeError } from '../common';
import { maxWindows, meanWindows } from './kernels';
import { type Pooling, planAdaptive } from './window';

const sizeOrKeep = z.int().min(0).nullable();
const attrs = z.strictObject({ outputSize: z.union([sizeOrKeep, z.array(sizeOrKeep).min(1)]) });

/** What happens in a window. */
type Combine = (x: Tensor, pooling: Pooling) => Tensor;
const largest: Combine = (x, pooling) => maxWindows({ x }, pooling).y;
const average: Combine = (x, pooling) => meanWindows({ x }, pooling).y;

function defineAdaptive(kind: 'Avg' | 'Max', rank: 1 | 2 | 3, combine: Combine) {
  const op = `adaptive${kind}Pool${rank}d`;
  return defineComposite({
    name: op,
    doc:
      `${kind === 'Avg' ? 'Averages' : 'Maxima'} over as many windows as the output has positions: window q of n covers ` +
      '[floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_${kind.toLowerCase()}_pool${rank}d.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs,
    compose: ({ x }, { outputSize }) => combine(x, planAdaptive(op, rank, x, outputSize)),
  });
}

/** Averages of [N, C, L] in `outputSize` windows. */
export const adaptiveAvgPool1d = defineAdaptive('Avg', 1, average);
/** Averages of [N, C, H, W] in `outputSize` windows. */
export const adaptiveAvgPool2d = defineAdaptive('Avg', 2, average);
/** Averages of [N, C, D, H, W] in `outputSize` windows. */
export const adaptiveAvgPool3d = defineAdaptive('Avg', 3, average);
/** Maxima of [N, C, L] in `outputSize` windows. */
export const adaptiveMaxPool1d = defineAdaptive('Max', 1, largest);
/** Maxima of [N, C, H, W] in `outputSize` windows. */
export const adaptiveMaxPool2d = defineAdaptive('Max', 2, largest);
/** Maxima of [N, C, D, H, W] in `outputSize` windows. */
export const adaptiveMaxPool3d = defineAdaptive('Max', 3, largest);

/** Most positions that one thread pools; larger images are pooled row by row first, which gives more threads work. */
const LARGE = 1024;

function defineGlobal(kind: 'Avg' | 'Max', combine: Combine) {
  const op = `global${kind}Pool`;
  return defineComposite({
    name: op,
    doc: `The ${kind === 'Avg' ? 'average' : 'maximum'} over all spatial dimensions: [N, C, ...] to [N, C, 1, ...].`,
    source: `https://onnx.ai/onnx/operators/onnx__Global${kind === 'Avg' ? 'Average' : 'Max'}Pool.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({}),
    compose({ x }) {
      const rank = x.rank - 2;
      if (rank < 1 || rank > 3)
        throw shapeError(op, 'x', x, '[N, C, ...] with one to three spatial dimensions');
      let y = x;
      for (let last = rank - 1; last > 0 && sizeOf(y.shape.slice(2)) > LARGE; last--) {
        y = combine(
          y,
          planAdaptive(op, rank, y, [...y.shape.slice(2, 2 + last), ...new Array(rank - last).fill(1)]),
        );
      }
      return combine(y, planAdaptive(op, rank, y, 1));
    },
  });
}

/** The average of each channel of [N, C, ...], with spatial sizes of 1. */
export const globalAvgPool = defineGlobal('Avg', average);
/** The maximum of each channel of [N, C, ...], with spatial sizes of 1. */
export const globalMaxPool = defineGlobal('Max', largest);

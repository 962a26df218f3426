/** Adaptive pooling to a given output size, and global pooling to one value per channel. */
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { adaptiveField } from '../rules';
import { largestOf, maxWindows, meanWindows, returnIndices } from './kernels';
import { type Pooling, planAdaptive } from './window';

const sizeOrKeep = z.int().min(0).nullable();
const attrs = z.strictObject({ outputSize: z.union([sizeOrKeep, z.array(sizeOrKeep).min(1)]) });

/** What happens in a window. */
type Combine = (x: Tensor, pooling: Pooling) => Tensor;
const largest: Combine = (x, pooling) => maxWindows({ x }, pooling).y;
const average: Combine = (x, pooling) => meanWindows({ x }, pooling).y;

const adaptiveDoc = (what: string) =>
  `${what} over as many windows as the output has positions: window q of n covers ` +
  '[floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.';
const adaptiveSource = (kind: string, rank: number) =>
  `https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_${kind}_pool${rank}d.html`;

function defineAdaptiveAvg(rank: 1 | 2 | 3) {
  const op = `adaptiveAvgPool${rank}d`;
  return defineComposite({
    name: op,
    module: { name: `AdaptiveAvgPool${rank}d`, positional: ['outputSize'] },
    receptiveField: adaptiveField,
    doc: adaptiveDoc('Averages'),
    source: adaptiveSource('avg', rank),
    inputs: ['x'],
    outputs: ['y'],
    attrs,
    compose: ({ x }, { outputSize }) => meanWindows({ x }, planAdaptive(op, rank, x, outputSize)).y,
  });
}

function defineAdaptiveMax(rank: 1 | 2 | 3) {
  const op = `adaptiveMaxPool${rank}d`;
  return defineComposite({
    name: op,
    module: { name: `AdaptiveMaxPool${rank}d`, positional: ['outputSize'] },
    receptiveField: adaptiveField,
    doc: adaptiveDoc('Maxima'),
    source: adaptiveSource('max', rank),
    inputs: ['x'],
    outputs: ['y'],
    attrs: attrs.extend({ returnIndices }),
    compose: ({ x }, { outputSize, returnIndices }) =>
      largestOf(x, planAdaptive(op, rank, x, outputSize), returnIndices),
  });
}

/** Averages of [N, C, L] in `outputSize` windows. */
export const adaptiveAvgPool1d = defineAdaptiveAvg(1);
/** Averages of [N, C, H, W] in `outputSize` windows. */
export const adaptiveAvgPool2d = defineAdaptiveAvg(2);
/** Averages of [N, C, D, H, W] in `outputSize` windows. */
export const adaptiveAvgPool3d = defineAdaptiveAvg(3);
/** Maxima of [N, C, L] in `outputSize` windows. */
export const adaptiveMaxPool1d = defineAdaptiveMax(1);
/** Maxima of [N, C, H, W] in `outputSize` windows. */
export const adaptiveMaxPool2d = defineAdaptiveMax(2);
/** Maxima of [N, C, D, H, W] in `outputSize` windows. */
export const adaptiveMaxPool3d = defineAdaptiveMax(3);

/** Most positions that one thread pools; larger images are pooled row by row first, which gives more threads work. */
const LARGE = 1024;

function defineGlobal(kind: 'Avg' | 'Max', combine: Combine) {
  const op = `global${kind}Pool`;
  return defineComposite({
    name: op,
    module: `Global${kind}Pool`,
    receptiveField: adaptiveField,
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

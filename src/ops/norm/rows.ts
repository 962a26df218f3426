/** layerNorm, rmsNorm and groupNorm: normalizations of consecutive elements, and the internal op behind them. */
import rowsBackward from '../../../shaders/norm/rows.backward.wgsl';
import rowsForward from '../../../shaders/norm/rows.forward.wgsl';
import { GradloomError } from '../../errors';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { rowNormCandidates } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, inFloat32, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { perItem, shapeError } from '../common';
import { multAddsPerSample } from '../rules';
import { inputGradient, normalized, type Statistics } from './decomposition';
import { checkParameter, type ParameterView, parameterGradients } from './parameters';

/** How a tensor is seen as rows, and how they are normalized. */
export interface RowAttrs extends ParameterView {
  /** x as `rows` runs of `size` elements. */
  rows: number;
  size: number;
  eps: number;
  /** Divide by the root mean square instead of subtracting the mean and dividing by the standard deviation. */
  rms?: boolean;
}

function kernelOf(attrs: RowAttrs, weight: Tensor | undefined, { device }: Lowering) {
  const { rows, size, inner, parameters, rms = false } = attrs;
  const own = inner === 1 && parameters === size;
  const candidates = rowNormCandidates(size, own && size % 4 === 0, device);
  const variant = device.variants.select('rowNorm', candidates);
  return {
    variant,
    params: { rows, size: variant === 'vector' ? size / 4 : size, parameter_step: inner, parameters },
    grid: perItem(rows, variant),
    constants: { RMS: Number(rms), HAS_WEIGHT: Number(weight !== undefined), OWN_PARAMETERS: Number(own) },
  };
}

const rowStatistics = ({ rows, size, eps, rms }: RowAttrs): Statistics => ({
  shape: [rows, size],
  dims: [1],
  eps,
  rms,
});

/** Normalizes rows; `stats` holds (shift, mean - shift, 1 / deviation, variance) per row. */
export const rowNorm = defineInternal({
  name: 'rowNorm',
  inputs: ['x', 'weight?', 'bias?'],
  outputs: ['y', 'stats'],
  shape: ({ x }, { rows }: RowAttrs) => ({ y: x, stats: inFloat32([rows, 4]) }),
  lower({ x, weight, bias, y, stats }, attrs: RowAttrs, k) {
    const { variant, params, grid, constants } = kernelOf(attrs, weight, k);
    k.dispatch(
      rowsForward[variant],
      { x, weight: weight ?? k.emptyBuffer, bias: bias ?? k.emptyBuffer },
      { y, stats },
      { ...params, eps: attrs.eps },
      grid,
      { constants: { ...constants, HAS_BIAS: Number(bias !== undefined) } },
    );
  },
  backward({ x, weight, bias, stats, dy }, attrs) {
    if (!dy) return {};
    const { dx } = rowNormBackward({ x, weight, stats, dy }, attrs);
    const parameter = weight ?? bias;
    if (!parameter) return { x: dx };
    const view = {
      ...attrs,
      statsStep: attrs.size,
      statsCount: attrs.rows,
      shape: parameter.shape,
      statistics: rowStatistics(attrs),
    };
    const { dweight, dbias } = parameterGradients({ x, stats, dy }, view);
    return { x: dx, weight: dweight, bias: dbias };
  },
});

const rowNormBackward = defineInternal({
  name: 'rowNormBackward',
  inputs: ['x', 'weight?', 'stats', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ x }) => ({ dx: x }),
  lower({ x, weight, stats, dy, dx }, attrs: RowAttrs, k) {
    const { variant, params, grid, constants } = kernelOf(attrs, weight, k);
    k.dispatch(
      rowsBackward[variant],
      { x, weight: weight ?? k.emptyBuffer, stats, dy },
      { dx },
      { ...params, accumulate: k.accumulate('dx') },
      grid,
      { constants },
    );
  },
  backward: throughDecomposition(
    ({ x, weight, dy }: { x: Tensor; weight?: Tensor; dy: Tensor }, attrs: RowAttrs) => ({
      dx: inputGradient(x, weight, dy, attrs, (v) => normalized(v, rowStatistics(attrs), attrs)),
    }),
  ),
});

const normalizedShape = z.union([z.int().positive(), z.array(z.int().positive()).min(1)]);

/** The view of x whose rows are its last dims; they must be `normalizedShape`. */
function lastDims(op: string, x: Tensor, normalized: number | readonly number[]) {
  const shape: Shape = typeof normalized === 'number' ? [normalized] : normalized;
  if (x.rank < shape.length || x.shape.slice(x.rank - shape.length).join() !== shape.join()) {
    throw shapeError(op, 'x', x, `last dims [${shape.join(', ')}], the normalizedShape`);
  }
  const size = sizeOf(shape);
  const rows = x.size / size;
  return { shape, view: { rows, size, outer: rows, parameters: size, inner: 1 } };
}

/** Normalization over the last dims. */
export const layerNorm = defineComposite({
  name: 'layerNorm',
  multAdds: multAddsPerSample,
  doc:
    'Normalizes over the last dims, `normalizedShape`: y = (x - mean) / sqrt(variance + eps) * weight + bias, with the ' +
    'biased variance.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html',
  inputs: ['x', 'weight?', 'bias?'],
  outputs: ['y'],
  attrs: z.strictObject({ normalizedShape, eps: z.number().min(0).default(1e-5) }),
  compose({ x, weight, bias }, { normalizedShape, eps }) {
    const { shape, view } = lastDims('layerNorm', x, normalizedShape);
    checkParameter('layerNorm', 'weight', weight, shape);
    checkParameter('layerNorm', 'bias', bias, shape);
    return rowNorm({ x, weight, bias }, { ...view, eps }).y;
  },
});

/** Division by the root mean square over the last dims. */
export const rmsNorm = defineComposite({
  name: 'rmsNorm',
  multAdds: multAddsPerSample,
  doc: 'Normalizes over the last dims, `normalizedShape`: y = x / sqrt(mean of x^2 + eps) * weight.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html',
  inputs: ['x', 'weight?'],
  outputs: ['y'],
  attrs: z.strictObject({ normalizedShape, eps: z.number().min(0).nullable().default(null) }),
  compose({ x, weight }, { normalizedShape, eps }) {
    const { shape, view } = lastDims('rmsNorm', x, normalizedShape);
    checkParameter('rmsNorm', 'weight', weight, shape);
    // PyTorch's default is the machine epsilon of the type.
    return rowNorm({ x, weight, bias: undefined }, { ...view, eps: eps ?? 2 ** -23, rms: true }).y;
  },
});

/** Normalization of groups of channels of each sample. */
export const groupNorm = defineComposite({
  name: 'groupNorm',
  multAdds: multAddsPerSample,
  doc:
    'Normalizes each sample of x [N, C, ...] over `numGroups` groups of neighbouring channels: ' +
    'y = (x - mean) / sqrt(variance + eps) * weight[c] + bias[c].',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html',
  inputs: ['x', 'weight?', 'bias?'],
  outputs: ['y'],
  attrs: z.strictObject({ numGroups: z.int().positive(), eps: z.number().min(0).default(1e-5) }),
  compose({ x, weight, bias }, { numGroups, eps }) {
    const view = channelView('groupNorm', x);
    if (view.parameters % numGroups !== 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'groupNorm',
        argument: 'numGroups',
        got: String(numGroups),
        expected: `a divisor of the ${view.parameters} channels`,
      });
    }
    checkParameter('groupNorm', 'weight', weight, [view.parameters]);
    checkParameter('groupNorm', 'bias', bias, [view.parameters]);
    const size = (view.parameters / numGroups) * view.inner;
    return rowNorm({ x, weight, bias }, { ...view, rows: view.outer * numGroups, size, eps }).y;
  },
});

/** x [N, C, ...] with its channels in the middle. */
export function channelView(op: string, x: Tensor): ParameterView {
  if (x.rank < 2 || x.shape[1] === 0) throw shapeError(op, 'x', x, '[N, C, ...] with at least one channel');
  return { outer: x.shape[0], parameters: x.shape[1], inner: sizeOf(x.shape.slice(2)) };
}

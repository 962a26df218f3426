/** interpolate: images resized to the nearest value, or linearly or cubically between neighbours. */
import backwardKernel from '../../../shaders/pool/interpolate.backward.wgsl';
import forwardKernel from '../../../shaders/pool/interpolate.forward.wgsl';
import { GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { loopBoxes, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { resizeField } from '../rules';
import { meanWindows } from './kernels';
import { antialiasedTaps, cubicTaps, resizedByTaps } from './taps';
import { planAdaptive } from './window';

const perDimension = <T>(value: z.Schema<T>) =>
  z
    .union([value, z.array(value).min(1)])
    .nullable()
    .default(null);

const attrs = z.strictObject({
  size: perDimension(z.int().min(1)),
  scaleFactor: perDimension(z.number().positive()),
  mode: z
    .enum(['nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic', 'area'])
    .default('nearest'),
  alignCorners: z.boolean().nullable().default(null),
  recomputeScaleFactor: z.boolean().nullable().default(null),
  antialias: z.boolean().default(false),
});
type Attrs = z.output<typeof attrs>;

const isLinear = (mode: Attrs['mode']): boolean => mode.endsWith('linear');
const isSmooth = (mode: Attrs['mode']): boolean => isLinear(mode) || mode === 'bicubic';

/** The spatial sizes of the result. */
function outputSizes(shape: Shape, { size, scaleFactor, mode, alignCorners, antialias }: Attrs): number[] {
  const spatial = shape.slice(2);
  const ranks = { linear: [1], bilinear: [2], bicubic: [2], trilinear: [3] }[mode as string] ?? [1, 2, 3];
  if (!ranks.includes(spatial.length)) {
    const expected = ranks
      .map((rank) => ['[N, C, L]', '[N, C, H, W]', '[N, C, D, H, W]'][rank - 1])
      .join(' or ');
    throw shapeError('interpolate', 'x', shape, `${expected} for mode '${mode}'`);
  }
  if (sizeOf(spatial) === 0) throw shapeError('interpolate', 'x', shape, 'spatial sizes from 1');
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: 'interpolate', argument, got, expected });
  if ((size === null) === (scaleFactor === null)) {
    throw fail('size', size ? 'given together with scaleFactor' : 'missing', 'either size or scaleFactor');
  }
  if (alignCorners && !isSmooth(mode))
    throw fail('alignCorners', 'true', `mode 'linear', 'bilinear', 'bicubic' or 'trilinear'`);
  if (antialias && mode !== 'bilinear' && mode !== 'bicubic')
    throw fail('antialias', `true with mode '${mode}'`, `mode 'bilinear' or 'bicubic'`);
  const given = (size ?? scaleFactor) as number | number[];
  const values = typeof given === 'number' ? spatial.map(() => given) : given;
  if (values.length !== spatial.length) {
    throw fail(size ? 'size' : 'scaleFactor', `[${values}]`, `one number or ${spatial.length}`);
  }
  const out = size ? values : values.map((factor, i) => Math.floor(spatial[i] * factor));
  if (out.some((n) => n < 1))
    throw fail('scaleFactor', `[${values}]`, `at least one position of [${spatial}]`);
  return out;
}

/** The distance between the inputs of neighbouring outputs, per spatial dimension. */
function scales(
  shape: Shape,
  out: readonly number[],
  { scaleFactor, alignCorners, recomputeScaleFactor }: Attrs,
): number[] {
  return shape.slice(2).map((size, i) => {
    if (alignCorners) return out[i] > 1 ? (size - 1) / (out[i] - 1) : 0;
    // A given factor is used as it is, though the size was rounded down, unless it is to be recomputed.
    const factor = Array.isArray(scaleFactor) ? scaleFactor[i] : scaleFactor;
    return factor === null || recomputeScaleFactor ? size / out[i] : 1 / factor;
  });
}

/** How one dimension is resized: its sizes, and the distance between the inputs of neighbouring outputs. */
interface Axis {
  size: number;
  out: number;
  scale: number;
}

/** The resizing of the last two dimensions of [planes, rows, columns]. */
interface Resizing {
  variant: 'linear' | 'nearest';
  /** linear: alignCorners; nearest: positions are the middles of pixels. */
  aligned: boolean;
  planes: number;
  rows: Axis;
  columns: Axis;
}

/** The most outputs that may read one input: `readers` in shaders/lib/resample.wgsl. */
const mostReaders = ({ size, out, scale }: Axis): number =>
  size === 1 || scale === 0 ? out : Math.min(out, Math.ceil(3 / scale) + 8);

/** The uniform struct of the kernels. */
const paramsOf = ({ planes, rows, columns, aligned }: Resizing) => ({
  ...{ planes, rows_in: rows.size, rows_out: rows.out, rows_scale: rows.scale },
  ...{ columns_in: columns.size, columns_out: columns.out, columns_scale: columns.scale, aligned },
});

const resizeBackward = defineInternal({
  name: 'interpolateBackward',
  inputs: ['dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: (_, { shape }: Resizing & { shape: Shape }) => ({ dx: shape }),
  lower({ dy, dx }: { dy: Tensor; dx: Tensor }, resizing, k) {
    const { rows, columns } = resizing;
    loopBoxes([rows, columns].map(mostReaders)).forEach((part, i) => {
      const params = { ...paramsOf(resizing), ...part, accumulate: i > 0 ? 1 : k.accumulate('dx') };
      k.dispatch(backwardKernel[resizing.variant], { dy }, { dx }, params, { threads: dx.size });
    });
  },
  backward: ({ ddx }, { shape: _, ...resizing }) => ({ dy: resized({ x: ddx }, resizing).y }),
});

/** The values at, or between, the positions that each output lies at. */
const resized: (inputs: { x: Tensor }, resizing: Resizing) => { y: Tensor } = defineInternal({
  name: 'resize',
  inputs: ['x'],
  outputs: ['y'],
  shape: (_, { planes, rows, columns }: Resizing) => ({ y: [planes, rows.out, columns.out] }),
  lower: ({ x, y }, resizing, k) =>
    k.dispatch(forwardKernel[resizing.variant], { x }, { y }, paramsOf(resizing), { threads: y.size }),
  backward: ({ x, dy }, resizing) => ({ x: resizeBackward({ dy }, { ...resizing, shape: x.shape }).dx }),
});

/** A dimension that keeps its size. */
const kept = (size: number): Axis => ({ size, out: size, scale: 1 });

/** Cubic and antialiased resizing, one dimension after the other. */
function interpolatedByTaps(x: Tensor, axes: readonly Axis[], { mode, alignCorners, antialias }: Attrs) {
  return axes.reduceRight((y, { size, out, scale }, i) => {
    const tables = antialias
      ? antialiasedTaps(size, out, scale, mode === 'bicubic' ? 'cubic' : 'linear')
      : cubicTaps(size, out, scale, alignCorners === true);
    return resizedByTaps({ x: y }, { ...tables, dim: i + 2 }).y;
  }, x);
}

/** x [N, C, ...spatial] resized: rows and columns at once, then the depth of volumes, for which a slice is a row. */
function interpolated(x: Tensor, attributes: Attrs): Tensor {
  const out = outputSizes(x.shape, attributes);
  const factors = scales(x.shape, out, attributes);
  const axes = x.shape.slice(2).map((size, i): Axis => ({ size, out: out[i], scale: factors[i] }));
  if (attributes.mode === 'bicubic' || attributes.antialias) return interpolatedByTaps(x, axes, attributes);
  const [rows, columns] = [axes.at(-2) ?? kept(1), axes.at(-1)!];
  const variant = isLinear(attributes.mode) ? 'linear' : 'nearest';
  const exact = attributes.mode === 'nearest-exact';
  const depth: Axis | undefined = axes.length === 3 ? axes[0] : undefined;
  const images = x.shape[0] * x.shape[1];
  const planes = images * (depth?.size ?? 1);
  const aligned = attributes.alignCorners === true || exact;
  let y = resized(
    { x: viewAs(x, [planes, rows.size, columns.size]) },
    { variant, aligned, planes, rows, columns },
  ).y;
  if (depth) {
    const slice = kept(rows.out * columns.out);
    const slices = viewAs(y, [images, depth.size, slice.size]);
    y = resized({ x: slices }, { variant, aligned, planes: images, rows: depth, columns: slice }).y;
  }
  return viewAs(y, [x.shape[0], x.shape[1], ...out]);
}

/** Images in another size. */
export const interpolate = defineComposite({
  name: 'interpolate',
  receptiveField: resizeField,
  module: { name: 'Upsample', positional: ['size', 'scaleFactor', 'mode', 'alignCorners'] },
  aliases: ['upsample'],
  doc:
    'x [N, C, L], [N, C, H, W] or [N, C, D, H, W] resized to size, or by scaleFactor: to the nearest value (nearest-exact: ' +
    'nearest to the middle of the pixel), or linearly between the two (linear), four (bilinear) or eight (trilinear) values ' +
    'around (q + 0.5) * scale - 0.5, with alignCorners around q * (in - 1) / (out - 1); bicubic by cubic convolution of 16 ' +
    'values (A = -0.75); area is adaptiveAvgPool. With antialias bilinear and bicubic (A = -0.5) filter what they shrink.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs,
  compose({ x }, given) {
    if (given.mode !== 'area') return interpolated(x, given);
    return meanWindows({ x }, planAdaptive('interpolate', x.rank - 2, x, outputSizes(x.shape, given))).y;
  },
});

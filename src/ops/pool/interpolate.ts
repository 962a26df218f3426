/** interpolate: images resized to the nearest value, or linearly between neighbours. */
import { z } from 'zod';
import backwardKernel from '../../../shaders/pool/interpolate.backward.wgsl';
import forwardKernel from '../../../shaders/pool/interpolate.forward.wgsl';
import { GradloomError } from '../../errors';
import { defineComposite, defineInternal } from '../../graph/op';
import { type Shape, sizeOf, type Tensor } from '../../graph/tensor';
import { grid, shapeError } from '../common';
import { meanWindows } from './kernels';
import { planAdaptive } from './window';

const perDimension = <T extends z.ZodType>(value: T) =>
  z
    .union([value, z.array(value).min(1)])
    .nullable()
    .default(null);

const attrs = z.strictObject({
  size: perDimension(z.int().min(1)),
  scaleFactor: perDimension(z.number().positive()),
  mode: z.enum(['nearest', 'nearest-exact', 'linear', 'bilinear', 'area']).default('nearest'),
  alignCorners: z.boolean().nullable().default(null),
  recomputeScaleFactor: z.boolean().nullable().default(null),
  antialias: z.literal(false).default(false),
});
type Attrs = z.output<typeof attrs>;

const isLinear = (mode: Attrs['mode']): boolean => mode === 'linear' || mode === 'bilinear';

/** The spatial sizes of the result. */
function outputSizes(shape: Shape, { size, scaleFactor, mode, alignCorners }: Attrs): number[] {
  const spatial = shape.slice(2);
  const ranks = { nearest: [1, 2], 'nearest-exact': [1, 2], linear: [1], bilinear: [2], area: [1, 2, 3] }[
    mode
  ];
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
  if (alignCorners && !isLinear(mode)) throw fail('alignCorners', 'true', `mode 'linear' or 'bilinear'`);
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

/** Kernel variant and uniforms; one spatial dimension is seen as two of which the first is 1 long. */
function planOf(shape: Shape, given: Attrs) {
  const out = outputSizes(shape, given);
  const factors = scales(shape, out, given);
  const two = (values: readonly number[], fill: number) => (values.length === 1 ? [fill, values[0]] : values);
  const [rows_in, columns_in] = two(shape.slice(2), 1);
  const [rows_out, columns_out] = two(out, 1);
  const [rows_scale, columns_scale] = two(factors, 1);
  const variant: 'linear' | 'nearest' = isLinear(given.mode) ? 'linear' : 'nearest';
  const aligned = given.alignCorners === true || given.mode === 'nearest-exact';
  const sizes = { rows_in, rows_out, rows_scale, columns_in, columns_out, columns_scale };
  return { variant, params: { planes: shape[0] * shape[1], ...sizes, aligned } };
}

const interpolateBackward = defineInternal({
  name: 'interpolateBackward',
  inputs: ['dy'],
  outputs: ['dx'],
  accumulates: ['dx'],
  shape: (_, { shape }: { shape: Shape; attrs: Attrs }) => ({ dx: shape }),
  lower({ dy, dx }: { dy: Tensor; dx: Tensor }, { shape, attrs: given }, k) {
    const { variant, params } = planOf(shape, given);
    const accumulate = k.accumulate('dx');
    k.run(backwardKernel[variant], { dy }, { dx }, { ...params, accumulate }, grid(dx.size, 64));
  },
});

/** The values at, or between, the positions that each output lies at. */
const resized = defineInternal({
  name: 'resize',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, given: Attrs) => ({ y: [...x.shape.slice(0, 2), ...outputSizes(x.shape, given)] }),
  lower({ x, y }, given, k) {
    const { variant, params } = planOf(x.shape, given);
    k.run(forwardKernel[variant], { x }, { y }, params, grid(y.size, 64));
  },
  backward: ({ x, dy }, given) => ({ x: interpolateBackward({ dy }, { shape: x.shape, attrs: given }).dx }),
});

/** Images in another size. */
export const interpolate = defineComposite({
  name: 'interpolate',
  aliases: ['upsample'],
  doc:
    'x [N, C, L] or [N, C, H, W] resized to size, or by scaleFactor: to the nearest value (nearest-exact: nearest to the ' +
    'middle of the pixel), or linearly between the two (linear) or four (bilinear) values around (q + 0.5) * scale - 0.5, ' +
    'with alignCorners around q * (in - 1) / (out - 1); area is adaptiveAvgPool, also of [N, C, D, H, W].',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs,
  compose({ x }, given) {
    if (given.mode !== 'area') return resized({ x }, given).y;
    return meanWindows({ x }, planAdaptive('interpolate', x.rank - 2, x, outputSizes(x.shape, given))).y;
  },
});

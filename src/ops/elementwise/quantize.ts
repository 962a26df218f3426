/** quantize, dequantize and fakeQuantize: numbers on a grid of whole ones, per tensor or per channel. */
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { add, div, ge, le, logicalAnd, mul, sub } from './binary';
import { cast } from './cast';
import { clamp } from './clamp';
import { round } from './unary';
import { where } from './where';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

const axis = z.int().nullable().default(null);

const range = {
  axis,
  quantMin: z.int().default(-128),
  quantMax: z.int().default(127),
};

function checkRange(op: string, { quantMin, quantMax }: { quantMin: number; quantMax: number }): void {
  if (quantMin <= quantMax) return;
  throw new GradloomError({
    ...{ code: 'argument', op, argument: 'quantMin', got: String(quantMin) },
    expected: `at most quantMax ${quantMax}`,
  });
}

/** Scale or zero point so that it broadcasts to x: one number, or with an axis one for each of its positions. */
function perChannel(op: string, argument: string, value: Tensor, x: Tensor, axis: number | null): Tensor {
  if (axis === null) {
    if (value.size !== 1) {
      throw shapeError(
        op,
        argument,
        value,
        'one number',
        'Give axis, the dimension of the channels, for one each',
      );
    }
    return viewAs(value, []);
  }
  const at = normalizeDim(op, axis, x.rank, 'axis');
  if (value.rank !== 1 || value.shape[0] !== (x.shape[at] ?? 1)) {
    throw shapeError(
      op,
      argument,
      value,
      `${formatShape([x.shape[at] ?? 1])}, one number per position of axis ${axis}`,
    );
  }
  return viewAs(
    value,
    x.shape.map((n, d) => (d === at ? n : 1)),
  );
}

/** Whole numbers as floats, before they are limited: round(x / scale) + zeroPoint, half to even. */
const onGrid = (x: Tensor, scale: Tensor, zeroPoint: Tensor): Tensor =>
  add(round(mul(x, div(1, scale))), zeroPoint);

/** Floats as whole numbers of few bits. */
export const quantize = defineComposite({
  name: 'quantize',
  aliases: ['quantizePerTensor', 'quantizePerChannel'],
  doc: 'y = round(x / scale) + zeroPoint, half to even, limited to quantMin and quantMax (int8 unless given), as int32. scale and zeroPoint are numbers, or vectors with one for each position of `axis`. The least int32 for NaN.',
  source: source('quantize_per_tensor'),
  inputs: ['x', 'scale', 'zeroPoint'],
  dtypes: { zeroPoint: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject(range),
  compose({ x, scale, zeroPoint }, { axis, quantMin, quantMax }) {
    checkRange('quantize', { quantMin, quantMax });
    const steps = perChannel('quantize', 'scale', scale, x, axis);
    const shift = cast(perChannel('quantize', 'zeroPoint', zeroPoint, x, axis), { dtype: 'float32' });
    const whole = clamp(onGrid(x, steps, shift), { min: quantMin, max: quantMax });
    const isNumber = le(whole, quantMax);
    return where(isNumber, cast(where(isNumber, whole, 0), { dtype: 'i32' }), -(2 ** 31));
  },
  backward: notDifferentiable('its result is whole numbers; fakeQuantize has a gradient'),
});

/** Quantized numbers as floats. */
export const dequantize = defineComposite({
  name: 'dequantize',
  doc: 'y = (x - zeroPoint) * scale for whole numbers x. scale and zeroPoint are numbers, or vectors with one for each position of `axis`.',
  source: source('dequantize'),
  inputs: ['x', 'scale', 'zeroPoint'],
  dtypes: { x: 'i32', zeroPoint: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ axis }),
  compose({ x, scale, zeroPoint }, { axis }) {
    const steps = perChannel('dequantize', 'scale', scale, x, axis);
    const shift = perChannel('dequantize', 'zeroPoint', zeroPoint, x, axis);
    return cast(mul(cast(sub(x, shift), { dtype: 'float32' }), steps), { dtype: scale.dtype });
  },
});

/** `value`, with the gradient of x where the mask is set: a straight-through estimator. */
const straightThrough = defineInternal({
  name: 'straightThrough',
  inputs: ['value', 'x', 'mask'],
  outputs: ['y'],
  shape: ({ value }) => ({ y: { shape: value.shape, dtype: value.dtype, viewOf: value } }),
  backward: ({ mask, dy }) => ({ x: where(mask, dy, 0) }),
});

/** Fake quantization with the straight-through gradient. */
export const fakeQuantize = defineComposite({
  name: 'fakeQuantize',
  aliases: ['fakeQuantizePerTensorAffine', 'fakeQuantizePerChannelAffine'],
  doc: 'y = (q - zeroPoint) * scale with q = round(x / scale) + zeroPoint, half to even, limited to quantMin and quantMax: x after quantize and dequantize. The gradient goes straight through to x where q is within the limits (straight-through estimator); scale and zeroPoint get none. NaN stays.',
  source: source('fake_quantize_per_tensor_affine'),
  inputs: ['x', 'scale', 'zeroPoint'],
  dtypes: { zeroPoint: 'any' },
  outputs: ['y'],
  attrs: z.strictObject(range),
  compose({ x, scale, zeroPoint }, { axis, quantMin, quantMax }, graph) {
    checkRange('fakeQuantize', { quantMin, quantMax });
    const steps = perChannel('fakeQuantize', 'scale', scale, x, axis);
    const shift = cast(perChannel('fakeQuantize', 'zeroPoint', zeroPoint, x, axis), { dtype: 'float32' });
    const grid = onGrid(x, steps, shift);
    const mask = logicalAnd(ge(grid, quantMin), le(grid, quantMax));
    const value = mul(sub(clamp(grid, { min: quantMin, max: quantMax }), shift), steps);
    return straightThrough({ value: graph.detach(cast(value, { dtype: x.dtype })), x, mask }, {}).y;
  },
});

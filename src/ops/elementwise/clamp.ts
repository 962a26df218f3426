/** Limits to a range, of numbers and of tensors. */
import backward from '../../../shaders/elementwise/unary.backward.wgsl';
import forward from '../../../shaders/elementwise/unary.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { ge, le, logicalAnd } from './binary';
import { definePointwise } from './pointwise';
import { isnan, logicalNot } from './unary';
import { where } from './where';

const bound = z.number().nullable().default(null);
const bounds = z.strictObject({ min: bound, max: bound });
const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** min(max(x, min), max) with numbers. */
export const clampBetween = definePointwise({
  name: 'clamp',
  kernels: [forward.clamp, backward.clamp],
  doc: 'y = min(max(x, min), max).',
  source: source('clamp'),
  attrs: bounds,
  params: ({ min, max }) => ({
    low: min ?? Number.NEGATIVE_INFINITY,
    high: max ?? Number.POSITIVE_INFINITY,
  }),
  gradient: 'x',
  slope(x, dy, { min, max }) {
    const above = ge(x, min ?? Number.NEGATIVE_INFINITY);
    return where(logicalAnd(above, le(x, max ?? Number.POSITIVE_INFINITY)), dy, 0);
  },
});

type Limit = Tensor | number | null | undefined;

/** x where it is within a limit, else the limit: also where that is NaN, but not where x is. */
function limited(x: Tensor, limit: Limit, isWithin: (x: Tensor, limit: Tensor | number) => Tensor): Tensor {
  if (limit === undefined || limit === null) return x;
  const beyond = logicalNot(isWithin(x, limit));
  const taken = x.dtype === 'i32' ? beyond : logicalAnd(beyond, logicalNot(isnan(x)));
  return where(taken, limit, x);
}

/** The limit that is given as a tensor or as an attribute. */
function limitOf(op: string, name: string, tensor: Tensor | undefined, number: number | null): Limit {
  if (!tensor) return number;
  if (number !== null) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: name,
      got: 'given as a tensor and as an attribute',
      expected: 'one of them',
    });
  }
  const { leaf } = tensor.storage;
  return leaf?.kind === 'constant' && tensor.size === 1 && tensor.rank === 0 ? leaf.data[0] : tensor;
}

function clamped(x: Tensor, min: Limit, max: Limit): Tensor {
  const areNumbers = typeof (min ?? 0) === 'number' && typeof (max ?? 0) === 'number';
  if (areNumbers && x.dtype !== 'i32') {
    return clampBetween(x, { min: (min ?? null) as number | null, max: (max ?? null) as number | null });
  }
  return limited(limited(x, min, ge), max, le);
}

const anyType = { x: 'any', min: 'any', max: 'any' } as const;

/** x limited to a range. */
export const clamp = defineComposite({
  name: 'clamp',
  aliases: ['clip'],
  doc:
    'y = min(max(x, min), max); null leaves a side open. The limits are attributes or tensors that broadcast. The ' +
    'gradient goes to x within the range and at its ends, to the limit beyond.',
  source: source('clamp'),
  inputs: ['x', 'min?', 'max?'],
  dtypes: anyType,
  outputs: ['y'],
  attrs: bounds,
  compose: ({ x, min, max }, attrs) =>
    clamped(x, limitOf('clamp', 'min', min, attrs.min), limitOf('clamp', 'max', max, attrs.max)),
});

/** x, at least a limit. */
export const clampMin = defineComposite({
  name: 'clampMin',
  doc: 'y = max(x, min), as clamp.',
  source: source('clamp'),
  inputs: ['x', 'min?'],
  dtypes: { x: 'any', min: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ min: bound }),
  compose: ({ x, min }, attrs) => clamped(x, limitOf('clampMin', 'min', min, attrs.min), null),
});

/** x, at most a limit. */
export const clampMax = defineComposite({
  name: 'clampMax',
  doc: 'y = min(x, max), as clamp.',
  source: source('clamp'),
  inputs: ['x', 'max?'],
  dtypes: { x: 'any', max: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ max: bound }),
  compose: ({ x, max }, attrs) => clamped(x, null, limitOf('clampMax', 'max', max, attrs.max)),
});

/** The elementwise functions of two tensors with broadcasting: arithmetic, and comparisons and logic (0 or 1). */
import binaryBackwardKernel from '../../../shaders/elementwise/binary.backward.wgsl';
import binaryForward from '../../../shaders/elementwise/binary.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Epilogue, Tensor } from '../../graph/ir/graph';
import {
  defineInternal,
  defineOp,
  type Lowering,
  notDifferentiable,
  type OutputSpec,
} from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import * as z from '../../schema';
import { broadcastShapes, elementThreads, noAttrs } from '../common';
import { sumTo } from '../reduce/sum';
import { areIntegers, asFloats, integerVariant, runInteger } from './integer';
import { scale } from './scale';
import { stridedParams } from './strided';
import { where } from './where';

/** The page of torch about a function. */
const torch = (torchName: string) => `https://pytorch.org/docs/stable/generated/torch.${torchName}.html`;

type LocalVariant = keyof typeof binaryBackwardKernel;

/** The gradient of one operand at the full shape of y. Variants that do not need `x` are called without it. */
const binaryBackward: (
  inputs: { x: Tensor | undefined; other: Tensor; dy: Tensor },
  attrs: { variant: LocalVariant },
) => { dv: Tensor } = defineInternal({
  name: 'binaryBackward',
  inputs: ['x?', 'other', 'dy'],
  outputs: ['dv'],
  shape: ({ dy }) => ({ dv: dy.shape }),
  fusion: { accumulates: ['dv'] },
  lower({ x, other, dy, dv }, { variant }: { variant: LocalVariant }, k) {
    const strided = stridedParams('binaryBackward', dv.shape, (x ?? other).shape, other.shape);
    const params = { n: dv.size, accumulate: k.accumulate('dv'), ...strided };
    const kernel: Kernel<string, 'dv'> = binaryBackwardKernel[variant];
    const second = asFloats(k, other);
    k.dispatch(
      kernel,
      x ? { x: asFloats(k, x), other: second, dy } : { other: second, dy },
      { dv },
      params,
      elementThreads(dv.size, k.device),
    );
  },
  backward: (tensors, { variant }, needs) => secondDerivative(variant, tensors, needs),
});

type Gradient2 = Record<'x' | 'other' | 'dy', Tensor> & { ddv: Tensor };

/** dv of each variant written with ops; its derivatives are the second ones. */
const DECOMPOSED: { [V in LocalVariant]?: (tensors: Gradient2) => Tensor } = {
  mul: ({ other, dy }) => mul(dy, other),
  divX: ({ other, dy }) => div(dy, other),
  divOther: ({ x, other, dy }) => scale(div(mul(dy, div(x, other)), other), -1),
  powX({ x, other, dy }) {
    const power = mul(other, pow(x, sub(other, 1)));
    return where(eq(other, 0), 0, mul(dy, power));
  },
  minimum: ({ x, other, dy }) => shared(x, other, dy, gt(x, other)),
  maximum: ({ x, other, dy }) => shared(x, other, dy, lt(x, other)),
  atan2X: ({ x, other, dy }) => div(mul(dy, other), add(mul(x, x), mul(other, other))),
  atan2Other: ({ x, other, dy }) => scale(div(mul(dy, x), add(mul(x, x), mul(other, other))), -1),
};

/** dy, half of it where the operands are equal, 0 where the other one was taken. */
function shared(x: Tensor, other: Tensor, dy: Tensor, lost: Tensor): Tensor {
  return where(eq(x, other), scale(dy, 0.5), where(lost, 0, dy));
}

/** Gradients of the gradient of one operand. */
function secondDerivative(variant: LocalVariant, tensors: object, needs: Record<string, boolean>) {
  const { x, other, dy, ddv } = tensors as Gradient2;
  const write = DECOMPOSED[variant];
  if (write)
    return throughDecomposition((t: Gradient2) => ({ dv: write(t) }))(tensors as Gradient2, {}, needs);
  if (variant !== 'powOther') {
    // fmod and remainder: a whole number times dy, which does not change with x and other.
    return { dy: local(variant, { x, other, dy: ddv }) };
  }
  // dv = dy x^n ln(x), with ln(x) itself as x^0 ln(x).
  const seed = mul(ddv, dy);
  const less = sub(other, 1);
  const byX = () => add(mul(seed, pow(x, less)), local('powOther', { x, other: less, dy: mul(seed, other) }));
  const byOther = () => {
    const log = local('powOther', { x, other: dy.graph.scalar(0), dy: seed });
    return local('powOther', { x, other, dy: log });
  };
  return {
    x: needs.x ? sumTo(byX(), x.shape) : undefined,
    other: needs.other ? sumTo(byOther(), other.shape) : undefined,
    dy: needs.dy ? local('powOther', { x, other, dy: ddv }) : undefined,
  };
}

interface Operands {
  x: Tensor;
  other: Tensor;
  dy: Tensor;
}

/** A gradient that a shader computes from both operands, or from one (given as `other`). */
const local = (variant: LocalVariant, inputs: { x?: Tensor; other: Tensor; dy: Tensor }) =>
  binaryBackward(inputs as Operands, { variant }).dv;

const anyType = { x: 'any', other: 'any' } as const;

/** Shape and type of the result: int32 where the op keeps whole numbers. */
function resultOf(name: string, x: Tensor, other: Tensor, keepsIntegers = true): OutputSpec {
  const shape = broadcastShapes(name, x.shape, other.shape);
  return keepsIntegers && areIntegers(x, other) ? { shape, dtype: 'i32' } : shape;
}

function runForward(name: string, kernel: Kernel<'x' | 'other', 'y'>, alpha?: number) {
  return (tensors: { x: Tensor; other: Tensor; y: Tensor }, k: Lowering) => {
    const { y } = tensors;
    const integers = integerVariant(name);
    // A mask needs no conversion to be compared with a number.
    const comparesMask = y.dtype === 'bool' && [tensors.x, tensors.other].some((v) => v.dtype === 'bool');
    if (integers && y.dtype !== 'f32' && !comparesMask && areIntegers(tensors.x, tensors.other)) {
      runInteger(k, integers, tensors, alpha);
      return;
    }
    const [x, other] = [asFloats(k, tensors.x), asFloats(k, tensors.other)];
    const params = { n: y.size, ...stridedParams(name, y.shape, x.shape, other.shape) };
    k.dispatch(
      kernel,
      { x, other },
      { y },
      alpha === undefined ? params : { ...params, alpha },
      elementThreads(y.size, k.device),
    );
  };
}

interface Arithmetic {
  name: string;
  doc: string;
  inputAliases?: Record<string, 'x' | 'other'>;
  kernel: Kernel<'x' | 'other', 'y'>;
  /** Gradients at the shape of dy; they are summed to the operands' shapes. */
  gradients: { [N in 'x' | 'other']: (operands: Operands) => Tensor };
}

function arithmetic({ name, doc, inputAliases, kernel, gradients }: Arithmetic) {
  return defineOp({
    name,
    doc,
    source: torch(name),
    inputs: ['x', 'other'],
    inputAliases,
    dtypes: anyType,
    outputs: ['y'],
    attrs: noAttrs,
    shape: ({ x, other }) => ({ y: resultOf(name, x, other, integerVariant(name) !== undefined) }),
    lower: (tensors, _, k) => runForward(name, kernel)(tensors, k),
    backward: (tensors, _, needs) => ({
      x: needs.x ? sumTo(gradients.x(tensors), tensors.x.shape) : undefined,
      other: needs.other ? sumTo(gradients.other(tensors), tensors.other.shape) : undefined,
    }),
  });
}

/** A sum without broadcasting, as the epilogue of the kernel that computes either operand. */
function addEpilogue({ x, other }: { x: Tensor; other: Tensor }, through: string): Epilogue | undefined {
  if (x.size !== other.size || x.dtype === 'i32' || other.dtype === 'i32') return undefined;
  return { kind: 'add', activation: 0, aux: through === 'x' ? other : x };
}

/** x + factor * other, the factor being alpha or -alpha. */
function sum(name: string, doc: string, sign: 1 | -1) {
  return defineOp({
    name,
    doc,
    source: torch(name),
    inputs: ['x', 'other'],
    outputs: ['y'],
    attrs: z.strictObject({ alpha: z.number().default(1) }),
    fusion: {
      asEpilogue: (tensors, { alpha }, through) =>
        sign * alpha === 1 ? addEpilogue(tensors, through) : undefined,
    },
    dtypes: anyType,
    shape: ({ x, other }, { alpha }) => ({ y: resultOf(name, x, other, Number.isInteger(alpha)) }),
    lower: (tensors, { alpha }, k) => runForward('add', binaryForward.add, sign * alpha)(tensors, k),
    backward: ({ x, other, dy }, { alpha }, needs) => ({
      x: needs.x ? sumTo(dy, x.shape) : undefined,
      other: needs.other ? scale(sumTo(dy, other.shape), sign * alpha) : undefined,
    }),
  });
}

/** x + alpha * other. */
export const add = sum('add', 'y = x + alpha * other.', 1);

/** x - alpha * other. */
export const sub = sum('sub', 'y = x - alpha * other.', -1);

/** x * other. */
export const mul = arithmetic({
  name: 'mul',
  doc: 'y = x * other.',
  kernel: binaryForward.mul,
  gradients: {
    x: ({ other, dy }) => local('mul', { other, dy }),
    other: ({ x, dy }) => local('mul', { other: x, dy }),
  },
});

/** x / other, rounded down or towards 0 where asked for. */
export const div = defineOp({
  name: 'div',
  doc: "y = x / other; with `roundingMode` 'floor' rounded down, with 'trunc' towards 0, both without a gradient.",
  source: torch('div'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: z.strictObject({ roundingMode: z.enum(['floor', 'trunc']).nullable().default(null) }),
  dtypes: anyType,
  shape: ({ x, other }, { roundingMode }) => ({ y: resultOf('div', x, other, roundingMode !== null) }),
  lower(tensors, { roundingMode }, k) {
    const variant = roundingMode ? ({ floor: 'divFloor', trunc: 'divTrunc' } as const)[roundingMode] : 'div';
    runForward(variant, binaryForward[variant])(tensors, k);
  },
  backward({ x, other, dy }, { roundingMode }, needs) {
    if (roundingMode) return {};
    return {
      x: needs.x ? sumTo(local('divX', { other, dy }), x.shape) : undefined,
      other: needs.other ? sumTo(local('divOther', { x, other, dy }), other.shape) : undefined,
    };
  },
});

/** x to the power of other. */
export const pow = arithmetic({
  name: 'pow',
  doc: 'y = x ^ other. A negative x needs a whole exponent, else y is NaN.',
  inputAliases: { exponent: 'other' },
  kernel: binaryForward.pow,
  gradients: {
    x: ({ x, other, dy }) => local('powX', { x, other, dy }),
    other: ({ x, other, dy }) => local('powOther', { x, other, dy }),
  },
});

/** The smaller one; a tie shares the gradient. */
export const minimum = arithmetic({
  name: 'minimum',
  doc: 'y = min(x, other); NaN where either is. Equal operands share the gradient.',
  kernel: binaryForward.minimum,
  gradients: {
    x: ({ x, other, dy }) => local('minimum', { x, other, dy }),
    other: ({ x, other, dy }) => local('minimum', { x: other, other: x, dy }),
  },
});

/** The larger one; a tie shares the gradient. */
export const maximum = arithmetic({
  name: 'maximum',
  doc: 'y = max(x, other); NaN where either is. Equal operands share the gradient.',
  kernel: binaryForward.maximum,
  gradients: {
    x: ({ x, other, dy }) => local('maximum', { x, other, dy }),
    other: ({ x, other, dy }) => local('maximum', { x: other, other: x, dy }),
  },
});

/** The angle of the point (other, x). */
export const atan2 = arithmetic({
  name: 'atan2',
  doc: 'y = the angle in (-pi, pi] of the point with abscissa other and ordinate x.',
  kernel: binaryForward.atan2,
  gradients: {
    x: ({ x, other, dy }) => local('atan2X', { x, other, dy }),
    other: ({ x, other, dy }) => local('atan2Other', { x, other, dy }),
  },
});

/** The remainder with the sign of x. */
export const fmod = arithmetic({
  name: 'fmod',
  doc: 'y = x - other * trunc(x / other).',
  kernel: binaryForward.fmod,
  gradients: {
    x: ({ dy }) => dy,
    other: ({ x, other, dy }) => local('fmodOther', { x, other, dy }),
  },
});

/** The remainder with the sign of other. */
export const remainder = arithmetic({
  name: 'remainder',
  doc: 'y = x - other * floor(x / other).',
  kernel: binaryForward.remainder,
  gradients: {
    x: ({ dy }) => dy,
    other: ({ x, other, dy }) => local('remainderOther', { x, other, dy }),
  },
});

function predicate(name: string, torchName: string, doc: string, kernel: Kernel<'x' | 'other', 'y'>) {
  return defineOp({
    name,
    doc,
    source: torch(torchName),
    inputs: ['x', 'other'],
    dtypes: anyType,
    outputs: ['y'],
    attrs: noAttrs,
    shape: ({ x, other }) => ({
      y: { shape: broadcastShapes(name, x.shape, other.shape), dtype: 'bool' as const },
    }),
    lower: (tensors, _, k) => runForward(name, kernel)(tensors, k),
    backward: notDifferentiable('it is piecewise constant'),
  });
}

/** x equals other. */
export const eq = predicate('eq', 'eq', 'y = x == other, as 0 or 1.', binaryForward.eq);
/** x differs from other; NaN differs from everything. */
export const ne = predicate('ne', 'ne', 'y = x != other, as 0 or 1.', binaryForward.ne);
/** x is less than other. */
export const lt = predicate('lt', 'lt', 'y = x < other, as 0 or 1.', binaryForward.lt);
/** x is at most other. */
export const le = predicate('le', 'le', 'y = x <= other, as 0 or 1.', binaryForward.le);
/** x is greater than other. */
export const gt = predicate('gt', 'gt', 'y = x > other, as 0 or 1.', binaryForward.gt);
/** x is at least other. */
export const ge = predicate('ge', 'ge', 'y = x >= other, as 0 or 1.', binaryForward.ge);
/** Both are not 0. */
export const logicalAnd = predicate(
  'logicalAnd',
  'logical_and',
  'y = x and other, as 0 or 1; all but 0 is true.',
  binaryForward.logicalAnd,
);
/** At least one is not 0. */
export const logicalOr = predicate(
  'logicalOr',
  'logical_or',
  'y = x or other, as 0 or 1; all but 0 is true.',
  binaryForward.logicalOr,
);
/** Exactly one is not 0. */
export const logicalXor = predicate(
  'logicalXor',
  'logical_xor',
  'y = x xor other, as 0 or 1; all but 0 is true.',
  binaryForward.logicalXor,
);

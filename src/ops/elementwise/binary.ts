/** The elementwise functions of two tensors with broadcasting: arithmetic, and comparisons and logic (0 or 1). */
import backward from '../../../shaders/elementwise/binary.backward.wgsl';
import forward from '../../../shaders/elementwise/binary.forward.wgsl';
import integerForward from '../../../shaders/elementwise/integer.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Epilogue, Tensor } from '../../graph/ir/graph';
import { defineOp, type Lowering, notDifferentiable, type OutputSpec } from '../../graph/ir/op';
import type { Kernel } from '../../kernels/kernel';
import * as z from '../../schema';
import { broadcastShapes, elementThreads, noAttrs } from '../common';
import { sumTo } from '../reduce/sum';
import { areIntegers, asFloats, type IntegerKernel, runInteger } from './integer';
import { localGradient, type Operands, written } from './local-gradient';
import { scale } from './scale';
import { stridedParams } from './strided';
import { where } from './where';

/** The page of torch about a function. */
const torch = (torchName: string) => `https://pytorch.org/docs/stable/generated/torch.${torchName}.html`;

/** dy, half of it where the operands are equal, 0 where the other one was taken. */
function shared({ x, other, dy }: Operands, lost: Tensor): Tensor {
  return where(eq(x, other), scale(dy, 0.5), where(lost, 0, dy));
}

const mulGradient = localGradient(
  backward.mul,
  written(({ other, dy }) => mul(dy, other)),
);
const divGradientX = localGradient(
  backward.divX,
  written(({ other, dy }) => div(dy, other)),
);
const divGradientOther = localGradient(
  backward.divOther,
  written(({ x, other, dy }) => scale(div(mul(dy, div(x, other)), other), -1)),
);
const powGradientX = localGradient(
  backward.powX,
  written(({ x, other, dy }) => {
    const power = mul(other, pow(x, sub(other, 1)));
    return where(eq(other, 0), 0, mul(dy, power));
  }),
);
const powGradientOther = localGradient(backward.powOther, ({ x, other, dy, ddv }, needs) => {
  // dv = dy x^n ln(x), with ln(x) itself as x^0 ln(x).
  const seed = mul(ddv, dy);
  const less = sub(other, 1);
  const byX = () => add(mul(seed, pow(x, less)), powGradientOther({ x, other: less, dy: mul(seed, other) }));
  const byOther = () => {
    const log = powGradientOther({ x, other: dy.graph.scalar(0), dy: seed });
    return powGradientOther({ x, other, dy: log });
  };
  return {
    x: needs.x ? sumTo(byX(), x.shape) : undefined,
    other: needs.other ? sumTo(byOther(), other.shape) : undefined,
    dy: needs.dy ? powGradientOther({ x, other, dy: ddv }) : undefined,
  };
});
const minimumGradient = localGradient(
  backward.minimum,
  written((operands) => shared(operands, gt(operands.x, operands.other))),
);
const maximumGradient = localGradient(
  backward.maximum,
  written((operands) => shared(operands, lt(operands.x, operands.other))),
);
const atan2GradientX = localGradient(
  backward.atan2X,
  written(({ x, other, dy }) => div(mul(dy, other), add(mul(x, x), mul(other, other)))),
);
const atan2GradientOther = localGradient(
  backward.atan2Other,
  written(({ x, other, dy }) => scale(div(mul(dy, x), add(mul(x, x), mul(other, other))), -1)),
);
const hypotGradient = localGradient(
  backward.hypot,
  written(({ x, other, dy }) => mul(dy, div(x, hypot(x, other)))),
);
// fmod and remainder: a whole number times dy, which does not change with x and other.
const fmodGradientOther = localGradient(backward.fmodOther, ({ x, other, ddv }) => ({
  dy: fmodGradientOther({ x, other, dy: ddv }),
}));
const remainderGradientOther = localGradient(backward.remainderOther, ({ x, other, ddv }) => ({
  dy: remainderGradientOther({ x, other, dy: ddv }),
}));

const anyType = { x: 'any', other: 'any' } as const;

const areMasks = (x: Tensor, other: Tensor): boolean => x.dtype === 'bool' && other.dtype === 'bool';

/** Shape and type of the result: int32 where the op keeps whole numbers, a mask of two masks where it keeps these. */
function resultOf(
  name: string,
  x: Tensor,
  other: Tensor,
  keepsIntegers = true,
  keepsMasks = false,
): OutputSpec {
  const shape = broadcastShapes(name, x.shape, other.shape);
  if (keepsMasks && areMasks(x, other)) return { shape, dtype: 'bool' };
  return keepsIntegers && areIntegers(x, other) ? { shape, dtype: 'i32' } : shape;
}

function runForward(
  name: string,
  kernel: Kernel<'x' | 'other', 'y'>,
  integers: IntegerKernel | undefined,
  alpha?: number,
) {
  return (tensors: { x: Tensor; other: Tensor; y: Tensor }, k: Lowering) => {
    const { y } = tensors;
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
  /** Of whole numbers; without it the result is float. */
  integers?: IntegerKernel;
  /** Of two masks, which give a mask; without it the result is float. */
  masks?: Kernel<'x' | 'other', 'y'>;
  /** Gradients at the shape of dy; they are summed to the operands' shapes. */
  gradients: { [N in 'x' | 'other']: (operands: Operands) => Tensor };
}

function arithmetic({ name, doc, inputAliases, kernel, integers, masks, gradients }: Arithmetic) {
  return defineOp({
    name,
    doc,
    source: torch(name),
    inputs: ['x', 'other'],
    inputAliases,
    dtypes: anyType,
    outputs: ['y'],
    attrs: noAttrs,
    shape: ({ x, other }) => ({
      y: resultOf(name, x, other, integers !== undefined, masks !== undefined),
    }),
    lower: (tensors, _, k) =>
      runForward(name, tensors.y.dtype === 'bool' && masks ? masks : kernel, integers)(tensors, k),
    backward: (tensors, _, needs) => ({
      x: needs.x ? sumTo(gradients.x(tensors), tensors.x.shape) : undefined,
      other: needs.other ? sumTo(gradients.other(tensors), tensors.other.shape) : undefined,
    }),
  });
}

/** A sum without broadcasting, as the epilogue of the kernel that computes either operand. */
function addEpilogue({ x, other }: { x: Tensor; other: Tensor }, through: string): Epilogue | undefined {
  if (x.size !== other.size || x.dtype === 'i32' || other.dtype === 'i32') return undefined;
  if (areMasks(x, other)) return undefined;
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
    shape({ x, other }, { alpha }) {
      if (sign < 0 && areMasks(x, other)) {
        throw new GradloomError({
          ...{ code: 'dtype', op: name, got: 'two masks', expected: 'numbers' },
          fix: 'Use logicalXor, or cast a mask with cast(x, { dtype: "i32" })',
        });
      }
      return { y: resultOf(name, x, other, Number.isInteger(alpha), alpha === 1) };
    },
    lower(tensors, { alpha }, k) {
      if (tensors.y.dtype === 'bool') runForward(name, forward.logicalOr, undefined)(tensors, k);
      else runForward('add', forward.add, integerForward.add, sign * alpha)(tensors, k);
    },
    backward: ({ x, other, dy }, { alpha }, needs) => ({
      x: needs.x ? sumTo(dy, x.shape) : undefined,
      other: needs.other ? scale(sumTo(dy, other.shape), sign * alpha) : undefined,
    }),
  });
}

/** x + alpha * other. */
export const add = sum('add', 'y = x + alpha * other; of two masks x or other.', 1);

/** x - alpha * other. */
export const sub = sum('sub', 'y = x - alpha * other.', -1);

/** x * other. */
export const mul = arithmetic({
  name: 'mul',
  doc: 'y = x * other.',
  kernel: forward.mul,
  integers: integerForward.mul,
  masks: forward.mul,
  gradients: {
    x: ({ other, dy }) => mulGradient({ other, dy }),
    other: ({ x, dy }) => mulGradient({ other: x, dy }),
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
    const run =
      roundingMode === null
        ? runForward('div', forward.div, undefined)
        : roundingMode === 'floor'
          ? runForward('div', forward.divFloor, integerForward.divFloor)
          : runForward('div', forward.divTrunc, integerForward.divTrunc);
    run(tensors, k);
  },
  backward({ x, other, dy }, { roundingMode }, needs) {
    if (roundingMode) return {};
    return {
      x: needs.x ? sumTo(divGradientX({ other, dy }), x.shape) : undefined,
      other: needs.other ? sumTo(divGradientOther({ x, other, dy }), other.shape) : undefined,
    };
  },
});

/** x to the power of other. */
export const pow = arithmetic({
  name: 'pow',
  doc: 'y = x ^ other. A negative x needs a whole exponent, else y is NaN.',
  inputAliases: { exponent: 'other' },
  kernel: forward.pow,
  integers: integerForward.pow,
  gradients: {
    x: ({ x, other, dy }) => powGradientX({ x, other, dy }),
    other: ({ x, other, dy }) => powGradientOther({ x, other, dy }),
  },
});

/** The smaller one; a tie shares the gradient. */
export const minimum = arithmetic({
  name: 'minimum',
  doc: 'y = min(x, other); NaN where either is. Equal operands share the gradient.',
  kernel: forward.minimum,
  masks: forward.minimum,
  integers: integerForward.minimum,
  gradients: {
    x: ({ x, other, dy }) => minimumGradient({ x, other, dy }),
    other: ({ x, other, dy }) => minimumGradient({ x: other, other: x, dy }),
  },
});

/** The larger one; a tie shares the gradient. */
export const maximum = arithmetic({
  name: 'maximum',
  doc: 'y = max(x, other); NaN where either is. Equal operands share the gradient.',
  kernel: forward.maximum,
  masks: forward.maximum,
  integers: integerForward.maximum,
  gradients: {
    x: ({ x, other, dy }) => maximumGradient({ x, other, dy }),
    other: ({ x, other, dy }) => maximumGradient({ x: other, other: x, dy }),
  },
});

/** The angle of the point (other, x). */
export const atan2 = arithmetic({
  name: 'atan2',
  doc: 'y = the angle in (-pi, pi] of the point with abscissa other and ordinate x.',
  kernel: forward.atan2,
  gradients: {
    x: ({ x, other, dy }) => atan2GradientX({ x, other, dy }),
    other: ({ x, other, dy }) => atan2GradientOther({ x, other, dy }),
  },
});

/** Length of the hypotenuse. */
export const hypot = arithmetic({
  name: 'hypot',
  doc: 'y = sqrt(x^2 + other^2), without overflow in between.',
  kernel: forward.hypot,
  gradients: {
    x: ({ x, other, dy }) => hypotGradient({ x, other, dy }),
    other: ({ x, other, dy }) => hypotGradient({ x: other, other: x, dy }),
  },
});

/** The remainder with the sign of x. */
export const fmod = arithmetic({
  name: 'fmod',
  doc: 'y = x - other * trunc(x / other).',
  kernel: forward.fmod,
  integers: integerForward.fmod,
  gradients: {
    x: ({ dy }) => dy,
    other: ({ x, other, dy }) => fmodGradientOther({ x, other, dy }),
  },
});

/** The remainder with the sign of other. */
export const remainder = arithmetic({
  name: 'remainder',
  doc: 'y = x - other * floor(x / other).',
  kernel: forward.remainder,
  integers: integerForward.remainder,
  gradients: {
    x: ({ dy }) => dy,
    other: ({ x, other, dy }) => remainderGradientOther({ x, other, dy }),
  },
});

function predicate(
  name: string,
  torchName: string,
  doc: string,
  kernel: Kernel<'x' | 'other', 'y'>,
  integers?: IntegerKernel,
) {
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
    lower: (tensors, _, k) => runForward(name, kernel, integers)(tensors, k),
    backward: notDifferentiable('it is piecewise constant'),
  });
}

/** x equals other. */
export const eq = predicate('eq', 'eq', 'y = x == other, as 0 or 1.', forward.eq, integerForward.eq);
/** x differs from other; NaN differs from everything. */
export const ne = predicate('ne', 'ne', 'y = x != other, as 0 or 1.', forward.ne, integerForward.ne);
/** x is less than other. */
export const lt = predicate('lt', 'lt', 'y = x < other, as 0 or 1.', forward.lt, integerForward.lt);
/** x is at most other. */
export const le = predicate('le', 'le', 'y = x <= other, as 0 or 1.', forward.le, integerForward.le);
/** x is greater than other. */
export const gt = predicate('gt', 'gt', 'y = x > other, as 0 or 1.', forward.gt, integerForward.gt);
/** x is at least other. */
export const ge = predicate('ge', 'ge', 'y = x >= other, as 0 or 1.', forward.ge, integerForward.ge);
/** Both are not 0. */
export const logicalAnd = predicate(
  'logicalAnd',
  'logical_and',
  'y = x and other, as 0 or 1; all but 0 is true.',
  forward.logicalAnd,
);
/** At least one is not 0. */
export const logicalOr = predicate(
  'logicalOr',
  'logical_or',
  'y = x or other, as 0 or 1; all but 0 is true.',
  forward.logicalOr,
);
/** Exactly one is not 0. */
export const logicalXor = predicate(
  'logicalXor',
  'logical_xor',
  'y = x xor other, as 0 or 1; all but 0 is true.',
  forward.logicalXor,
);

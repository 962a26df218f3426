/** Random cases of the ops that work element by element, of the gated units and of the regularizers. */
import fc from 'fast-check';
import { references } from '..';
import type { OpCase } from '../types';
import {
  type AnyDim,
  type Arbitraries,
  anyDim,
  broadcastShapes,
  casesOf,
  dimOf,
  fillOf,
  indexOf,
  nonzero,
  oneOf,
  shapes,
} from './common';

const some = shapes({ empty: true });

/** The gradient is left out where no case of the op has one. */
const noGradient = (op: string) =>
  references[op].cases.some(({ gradient }) => gradient !== false) ? {} : { gradient: false };

/** Attributes that a case of the op has, as special values need none of their own. */
const attrsOf = (op: string) => oneOf(...references[op].cases.map(({ attrs = {} }) => attrs));

/** Cases of an op of `x` alone, filled as in the op's own cases. */
function unary(op: string, attrs: fc.Arbitrary<Record<string, unknown>> = attrsOf(op)): Arbitraries {
  const fill = fillOf(op);
  return {
    [op]: casesOf({ shape: some, attrs }, ({ shape, attrs }) => ({
      attrs,
      inputs: { x: fill(shape) },
      ...noGradient(op),
    })),
  };
}

/** Cases of an op of `x` and `other` that broadcast. */
function binary(op: string, attrs: fc.Arbitrary<Record<string, unknown>> = attrsOf(op)): Arbitraries {
  const [x, other] = [fillOf(op, 'x'), fillOf(op, 'other')];
  return {
    [op]: casesOf({ pair: broadcastShapes(2), attrs }, ({ pair: [a, b], attrs }) => ({
      attrs,
      inputs: { x: x(a), other: other(b) },
      ...noGradient(op),
    })),
  };
}

/** Every elementwise op without cases of its own below. */
const ofReferences = Object.entries(references).map(([op, { elementwise }]) =>
  elementwise === 1 ? unary(op) : elementwise === 2 ? binary(op) : {},
);

const numbers = oneOf(-2.5, -0.4, 0, 0.3, 0.7, 1.6);
const positive = oneOf(0.1, 0.5, 1, 2.7);
const merge = (list: Arbitraries[]): Arbitraries => Object.assign({}, ...list);

/** `clamp` with one bound or two, also in the wrong order. */
const clamp = casesOf(
  { shape: some, min: oneOf(null, -1.3, -0.4, 0.9), max: oneOf(-0.7, 0.2, 1.1) },
  ({ shape, ...attrs }): OpCase => ({ attrs, inputs: { x: shape } }),
);

/** Limits that are tensors, away from the values of x. */
const limit = (name: 'min' | 'max') =>
  casesOf(
    { pair: broadcastShapes(2) },
    ({ pair: [x, other] }): OpCase => ({
      inputs: {
        x: { shape: x, fill: 'distinct', range: [-2, 2.1] },
        [name]: { shape: other, fill: 'distinct', range: [-1.137, 1.319] },
      },
    }),
  );

const floatPower = casesOf(
  { pair: broadcastShapes(2) },
  ({ pair: [x, exponent] }): OpCase => ({
    inputs: { x: { shape: x, fill: 'uniform', range: [0.2, 2] }, exponent },
  }),
);

const types = oneOf<'f32' | 'i32' | 'bool'>('f32', 'i32', 'bool');
const cast = casesOf({ shape: some, from: types, to: types }, ({ shape, from, to }): OpCase => {
  const range: [number, number] = from === 'bool' ? [0, 2] : [-3, 4];
  const x = { shape, dtype: from, range, fill: from === 'f32' ? 'uniform' : 'integer' } as const;
  return { attrs: { dtype: to }, inputs: { x }, gradient: from === 'f32' && to === 'f32' };
});

const where = casesOf(
  { list: broadcastShapes(3) },
  ({ list: [condition, x, other] }): OpCase => ({
    inputs: { condition: { shape: condition, dtype: 'bool' }, x, other },
  }),
);

const prelu = casesOf(
  { shape: shapes({ min: 2, empty: true }), perChannel: fc.boolean() },
  ({ shape, perChannel }): OpCase => ({
    inputs: { x: shape, weight: [perChannel ? shape[1] : 1] },
  }),
).filter(({ inputs }) => (inputs.weight as number[])[0] > 0);

/** Doubles the dim that a gated unit cuts in half. */
const gated = casesOf({ shape: shapes({ min: 1, empty: true }), dim: anyDim }, ({ shape, dim }): OpCase => {
  const axis = indexOf(dim as AnyDim, shape.length);
  return {
    attrs: { dim: dimOf(dim, shape.length) },
    inputs: { x: shape.map((n, d) => (d === axis ? 2 * n : n)) },
  };
});

/** What of the dropout family is not random: evaluation, nothing dropped, everything dropped. */
function dropout(min: number, max: number, attrs: fc.Arbitrary<Record<string, unknown>> = fc.constant({})) {
  return casesOf(
    { shape: shapes({ min, max }), training: fc.boolean(), p: oneOf(0, 1, 0.3), attrs },
    ({ shape, training, p, attrs }): OpCase => ({
      attrs: { ...attrs, p: training ? Math.round(p) : p },
      training,
      inputs: { x: shape },
    }),
  );
}

const penalty = casesOf(
  { shape: shapes(), lambda: oneOf(1, 0.01, 0) },
  ({ shape, lambda }): OpCase => ({ attrs: { lambda }, inputs: { x: nonzero(shape) } }),
);

/** Random cases of these families. */
export const elementwise: Arbitraries = {
  ...merge(ofReferences),
  // Rounded, values near a tie come out either way.
  ...unary('round', fc.constant({})),
  ...binary('div', fc.constant({})),
  ...binary('add', fc.record({ alpha: numbers }, { requiredKeys: [] })),
  ...binary('sub', fc.record({ alpha: numbers }, { requiredKeys: [] })),
  ...unary('leakyRelu', fc.record({ negativeSlope: oneOf(0, 0.01, 0.3) })),
  ...unary('elu', fc.record({ alpha: positive })),
  ...unary('celu', fc.record({ alpha: positive })),
  ...unary('gelu', fc.record({ approximate: oneOf('none', 'tanh') })),
  ...unary('softplus', fc.record({ beta: oneOf(0.5, 1, 2, 30), threshold: oneOf(0.6, 5, 20) })),
  ...unary('hardtanh', fc.record({ minVal: oneOf(-3.1, -1, 0.2), maxVal: oneOf(0.3, 1, 5.4) })),
  ...unary('softshrink', fc.record({ lambd: oneOf(0, 0.1, 0.5, 1.2) })),
  ...unary('hardshrink', fc.record({ lambd: oneOf(0, 0.1, 0.5, 1.2) })),
  ...unary('threshold', fc.record({ threshold: numbers, value: numbers })),
  clamp,
  clampMin: limit('min'),
  clampMax: limit('max'),
  floatPower,
  cast,
  where,
  prelu,
  glu: gated,
  swiglu: gated,
  dropout: dropout(0, 5),
  dropout1d: dropout(3, 3),
  dropout2d: dropout(4, 4),
  dropout3d: dropout(5, 5),
  alphaDropout: dropout(0, 5),
  featureAlphaDropout: dropout(2, 5),
  stochasticDepth: dropout(1, 5, fc.record({ mode: oneOf('row', 'batch') })),
  l1Penalty: penalty,
  l2Penalty: penalty,
};

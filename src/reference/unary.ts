/** Reference references of the elementwise functions of one tensor, input `x`, in float64. */
import { type UnaryOptions, unaryCases, withCases } from './cases';
import { mapElements } from './ndarray';
import type { OpCase, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];

/** A reference of an op that applies `f` to every element; attrs reach `f` as PyTorch would see them. */
export function elementwise(f: (x: number, attrs: Attrs) => number, options: UnaryOptions = {}): Reference {
  return {
    forward: ({ x }, attrs) => ({ y: mapElements((value) => f(value, attrs), x) }),
    cases: unaryCases(options),
    elementwise: 1,
  };
}

/**
 * The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, to about 1e-15, from the series without
 * cancellation 2/sqrt(pi) * exp(-x^2) * sum_n 2^n x^(2n+1) / (1*3*..*(2n+1)) (DLMF 7.6.2).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** To the nearest integer, halves to the even one (IEEE 754 and PyTorch; not Math.round). */
export function roundHalfEven(x: number): number {
  return Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];
const ZEROS = [0, '-0'];
const ORDINARY = [...NON_FINITE, ...ZEROS, 1, -1, 0.5, -2];
const STEPS = [...ORDINARY, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, 0.49999997, 8388609, -16777216];
/** Where the reduction by multiples of pi / 2 matters. */
const ANGLES = [3.1415927410125732, 22, -355, 1e5, 1e9, -16777217, 1e22, -3e38];

/** Whole numbers, which stay such. */
const WHOLE: OpCase = { inputs: { x: { shape: [7], dtype: 'i32', range: [-5, 6] } }, gradient: false };

/** The references of this family. */
export const references: Record<string, Reference> = {
  neg: withCases(
    elementwise((x) => -x, { special: ORDINARY }),
    WHOLE,
  ),
  abs: withCases(elementwise(Math.abs, { fill: 'awayFromZero', special: ORDINARY }), WHOLE),
  exp: elementwise(Math.exp, { big: true, special: [...ORDINARY, 88, -87, 89, -104, 1e4, -1e4, 1e-6] }),
  log: elementwise(Math.log, { fill: 'uniform', range: [0.1, 4], special: [...ORDINARY, 1e-30, 1e30] }),
  log1p: elementwise(Math.log1p, {
    fill: 'uniform',
    range: [-0.8, 4],
    special: [...ORDINARY, 1e-6, -1e-6, 1e-9],
  }),
  expm1: elementwise(Math.expm1, { special: [...ORDINARY, 1e-6, -1e-6, 1e-9, 89, -104] }),
  log2: elementwise(Math.log2, { fill: 'uniform', range: [0.1, 4], special: [...ORDINARY, 8, 1024, 1e-30] }),
  sqrt: elementwise(Math.sqrt, { fill: 'uniform', range: [0.1, 4], special: [...ORDINARY, 1e-30, 1e30] }),
  rsqrt: elementwise((x) => 1 / Math.sqrt(x), {
    fill: 'uniform',
    range: [0.1, 4],
    special: [...ORDINARY, 1e-30, 1e30],
  }),
  square: withCases(
    elementwise((x) => x * x, { special: [...ORDINARY, 1e19, 1e20] }),
    WHOLE,
  ),
  reciprocal: elementwise((x) => 1 / x, { fill: 'awayFromZero', special: [...ORDINARY, 1e30] }),
  sin: elementwise(Math.sin, { special: [...ORDINARY, ...ANGLES] }),
  cos: elementwise(Math.cos, { special: [...ORDINARY, ...ANGLES] }),
  tan: elementwise(Math.tan, { fill: 'uniform', range: [-1.2, 1.2], special: [...ORDINARY, ...ANGLES] }),
  asin: elementwise(Math.asin, { fill: 'uniform', range: [-0.9, 0.9], special: ORDINARY }),
  acos: elementwise(Math.acos, { fill: 'uniform', range: [-0.9, 0.9], special: ORDINARY }),
  atan: elementwise(Math.atan, { special: [...ORDINARY, 1e30] }),
  sinh: elementwise(Math.sinh, { special: [...ORDINARY, 1e-6, 88, -88, 100, -100] }),
  cosh: elementwise(Math.cosh, { special: [...ORDINARY, 88, -88, 100, -100] }),
  erf: elementwise(erf, { special: [...ORDINARY, 3.9, -3.9, 10, -10, 1e-6] }),
  sign: withCases(
    elementwise((x) => (x > 0 ? 1 : x < 0 ? -1 : 0), { fill: 'awayFromZero', special: ORDINARY }),
    WHOLE,
  ),
  floor: elementwise(Math.floor, { fill: 'uniform', range: [-4, 4], special: STEPS }),
  ceil: elementwise(Math.ceil, { fill: 'uniform', range: [-4, 4], special: STEPS }),
  round: withCases(
    elementwise((x, { decimals = 0 }) => roundHalfEven(x * 10 ** decimals) / 10 ** decimals, {
      fill: 'uniform',
      range: [-4, 4],
      special: STEPS,
    }),
    ...[2, -1].map((decimals) => ({
      attrs: { decimals },
      inputs: { x: { shape: [7], values: [0.125, -0.375, 2.375, 3.21987, 15, -25.5, 1234.567] } },
      gradient: false,
    })),
  ),
  trunc: elementwise(Math.trunc, { fill: 'uniform', range: [-4, 4], special: STEPS }),
  identity: elementwise((x) => x, { special: ORDINARY }),
  isnan: elementwise((x) => Number(Number.isNaN(x)), { gradient: false, special: ORDINARY }),
  isinf: elementwise((x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY), {
    gradient: false,
    special: ORDINARY,
  }),
  logicalNot: withCases(
    elementwise((x) => Number(x === 0), {
      gradient: false,
      fill: 'integer',
      range: [-1, 2],
      special: ORDINARY,
    }),
    WHOLE,
  ),
  clamp: clamp(),
  cast: cast(),
};

function clamp(): Reference {
  const { forward, cases } = elementwise(
    (x, { min, max }) =>
      Math.min(Math.max(x, min ?? Number.NEGATIVE_INFINITY), max ?? Number.POSITIVE_INFINITY),
    {
      required: { min: -0.5, max: 0.75 },
      attrs: [{ min: -0.25 }, { max: 0.25 }, { min: null, max: 0 }, { min: 0.5, max: -0.5 }],
      special: ORDINARY,
    },
  );
  const x = { shape: [5], values: [-0.5, 0.75, 0, -0.25, 'NaN'] };
  cases.push({ name: 'at the bounds', attrs: { min: -0.5, max: 0.75 }, inputs: { x }, gradient: false });
  return { forward, cases };
}

/** Integers by dropping the fraction, truth by comparing with 0. */
function cast(): Reference {
  const types = ['f32', 'i32', 'bool'] as const;
  const cases: OpCase[] = types.flatMap((from) =>
    types.flatMap((to) =>
      [[], [257], [2, 3, 5], [0, 3]].map((shape) => {
        const range: [number, number] = from === 'bool' ? [0, 2] : [-3, 4];
        const x = { shape, dtype: from, range, fill: from === 'f32' ? 'uniform' : 'integer' } as const;
        return { attrs: { dtype: to }, inputs: { x }, gradient: from === 'f32' && to === 'f32' };
      }),
    ),
  );
  const special = { shape: [6], values: ['NaN', '-0', 0, 'Infinity', 0.5, -1.75] };
  const finite = { shape: [5], values: [-1.75, -0.5, 2147483520, -2147483648, 16777217] };
  cases.push(
    { name: 'special values', attrs: { dtype: 'bool' }, inputs: { x: special }, gradient: false },
    { name: 'large numbers', attrs: { dtype: 'i32' }, inputs: { x: finite }, gradient: false },
  );
  return {
    forward: ({ x }, { dtype }) => ({
      y: mapElements((v) => (dtype === 'f32' ? v : dtype === 'i32' ? Math.trunc(v) : Number(v !== 0)), x),
    }),
    cases,
  };
}

/** Float64 references of special functions, of signs and of limits that are tensors. */
import { withCases, withoutGradient } from './cases';
import { mapElements } from './ndarray';
import type { OpCase, Reference } from './types';
import { elementwise, erf } from './unary';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];
const ORDINARY = [...NON_FINITE, 0, '-0', 1, -1, 0.5, -2];
const POLES = [...NON_FINITE, 0, -1, -2, 1e-6, -1e-6, 1, 2, 3, 170, 1e4, -0.5, -3.25, -100.75];

/** The continued fraction of erfc beyond 2, where 1 - erf has lost its digits (DLMF 7.9.2). */
function erfc(x: number): number {
  if (!(x > 2)) return 1 - erf(x);
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / fraction / Math.sqrt(Math.PI);
}

/** By bisection. */
function erfinv(x: number): number {
  if (Number.isNaN(x) || Math.abs(x) > 1) return Number.NaN;
  if (Math.abs(x) === 1) return x * Number.POSITIVE_INFINITY;
  if (x < 0) return -erfinv(-x);
  let [low, high] = [0, 6];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    // Near 1 by what is left of it.
    if (x < 0.5 ? erf(middle) < x : erfc(middle) > 1 - x) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const isPole = (x: number) => x <= 0 && x === Math.floor(x);

/** Stirling's series after steps up to 20. */
function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) === Number.POSITIVE_INFINITY || isPole(x)) return Number.POSITIVE_INFINITY;
  if (x < 0) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)) * x)) - lgamma(-x);
  let product = 1;
  for (; x < 20; x++) product *= x;
  const series = 1 / 12 / x - 1 / 360 / x ** 3 + 1 / 1260 / x ** 5 - 1 / 1680 / x ** 7;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (Number.isNaN(x) || isPole(x)) return Number.NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
  let sum = 0;
  for (; x < 20; x++) sum -= 1 / x;
  return sum + Math.log(x) - 1 / 2 / x - 1 / 12 / x ** 2 + 1 / 120 / x ** 4 - 1 / 252 / x ** 6;
}

const isNegative = (x: number) => x < 0 || Object.is(x, -0);

interface Pairs {
  /** How the values of both operands are made. */
  fill?: object;
  otherFill?: object;
  special?: [number | string, number | string][];
  gradient?: false;
}

/** A function of two tensors that broadcast. */
function pairs(
  f: (x: number, other: number, attrs: any) => number,
  { fill = {}, otherFill = fill, special = [], gradient }: Pairs = {},
): Reference {
  const shapes = [
    [
      [2, 3, 5],
      [2, 3, 5],
    ],
    [[4, 1], [3]],
    [[], [5]],
    [[257], [1]],
    [[0, 3], [3]],
  ];
  const cases: OpCase[] = shapes.map(([a, b]) => ({
    inputs: { x: { shape: a, ...fill }, other: { shape: b, ...otherFill } },
    gradient,
  }));
  const column = (i: 0 | 1) => ({ shape: [special.length], values: special.map((pair) => pair[i]) });
  if (special.length) {
    cases.push({
      name: 'special values',
      inputs: { x: column(0), other: column(1) },
      gradient: false,
    });
  }
  return {
    forward: ({ x, other }, attrs) => ({ y: mapElements((a, b) => f(a, b, attrs), x, other) }),
    cases,
    elementwise: 2,
  };
}

const NAN_PAIRS: [number | string, number | string][] = [
  ['NaN', 1],
  [1, 'NaN'],
  ['NaN', 'NaN'],
  ['Infinity', '-Infinity'],
  [0, '-0'],
  [2, 2],
];
const positive = { fill: 'uniform', range: [0.2, 3] };

const logPlus1 = (x: number, other: number) => (x === 0 && !Number.isNaN(other) ? 0 : x * Math.log1p(other));

/** The modified Bessel function of the first kind: sum of (x / 2)^(2k + n) / (k! (k + n)!). */
function bessel(x: number, n: 0 | 1): number {
  if (!Number.isFinite(x)) return n === 0 ? Math.abs(x) : x;
  let [term, sum] = [(x / 2) ** n, 0];
  for (let k = 1; sum + term !== sum; k++) {
    sum += term;
    term *= (x / 2) ** 2 / (k * (k + n));
  }
  return sum;
}

/** max(x, min), then min(that, max), NaN of any of them staying; the gradient of limits that meet goes to max. */
function clampedTo(x: number, min: number, max: number): number {
  if (Number.isNaN(x) || Number.isNaN(min) || Number.isNaN(max)) return Number.NaN;
  return Math.min(Math.max(x, min), max);
}

/** Limits from tensors among the inputs `names`. */
function limits(names: string[], cases: OpCase[]): Reference {
  return {
    forward(inputs, { min = null, max = null }) {
      const given = names.filter((name) => inputs[name]);
      const arrays = given.map((name) => inputs[name]);
      const y = mapElements(
        (x, ...values) => {
          const limit = (name: string, attr: number | null, open: number) =>
            given.includes(name) ? values[given.indexOf(name)] : (attr ?? open);
          return clampedTo(
            x,
            limit('min', min, Number.NEGATIVE_INFINITY),
            limit('max', max, Number.POSITIVE_INFINITY),
          );
        },
        inputs.x,
        ...arrays,
      );
      return { y };
    },
    cases,
  };
}

const spread = (shape: number[], range: [number, number]) => ({ shape, fill: 'distinct', range }) as const;
const at = (values: (number | string)[]) => ({ shape: [values.length], values });
const NUMBERS = [0.5, -3, 2, 'NaN', 1, 'Infinity', '-Infinity'];

const clampCases: OpCase[] = [
  {
    inputs: {
      x: spread([4, 5], [-2, 2.1]),
      min: spread([5], [-1.13, -0.1]),
      max: spread([4, 1], [0.1, 1.17]),
    },
  },
  {
    name: 'crossing limits',
    inputs: { x: spread([7], [-2, 2.1]), min: spread([7], [-1.7, 1.9]), max: spread([7], [-1.6, 1.8]) },
  },
  { name: 'one limit', inputs: { x: spread([3, 4], [-2, 2.1]), min: spread([4], [-1.1, 1.3]) } },
  { name: 'the other limit', inputs: { x: spread([3, 4], [-2, 2.1]), max: spread([3, 1], [-1.1, 1.3]) } },
  { name: 'a limit of more dims', inputs: { x: spread([3], [-2, 2.1]), max: spread([2, 3], [-1.1, 1.3]) } },
  {
    name: 'a tensor and a number',
    attrs: { max: 0.77 },
    inputs: { x: spread([3, 4], [-2, 2.1]), min: spread([4], [-1.1, 0.3]) },
  },
  { name: 'nothing', inputs: { x: [0, 3], min: [3] } },
  {
    name: 'special values',
    inputs: { x: at(NUMBERS), min: at([0, 0, 'NaN', 0, 1, -1, -1]), max: at([1, 1, 3, 1, 'NaN', 5, 5]) },
    gradient: false,
  },
  {
    name: 'whole numbers',
    inputs: {
      x: { shape: [6], dtype: 'i32', range: [-9, 9] },
      min: { shape: [1], dtype: 'i32', values: [-3] },
    },
    gradient: false,
  },
];

/** At infinity PyTorch divides infinity by infinity and gives NaN where the limit is infinite. */
const BESSEL = ['NaN', 0, '-0', 3.75, -3.75, 60, -1e-6];

/** The references of this family; `clamp` has the cases of numbers besides. */
export const references: Record<string, Reference> = {
  asinh: elementwise(Math.asinh, { special: [...ORDINARY, 1e-6, 1e10, -1e30, 3e38] }),
  acosh: elementwise(Math.acosh, {
    fill: 'uniform',
    range: [1.1, 4],
    special: [...ORDINARY, 1.000001, 1e10, 3e38],
  }),
  erfc: elementwise(erfc, { special: [...ORDINARY, 3.9, -3.9, 9, 10, -10, 1e-6] }),
  erfinv: elementwise(erfinv, {
    fill: 'uniform',
    range: [-0.95, 0.95],
    special: [...ORDINARY, 0.9999, -0.999999, 1e-6],
  }),
  lgamma: elementwise(lgamma, { fill: 'uniform', range: [0.1, 9], special: POLES }),
  digamma: elementwise(digamma, { fill: 'uniform', range: [0.2, 9], special: POLES }),
  i0: elementwise((x) => bessel(x, 0), {
    fill: 'uniform',
    range: [-9, 9],
    special: BESSEL,
  }),
  i1: elementwise((x) => bessel(x, 1), {
    fill: 'uniform',
    range: [-9, 9],
    special: BESSEL,
  }),
  signbit: elementwise((x) => Number(isNegative(x)), { gradient: false, special: ORDINARY.slice(1) }),
  deg2rad: elementwise((x) => (x * Math.PI) / 180, { special: [...NON_FINITE, 180, -90] }),
  rad2deg: elementwise((x) => (x * 180) / Math.PI, { special: [...NON_FINITE, Math.PI, 0] }),
  sinc: elementwise((x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)), {
    special: ['NaN', 0, '-0', 1, -2, 0.5, 1e-6],
  }),
  isposinf: elementwise((x) => Number(x === Number.POSITIVE_INFINITY), {
    gradient: false,
    special: ORDINARY,
  }),
  isneginf: elementwise((x) => Number(x === Number.NEGATIVE_INFINITY), {
    gradient: false,
    special: ORDINARY,
  }),
  isclose: withCases(
    pairs(
      (x, other, { rtol = 1e-5, atol = 1e-8, equalNan = false }) =>
        Number(
          x === other ||
            (equalNan && Number.isNaN(x) && Number.isNaN(other)) ||
            (Math.abs(other) < Number.POSITIVE_INFINITY &&
              Math.abs(x - other) <= atol + rtol * Math.abs(other)),
        ),
      {
        special: [...NAN_PAIRS, [1, 1.000001], [1, 1.1], ['Infinity', 1], ['Infinity', 'Infinity']],
        gradient: false,
      },
    ),
    {
      attrs: { rtol: 0.5, equalNan: true },
      inputs: { x: at([1, 1, 'NaN', 'NaN', 3]), other: at([1.4, 3, 'NaN', 1, 'Infinity']) },
      gradient: false,
    },
  ),
  logaddexp2: pairs((x, other) => Math.log2(2 ** x + 2 ** other), {
    special: [
      [100, 100],
      ['NaN', 1],
      ['-Infinity', 2],
    ],
  }),
  copysign: pairs((x, other) => (isNegative(other) ? -Math.abs(x) : Math.abs(x)), {
    fill: { fill: 'awayFromZero' },
    special: [
      [1, '-0'],
      [-1, 0],
      [2, '-Infinity'],
      ['NaN', -1],
      [0, -2],
    ],
  }),
  xlogy: pairs((x, other) => (x === 0 && !Number.isNaN(other) ? 0 : x * Math.log(other)), {
    otherFill: positive,
    special: [...NAN_PAIRS.slice(0, 3), [0, 'NaN'], [0, 0], [0, -1], [0, 'Infinity'], [1, 0], [2, -1]],
  }),
  xlog1py: pairs(logPlus1, {
    otherFill: positive,
    special: [...NAN_PAIRS.slice(0, 3), [0, 'NaN'], [0, -1], [0, -2], [0, 'Infinity'], [1, -1], [2, 1e-7]],
  }),
  fmax: pairs((x, other) => (Number.isNaN(x) ? other : Number.isNaN(other) ? x : Math.max(x, other)), {
    special: NAN_PAIRS,
  }),
  fmin: pairs((x, other) => (Number.isNaN(x) ? other : Number.isNaN(other) ? x : Math.min(x, other)), {
    special: NAN_PAIRS,
  }),
  ldexp: pairs((x, other) => x * 2 ** other, {
    special: [
      [1.5, 3],
      ['NaN', 1],
      ['Infinity', -2],
      [-1, -10],
    ],
  }),
  heaviside: {
    forward: ({ x, values }) => ({
      y: mapElements((v, middle) => (v === 0 ? middle : Number(v > 0)), x, values),
    }),
    cases: withoutGradient([
      { inputs: { x: { shape: [3, 4], values: [0, 1, -1, 0, 2, 0, -3, 0, 0, 1, '-0', 5] }, values: [4] } },
      { inputs: { x: [5], values: [] } },
      { inputs: { x: at(['NaN', 'Infinity', '-Infinity', 0]), values: at([1, 2, 3, 'NaN']) } },
    ]),
  },
  floatPower: {
    forward: ({ x, exponent }) => ({ y: mapElements((a, b) => a ** b, x, exponent) }),
    cases: [
      { inputs: { x: { shape: [4, 5], fill: 'uniform', range: [0.2, 2] }, exponent: [5] } },
      {
        name: 'whole numbers',
        inputs: {
          x: { shape: [6], dtype: 'i32', range: [1, 5] },
          exponent: { shape: [6], dtype: 'i32', range: [-2, 3] },
        },
        gradient: false,
      },
    ],
  },
  clampMin: limits(
    ['min'],
    [
      { attrs: { min: -0.3 }, inputs: { x: spread([3, 4], [-2, 2.1]) } },
      { inputs: { x: spread([3, 4], [-2, 2.1]), min: spread([4], [-1.1, 1.3]) } },
    ],
  ),
  clampMax: limits(
    ['max'],
    [
      { attrs: { max: -0.3 }, inputs: { x: spread([3, 4], [-2, 2.1]) } },
      { inputs: { x: spread([3, 4], [-2, 2.1]), max: spread([3, 1], [-1.1, 1.3]) } },
    ],
  ),
};

/** `clamp` with tensors: added to the cases with numbers. */
export const clampWithTensors = (numbers: Reference): Reference => ({
  ...limits(['min', 'max'], [...numbers.cases, ...clampCases]),
});

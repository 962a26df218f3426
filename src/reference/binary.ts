/** Reference references of the elementwise functions of two tensors (`x`, `other`) with broadcasting, and of `where`. */
import { withCases, withoutGradient } from './cases';
import { mapElements } from './ndarray';
import type { InputSpec, OpCase, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];
type FloatInput = Exclude<InputSpec, number[]>;

/** Every way in which two shapes can broadcast. */
const BROADCASTS: readonly (readonly [string, number[], number[]])[] = [
  ['same shape', [2, 3, 5], [2, 3, 5]],
  ['one element', [1], [1]],
  ['beyond one workgroup', [257], [257]],
  ['scalar on the right', [5, 3], []],
  ['scalar on the left', [], [5, 3]],
  ['both 0-d', [], []],
  ['one-element vector', [4, 3], [1]],
  ['row', [4, 5], [5]],
  ['column', [4, 5], [4, 1]],
  ['both sides', [7, 1], [1, 5]],
  ['middle dims', [2, 3, 4, 5], [2, 1, 1, 5]],
  ['channels', [2, 3, 5, 5], [3, 1, 1]],
  ['higher rank on the right', [3, 1], [2, 4, 3, 5]],
  ['alternating dims of rank 5', [2, 1, 3, 1, 2], [1, 2, 1, 3, 2]],
  ['no elements', [0, 3], [3]],
  ['no elements by broadcasting', [2, 0], [2, 1]],
  ['alternating dims of rank 8', [2, 1, 3, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 3, 1, 2]],
];

/** Enough patterns for an op that shares its machinery with `add`. */
const FEW = [
  'same shape',
  'beyond one workgroup',
  'scalar on the right',
  'both sides',
  'channels',
  'both 0-d',
  'no elements',
];

interface BinaryOptions {
  x?: Partial<FloatInput>;
  other?: Partial<FloatInput>;
  /** All broadcasting patterns instead of a few. */
  all?: boolean;
  /** One more case for each of these attrs. */
  attrs?: Record<string, unknown>[];
  /** Pairs (x, other) where the function is special; compared forward only. */
  special?: [number | string, number | string][];
  gradient?: boolean;
}

function binaryCases({ x, other, all, attrs = [], special, gradient }: BinaryOptions): OpCase[] {
  const inputs = (a: number[], b: number[]): OpCase['inputs'] => ({
    x: { ...x, shape: a },
    other: { ...other, shape: b },
  });
  const cases: OpCase[] = BROADCASTS.filter(([name]) => all || FEW.includes(name)).map(([name, a, b]) => ({
    name,
    inputs: inputs(a, b),
  }));
  for (const variant of attrs) cases.push({ attrs: variant, inputs: inputs([4, 5], [5]) });
  if (all) {
    cases.push({ name: 'many rows', inputs: inputs([1025, 17], [17]) });
    cases.push({ name: 'more than 65,535 rows', inputs: inputs([70001, 3], [3]), gradient: false });
  }
  if (special) {
    cases.push({
      name: 'special values',
      inputs: {
        x: { shape: [special.length], values: special.map(([a]) => a) },
        other: { shape: [special.length], values: special.map(([, b]) => b) },
      },
      gradient: false,
    });
  }
  return gradient === false ? withoutGradient(cases) : cases;
}

/** A reference of the op that applies `f` to every pair of elements. */
function binary(
  f: (x: number, other: number, attrs: Attrs) => number,
  options: BinaryOptions = {},
): Reference {
  return {
    forward: ({ x, other }, attrs) => ({ y: mapElements((a, b) => f(a, b, attrs), x, other) }),
    cases: binaryCases(options),
    elementwise: 2,
  };
}

/** C's pow, which PyTorch has: unlike in JavaScript, 1 to any power and (-1) to an infinite one are 1. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

/** x / other, rounded as `roundingMode` says; down means what is left is not negative, as in Python's //. */
function quotient(x: number, other: number, roundingMode?: string | null): number {
  if (roundingMode === 'trunc') return Math.trunc(x / other);
  if (roundingMode !== 'floor' || other === 0) return x / other;
  return Math.round((x - remainder(x, other)) / other);
}

/** The remainder with the sign of the divisor (Python's %); JavaScript's % has that of the dividend (C's fmod). */
function remainder(x: number, other: number): number {
  const rest = x % other;
  return rest !== 0 && rest < 0 !== other < 0 ? rest + other : rest;
}

const NAN_PAIRS: [string | number, string | number][] = [
  ['NaN', 1],
  [1, 'NaN'],
  ['NaN', 'NaN'],
  ['Infinity', 'NaN'],
];
const INFINITE_PAIRS: [string | number, string | number][] = [
  ['Infinity', 1],
  ['-Infinity', 2],
  ['Infinity', '-Infinity'],
  ['Infinity', 'Infinity'],
  ['Infinity', 0],
  [1, 'Infinity'],
  [-1, 'Infinity'],
];
const ZERO_PAIRS: [string | number, string | number][] = [
  [0, 0],
  [0, '-0'],
  ['-0', '-0'],
  [1, 0],
  [1, '-0'],
  [-1, 0],
  [0, 2],
  [3, 3],
];
const LARGE_QUOTIENTS: [string | number, string | number][] = [
  [1e9, 3],
  [-1e9, 3],
  [1e9, -7],
  [1e20, 7],
  [3e38, 0.001],
  [-16777216, 0.1],
];
const SPECIAL = [...NAN_PAIRS, ...INFINITE_PAIRS, ...ZERO_PAIRS];
const DIVISOR: Partial<FloatInput> = { fill: 'awayFromZero', range: [0.5, 2] };
const TRUTH: Partial<FloatInput> = { fill: 'integer', range: [-1, 2] };

/** Ties in about a quarter of the elements, and NaN never equal to itself. */
function comparison(f: (x: number, other: number) => boolean): Reference {
  const digits: Partial<FloatInput> = { fill: 'integer', range: [-2, 2] };
  return binary((a, b) => Number(f(a, b)), { x: digits, other: digits, special: SPECIAL, gradient: false });
}

function logical(f: (x: boolean, other: boolean) => boolean): Reference {
  const reference = binary((a, b) => Number(f(a !== 0, b !== 0)), {
    x: TRUTH,
    other: TRUTH,
    special: SPECIAL,
    gradient: false,
  });
  const masks: OpCase['inputs'] = {
    x: { shape: [3, 5], dtype: 'bool' },
    other: { shape: [5], dtype: 'bool' },
  };
  reference.cases.push({ name: 'masks', inputs: masks, gradient: false });
  return reference;
}

/** `maximum` and `minimum`: NaN wins, and a tie gives half of the gradient to each side (as differences do). */
function extremum(f: (x: number, other: number) => number): Reference {
  const reference = binary((a, b) => f(a, b), { special: SPECIAL });
  const values = [1, -2, 0, 3];
  reference.cases.push({
    name: 'ties share the gradient',
    inputs: { x: { shape: [4], values }, other: { shape: [4], values } },
  });
  return reference;
}

const where: Reference = {
  forward: ({ condition, x, other }) => ({
    y: mapElements((c, a, b) => (c !== 0 ? a : b), condition, x, other),
  }),
  cases: [
    { inputs: { condition: { shape: [2, 3, 5], dtype: 'bool' }, x: [2, 3, 5], other: [2, 3, 5] } },
    { inputs: { condition: { shape: [1], dtype: 'bool' }, x: [1], other: [1] } },
    { inputs: { condition: { shape: [], dtype: 'bool' }, x: [], other: [3] } },
    { inputs: { condition: { shape: [4, 1], dtype: 'bool' }, x: [5], other: [] } },
    { inputs: { condition: { shape: [5], dtype: 'bool' }, x: [2, 3, 1, 1], other: [3, 4, 5] } },
    { inputs: { condition: { shape: [257], dtype: 'bool' }, x: [257], other: [1] } },
    {
      inputs: {
        condition: { shape: [2, 1, 2, 1, 2], dtype: 'bool' },
        x: [3, 1, 3, 1],
        other: [2, 1, 2, 1, 1],
      },
    },
    { inputs: { condition: { shape: [0, 3], dtype: 'bool' }, x: [3], other: [] } },
    {
      name: 'what is not chosen does not matter',
      inputs: {
        condition: { shape: [4], dtype: 'bool', values: [1, 0, 1, 0] },
        x: { shape: [4], values: [1, 'NaN', '-Infinity', 'Infinity'] },
        other: { shape: [4], values: ['NaN', 2, 'NaN', -1] },
      },
      gradient: false,
    },
    {
      name: 'more than 65,535 rows',
      inputs: { condition: { shape: [70001, 1], dtype: 'bool' }, x: [70001, 3], other: [3] },
      gradient: false,
    },
  ],
};

const integerInputs = (values: number[]): OpCase['inputs'] => ({
  x: { shape: [5, 4], dtype: 'i32', range: [-9, 10] },
  other: { shape: [4], dtype: 'i32', values },
});

/** A reference with a case of whole numbers, and `other` without 0, by which they are divided. */
function withIntegers(reference: Reference, ...attrs: Record<string, unknown>[]): Reference {
  const inputs = integerInputs([3, -2, 7, -5]);
  return withCases(
    reference,
    ...(attrs.length ? attrs : [undefined]).map(
      (attrs): OpCase => ({ name: 'whole numbers', attrs, inputs, gradient: false }),
    ),
  );
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  add: withIntegers(
    binary((a, b, { alpha = 1 }) => a + alpha * b, {
      all: true,
      attrs: [{ alpha: -2.5 }, { alpha: 0 }],
      special: SPECIAL,
    }),
    { alpha: -2 },
  ),
  sub: binary((a, b, { alpha = 1 }) => a - alpha * b, {
    all: true,
    attrs: [{ alpha: 0.5 }],
    special: SPECIAL,
  }),
  mul: withIntegers(binary((a, b) => a * b, { all: true, special: SPECIAL })),
  div: withIntegers(
    withCases(
      binary((a, b, { roundingMode }) => quotient(a, b, roundingMode), {
        all: true,
        other: DIVISOR,
        special: SPECIAL,
      }),
      ...(['floor', 'trunc'] as const).map((roundingMode) => ({
        attrs: { roundingMode },
        inputs: { x: [4, 5], other: { shape: [5], ...DIVISOR } },
      })),
      {
        name: 'whole quotients that a / b rounds to',
        attrs: { roundingMode: 'floor' },
        inputs: {
          x: { shape: [4], values: [6, -6, 7, -7] },
          other: { shape: [4], values: [3, 3, 0.1, 0.1] },
        },
        gradient: false,
      },
    ),
    { roundingMode: 'floor' },
    { roundingMode: 'trunc' },
  ),
  pow: withCases(
    binary(power, {
      x: { fill: 'uniform', range: [0.2, 2] },
      special: [
        ...SPECIAL,
        ['NaN', 0],
        [1, '-Infinity'],
        [-1, '-Infinity'],
        [0, -1],
        ['-0', -1],
        ['-0', 3],
        [0, 'Infinity'],
        [-2, 2],
        [-2, 3],
        [-2, -1],
        [-2, 0.5],
        [-8, 0],
        [2, 0.5],
        ['Infinity', -1],
        ['-Infinity', 3],
        ['-Infinity', -2],
        [0.5, 'Infinity'],
        [0.5, '-Infinity'],
        [10, 20],
      ],
    }),
    { name: 'whole numbers', inputs: integerInputs([3, 0, 7, 2]), gradient: false },
  ),
  maximum: withIntegers(extremum(Math.max)),
  minimum: withIntegers(extremum(Math.min)),
  atan2: binary(Math.atan2, {
    x: DIVISOR,
    other: DIVISOR,
    special: [...SPECIAL, ['-0', -1], [0, -1], ['Infinity', -1], [-1, '-Infinity']],
  }),
  fmod: withIntegers(
    binary((a, b) => a % b, {
      x: { fill: 'uniform', range: [-5, 5] },
      other: DIVISOR,
      special: [...SPECIAL, ...LARGE_QUOTIENTS, [5, 3], [-5, 3], [5, -3], [-5, -3], [6, -3], [-6, 3]],
    }),
  ),
  remainder: withIntegers(
    binary(remainder, {
      x: { fill: 'uniform', range: [-5, 5] },
      other: DIVISOR,
      // Finite pairs only: with an infinite divisor PyTorch's results differ between its code paths.
      special: [...NAN_PAIRS, ...ZERO_PAIRS, ...LARGE_QUOTIENTS, [5, 3], [-5, 3], [5, -3], [-5, -3], [6, -3]],
    }),
  ),
  eq: withIntegers(comparison((a, b) => a === b)),
  ne: withIntegers(comparison((a, b) => a !== b)),
  lt: withIntegers(comparison((a, b) => a < b)),
  le: withIntegers(comparison((a, b) => a <= b)),
  gt: withIntegers(comparison((a, b) => a > b)),
  ge: withIntegers(comparison((a, b) => a >= b)),
  logicalAnd: logical((a, b) => a && b),
  logicalOr: logical((a, b) => a || b),
  logicalXor: logical((a, b) => a !== b),
  where,
};

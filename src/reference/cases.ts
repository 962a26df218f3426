/** Lists of cases that several families of reference references share. */
import type { InputSpec, OpCase, Reference } from './types';

type FloatInput = Exclude<InputSpec, number[]>;

/** Shapes that catch the usual indexing faults: one element, 0-d, primes, beyond one workgroup, rank 5, empty. */
const ELEMENTWISE_SHAPES: readonly number[][] = [[1], [], [7], [2, 3, 5], [257], [2, 1, 3, 2, 2], [0, 3]];

export interface UnaryOptions {
  /** How the values of `x` are made; see `InputSpec`. */
  fill?: FloatInput['fill'];
  range?: [number, number];
  /** One more case of shape [5, 13] for each of these attrs. */
  attrs?: Record<string, unknown>[];
  /** Attrs of every other case, for ops whose attrs have no default. */
  required?: Record<string, unknown>;
  /** Values where the function is special; compared forward only. */
  special?: (number | string)[];
  /** false for ops without a gradient. */
  gradient?: boolean;
  /** One more case of 210,003 elements, for a few ops of each way of computing. */
  big?: boolean;
}

/** Cases for an elementwise op with the single input `x`. */
export function unaryCases({
  fill,
  range,
  attrs = [],
  required,
  special,
  gradient,
  big,
}: UnaryOptions = {}): OpCase[] {
  const input = (shape: readonly number[]): InputSpec => ({ shape: [...shape], fill, range });
  const cases: OpCase[] = [
    ...ELEMENTWISE_SHAPES.map((shape) => ({ attrs: required, inputs: { x: input(shape) } })),
    ...attrs.map((variant) => ({ attrs: variant, inputs: { x: input([5, 13]) } })),
  ];
  if (big) {
    const inputs = { x: input([70001, 3]) };
    cases.push({ name: 'more than 65,535 rows', attrs: required, inputs, gradient: false });
  }
  if (special) {
    const x = { shape: [special.length], values: special };
    cases.push({ name: 'special values', attrs: required, inputs: { x }, gradient: false });
  }
  return gradient === false ? cases.map((c) => ({ ...c, gradient: false })) : cases;
}

/** A reference with further cases at the end of its list. */
export const withCases = (reference: Reference, ...cases: OpCase[]): Reference => ({
  ...reference,
  cases: [...reference.cases, ...cases],
});

/** The same cases with `gradient: false`, for ops that have no gradient. */
export function withoutGradient(cases: OpCase[]): OpCase[] {
  return cases.map((c) => ({ ...c, gradient: false }));
}

/** Whole numbers, and masks too, in a case each. */
export const wholeCases = (attrs: Record<string, unknown>): OpCase[] => [
  {
    name: 'whole numbers',
    attrs,
    inputs: { x: { shape: [3, 5], dtype: 'i32', range: [-4, 5] } },
    gradient: false,
  },
  { name: 'masks', attrs, inputs: { x: { shape: [3, 5], dtype: 'bool' } }, gradient: false },
];

/** Cases of the reductions: which dims, how long, and the values where each is special. */
import { withoutGradient } from './cases';
import type { InputSpec, OpCase } from './types';

type Fill = Omit<Exclude<InputSpec, number[]>, 'shape'>;

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];

const over = (shape: number[], attrs?: Record<string, unknown>, fill?: Fill): OpCase => ({
  attrs,
  inputs: { x: { shape, ...fill } },
});

/** Everything at once, or a single dim, of ordinary values. */
export function oneDimCases(fill?: Fill): OpCase[] {
  return [
    over([1], undefined, fill),
    { name: '0-d', ...over([], undefined, fill) },
    { name: '0-d over its only dim', ...over([], { dim: 0 }, fill) },
    over([7], { dim: 0 }, fill),
    over([2, 3, 5], undefined, fill),
    over([2, 3, 5], { dim: 0 }, fill),
    over([2, 3, 5], { dim: 1 }, fill),
    over([2, 3, 5], { dim: -1, keepdim: true }, fill),
    over([2, 1, 3, 2, 2], { dim: -3, keepdim: true }, fill),
    { name: 'dim of size 1', ...over([3, 1, 2], { dim: 1 }, fill) },
    over([257], undefined, fill),
    over([5, 67, 7], { dim: 1 }, fill),
    over([130, 3], { dim: 1 }, fill),
    { name: 'no rows to reduce', ...over([0, 3], { dim: 1 }, fill) },
  ];
}

/** The same, and several dims. */
export function manyDimCases(fill?: Fill): OpCase[] {
  return [
    ...oneDimCases(fill),
    over([2, 3, 5], { dim: [0, 2] }, fill),
    over([2, 3, 5], { dim: [-1, 0], keepdim: true }, fill),
    over([2, 3, 2, 3, 2], { dim: [1, 3] }, fill),
    over([2, 3, 2, 3, 2], { dim: [0, 2, 4], keepdim: true }, fill),
    over([3, 5], { dim: [0, 1] }, fill),
    { name: 'all dims kept', ...over([3, 5], { dim: null, keepdim: true }, fill) },
    over([2, 3, 7, 5], { dim: [0, 2, 3] }, fill),
  ];
}

/** Long lanes, many lanes, no values at all, and values that are not finite. */
export function cornerCases(fill?: Fill): OpCase[] {
  return [
    { name: 'long rows', ...over([2, 1031], { dim: 1 }, fill) },
    { name: 'long columns', ...over([1031, 3], { dim: 0 }, fill) },
    ...largeCases(fill),
    { name: 'nothing to reduce', ...over([0, 3], { dim: 0 }, fill) },
    nonFinite(),
  ];
}

function largeCases(fill?: Fill): OpCase[] {
  return withoutGradient([
    { name: 'more than 65,535 rows', ...over([70001, 3], { dim: 1 }, fill) },
    { name: 'columns of more than 65,535', ...over([70001, 3], { dim: 0 }, fill) },
    { name: 'everything of a large tensor', ...over([300007], undefined, fill) },
  ]);
}

function nonFinite(): OpCase {
  const values = [...NON_FINITE, 1, 'Infinity', 2, 1, 2, '-Infinity', 0, '-0', 0];
  return {
    name: 'NaN and infinities',
    attrs: { dim: 1 },
    inputs: { x: { shape: [4, 3], values } },
    gradient: false,
  };
}

/** Near 1, so that long products neither vanish nor overflow. */
const NEAR_ONE: Fill = { fill: 'uniform', range: [0.8, 1.25] };

export function prodCases(): OpCase[] {
  const zeros = [2, 0, 3, 0, -1, 0, 4, 5, -6];
  return [
    ...oneDimCases(NEAR_ONE),
    ...cornerCases(NEAR_ONE),
    { name: 'one and two zeros', ...over([3, 3], { dim: 1 }, { values: zeros }) },
    { name: 'a zero among all', ...over([4], undefined, { values: [2, -3, 0, 4] }) },
    { name: 'nothing gives 1', ...over([0]) },
  ];
}

/** No two values near each other, except where ties are the point. */
export function extremumCases(): OpCase[] {
  const distinct: Fill = { fill: 'distinct' };
  return [
    ...manyDimCases(distinct),
    ...cornerCases(distinct).filter(({ name }) => name !== 'nothing to reduce'),
    { name: 'ties of two share the gradient', ...over([2, 3], { dim: 1 }, { values: [3, 1, 3, -2, -2, 5] }) },
    {
      name: 'ties of three, of which differences see one at a time',
      ...over([4], undefined, { values: [1, 1, 1, 1] }),
      gradient: false,
    },
  ];
}

export function varianceCases(): OpCase[] {
  return [
    // A single value has no unbiased variance: those cases get correction 0.
    ...manyDimCases().map((c) => {
      const single =
        ['0-d', '0-d over its only dim', 'dim of size 1'].includes(c.name ?? '') || c.attrs === undefined;
      return single ? { ...c, attrs: { ...c.attrs, correction: 0 } } : c;
    }),
    ...cornerCases(),
    over([2, 3, 5], { dim: [1, 2], correction: 0 }),
    over([4, 6], { dim: 1, correction: 2 }),
    over([3, 7]),
    { name: 'a mean far from 0', ...over([2, 257], { dim: 1 }, { fill: 'uniform', range: [100, 101] }) },
    { name: 'equal values', ...over([2, 4], { dim: 1 }, { values: [2, 2, 2, 2, -1, -1, -1, -1] }) },
    { name: 'one value without correction 0 is NaN', ...over([1]), gradient: false },
  ];
}

export function logsumexpCases(): OpCase[] {
  const values = [1e4, 9999, 1e4, -1e4, -1e4, -10001, 1e4, -1e4, 0];
  const masked = ['-Infinity', 1, 2, '-Infinity', '-Infinity', 3];
  return [
    ...manyDimCases(),
    ...cornerCases(),
    { name: 'huge values', ...over([3, 3], { dim: 1 }, { values }) },
    { name: '-Infinity as a mask', ...over([2, 3], { dim: 1 }, { values: masked }) },
    {
      name: '-Infinity only',
      ...over([2], undefined, { values: ['-Infinity', '-Infinity'] }),
      gradient: false,
    },
  ];
}

export function normCases(): OpCase[] {
  const fill: Fill = { fill: 'awayFromZero' };
  const byPower = [1, 0.5, 3, 0].flatMap((p) => [
    over([3, 7], { p, dim: 1 }, fill),
    over([2, 3, 5], { p }, fill),
  ]);
  const distinct: Fill = { fill: 'distinct', range: [0.5, 3] };
  return [
    ...manyDimCases(),
    ...cornerCases(),
    ...byPower,
    over([3, 7], { p: 'inf', dim: 1 }, distinct),
    over([2, 3, 5], { p: 'inf', dim: [0, 2], keepdim: true }, distinct),
    over([3, 7], { p: '-inf', dim: 0 }, distinct),
    { name: 'zeros have norm 0 and gradient 0', ...over([2, 3], { dim: 1 }, { values: [0, 0, 0, 1, 2, 3] }) },
    {
      name: 'zeros with p = 1 and their kink',
      ...over([2, 2], { p: 1 }, { values: [0, 0, 1, -2] }),
    },
  ];
}

export function truthCases(): OpCase[] {
  const mostly = (p: number): Fill => ({ fill: 'integer', range: [0, p] });
  const mask: Fill = { dtype: 'bool' };
  return withoutGradient([
    ...manyDimCases(mostly(2)),
    ...cornerCases(mostly(2)),
    over([5, 3], { dim: 1 }, mask),
    over([257], undefined, { dtype: 'bool', range: [1, 2] }),
    over([257], undefined, { dtype: 'bool', range: [0, 1] }),
    { name: 'nothing', ...over([0], undefined, mask) },
  ]);
}

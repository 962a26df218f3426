/** Cases of the ops that order values. Values are distinct, so that differences do not cross a tie. */
import { withoutGradient } from './cases';
import { oneDimCases } from './reduction.cases';
import type { OpCase } from './types';

const along = (shape: number[], attrs?: Record<string, unknown>): OpCase => ({
  attrs,
  inputs: { x: { shape, fill: 'distinct' } },
});

const LONG: OpCase[] = [
  { name: 'long rows', ...along([2, 1031], { dim: 1 }) },
  { name: 'long columns', ...along([1031, 3], { dim: 0 }) },
  { name: 'more than 65,535 rows', ...along([70001, 3], { dim: 1 }), gradient: false },
  { name: 'columns of more than 65,535', ...along([70001, 3], { dim: 0 }), gradient: false },
];

/** Rows with NaN, infinities and ties. */
const SPECIAL_ROWS: OpCase['inputs'] = {
  x: {
    shape: [5, 4],
    values: [
      ...[1, 'NaN', 3, 'NaN'],
      ...['-Infinity', 'Infinity', 0, 'Infinity'],
      ...['-Infinity', '-Infinity', '-Infinity', '-Infinity'],
      ...[2, 5, 5, 2],
      ...[0, 1, -1, 0],
    ],
  },
};

export const maxCases: OpCase[] = [
  ...oneDimCases({ fill: 'distinct' }),
  ...LONG,
  { name: 'everything of a large tensor', ...along([300007]), gradient: false },
  { name: 'NaN wins, the first of equals', attrs: { dim: 1 }, inputs: SPECIAL_ROWS, gradient: false },
  {
    name: 'two equal extremes of everything share the gradient',
    inputs: { x: { shape: [6], values: [4, -3, 1, 4, -3, 0] } },
  },
];

export const argCases: OpCase[] = withoutGradient([
  ...oneDimCases({ fill: 'distinct' }),
  ...LONG,
  { name: 'everything of a large tensor', ...along([300007]) },
  { name: 'NaN wins, the first of equals', attrs: { dim: 1 }, inputs: SPECIAL_ROWS },
  { name: 'first of equals', inputs: { x: { shape: [6], values: [4, -3, 1, 4, -3, 0] } } },
]);

const SORTED_SHAPES: OpCase[] = [
  along([1]),
  { name: '0-d', ...along([]) },
  along([7]),
  along([2, 3, 5]),
  along([5, 3], { dim: 0 }),
  along([2, 7, 3], { dim: 1 }),
  along([2, 3, 2, 5, 2], { dim: -2 }),
  along([3, 65]),
  along([257]),
  { name: 'long rows', ...along([2, 1031]) },
  { name: 'no rows', ...along([0, 3]) },
  { name: 'dim of size 1', ...along([4, 1]) },
];

export const sortCases: OpCase[] = [
  ...SORTED_SHAPES,
  along([3, 65], { descending: true }),
  along([4, 3, 5], { dim: 0, descending: true }),
  {
    name: 'ties keep their order',
    inputs: { x: { shape: [3, 67], fill: 'integer', range: [0, 4] } },
    gradient: false,
  },
  {
    name: 'ties keep their order, descending',
    attrs: { descending: true },
    inputs: { x: { shape: [3, 67], fill: 'integer', range: [0, 4] } },
    gradient: false,
  },
  { name: 'NaN last', inputs: SPECIAL_ROWS, gradient: false },
  { name: 'NaN first', attrs: { descending: true }, inputs: SPECIAL_ROWS, gradient: false },
  { name: 'more than 65,535 rows', ...along([70001, 3]), gradient: false },
  { name: 'a row of more than 65,535', ...along([2, 70001]), gradient: false },
];

const NAN_ROWS: OpCase['inputs'] = {
  x: { shape: [2, 4], values: [1, 'NaN', 3, 2, 'Infinity', 0, '-Infinity', 5] },
};

export const topkCases: OpCase[] = [
  ...SORTED_SHAPES.map((c) => ({ ...c, attrs: { k: 1, ...c.attrs } })),
  along([7], { k: 3 }),
  along([7], { k: 7 }),
  along([2, 3, 5], { k: 2, dim: 1 }),
  along([5, 3], { k: 4, dim: 0, largest: false }),
  along([3, 65], { k: 10, largest: false }),
  along([2, 257], { k: 65 }),
  { name: 'NaN is the largest', attrs: { k: 2 }, inputs: NAN_ROWS, gradient: false },
  { name: 'NaN is not the smallest', attrs: { k: 3, largest: false }, inputs: NAN_ROWS, gradient: false },
  { name: 'more than 65,535 rows', ...along([70001, 3], { k: 2 }), gradient: false },
  { name: 'a row of more than 65,535', ...along([2, 70001], { k: 5 }), gradient: false },
];

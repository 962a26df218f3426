/** Reference references of the running sum and product along a dim. */
import { wholeCases } from './cases';
import { mapLanes } from './ndarray';
import type { InputSpec, OpCase, Reference } from './types';

type Fill = Omit<Exclude<InputSpec, number[]>, 'shape'>;

function scan(
  f: (total: number, value: number) => number,
  start: number,
  fill: Fill,
  extra: OpCase[],
): Reference {
  const along = (shape: number[], dim: number): OpCase => ({
    attrs: { dim },
    inputs: { x: { shape, ...fill } },
  });
  return {
    forward: ({ x }, { dim }) => ({
      y: mapLanes(x, dim, (lane) => {
        let total = start;
        return lane.map((value) => (total = f(total, value)));
      }),
    }),
    cases: [
      along([1], 0),
      { name: '0-d', ...along([], 0) },
      along([7], 0),
      along([2, 3, 5], 0),
      along([2, 3, 5], 1),
      along([2, 3, 5], -1),
      along([2, 3, 2, 5, 2], -2),
      { name: 'dim of size 1', ...along([3, 1, 2], 1) },
      along([257], 0),
      along([3, 67, 5], 1),
      { name: 'long rows', ...along([2, 1031], 1) },
      { name: 'long columns', ...along([1031, 3], 0) },
      { name: 'nothing to add up', ...along([0, 3], 0) },
      { name: 'no rows', ...along([0, 3], 1) },
      { name: 'more than 65,535 rows', ...along([70001, 3], 1), gradient: false },
      { name: 'columns of more than 65,535', ...along([70001, 3], 0), gradient: false },
      {
        name: 'NaN and infinities reach all that follows',
        attrs: { dim: 1 },
        inputs: {
          x: {
            shape: [3, 4],
            values: [1, 'NaN', 2, 3, 1, 'Infinity', 2, '-Infinity', '-0', 1, '-Infinity', 2],
          },
        },
        gradient: false,
      },
      ...extra,
    ],
  };
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  cumsum: scan((total, value) => total + value, 0, {}, wholeCases({ dim: 1 })),
  // Near 1, so that long products neither vanish nor overflow.
  cumprod: scan((total, value) => total * value, 1, { fill: 'uniform', range: [0.95, 1.05] }, [
    { name: 'signs', attrs: { dim: 1 }, inputs: { x: [3, 5] } },
    ...wholeCases({ dim: 0 }),
    {
      name: 'one and two zeros',
      attrs: { dim: 1 },
      inputs: { x: { shape: [3, 4], values: [2, 0, 3, 4, 0, -1, 0, 5, 1, 2, -3, 0] } },
    },
  ]),
};

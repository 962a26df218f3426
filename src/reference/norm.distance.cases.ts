/** The cases on which normalize, cosineSimilarity and pairwiseDistance are tested. */
import type { InputSpec, OpCase } from './types';

/** Values whose absolute value has no kink nearby. */
function nonzero(...shape: number[]): InputSpec {
  return { shape, fill: 'awayFromZero' };
}

/** Cases of normalize. */
export const normalizeCases: OpCase[] = [
  { inputs: { x: [4, 6] } },
  { attrs: { dim: -1 }, inputs: { x: [2, 3, 7] } },
  { attrs: { dim: 0 }, inputs: { x: [5] } },
  { inputs: { x: [2, 3, 4, 2] } },
  { attrs: { p: 1 }, inputs: { x: nonzero(3, 5) } },
  { attrs: { p: 3, dim: 2 }, inputs: { x: nonzero(2, 3, 4) } },
  { attrs: { p: 'inf' }, inputs: { x: { shape: [3, 5], fill: 'distinct', range: [0.3, 4] } } },
  { name: 'one of everything', inputs: { x: nonzero(1, 1) } },
  { name: 'eps above the norm', attrs: { eps: 100 }, inputs: { x: nonzero(3, 4) } },
  { name: 'beyond a workgroup', inputs: { x: [2, 263] } },
  {
    name: 'a row of zeros, where the norm has a kink',
    gradient: false,
    inputs: { x: { shape: [2, 3], values: [0, 0, 0, 1, -2, 3] } },
  },
  {
    name: 'NaN spoils its row alone',
    gradient: false,
    inputs: { x: { shape: [2, 3], values: [1, 'NaN', 2, 1, -2, 3] } },
  },
];

/** Cases of cosineSimilarity. */
export const cosineSimilarityCases: OpCase[] = [
  { inputs: { x1: [4, 6], x2: [4, 6] } },
  { attrs: { dim: -1 }, inputs: { x1: [2, 3, 7], x2: [2, 3, 7] } },
  { inputs: { x1: [2, 5, 3, 2], x2: [2, 5, 3, 2] } },
  { name: 'broadcast', attrs: { dim: 2 }, inputs: { x1: [3, 1, 5], x2: [1, 4, 5] } },
  { attrs: { dim: 0 }, inputs: { x1: [11], x2: [11] } },
  { name: 'one of everything', inputs: { x1: nonzero(1, 1), x2: nonzero(1, 1) } },
  { name: 'eps above the norms', attrs: { eps: 50 }, inputs: { x1: [3, 4], x2: [3, 4] } },
  { name: 'beyond a workgroup', inputs: { x1: [2, 263], x2: [2, 263] } },
  {
    name: 'a vector of zeros, where the norm has a kink',
    gradient: false,
    inputs: { x1: { shape: [2, 2], values: [0, 0, 3, 4] }, x2: { shape: [2, 2], values: [1, 2, 6, 8] } },
  },
];

/** Cases of pairwiseDistance. */
export const pairwiseDistanceCases: OpCase[] = [
  { inputs: { x1: [4, 6], x2: [4, 6] } },
  {
    attrs: { p: 1 },
    inputs: { x1: nonzero(3, 5), x2: { shape: [3, 5], fill: 'uniform', range: [-0.1, 0.1] } },
  },
  { attrs: { p: 3, keepdim: true }, inputs: { x1: [3, 5], x2: [3, 5] } },
  {
    attrs: { p: 'inf' },
    inputs: {
      x1: { shape: [3, 5], fill: 'distinct', range: [1, 4] },
      x2: { shape: [3, 5], fill: 'uniform', range: [-0.02, 0.02] },
    },
  },
  { attrs: { eps: 0.5 }, inputs: { x1: [2, 7], x2: [2, 7] } },
  { name: 'broadcast', inputs: { x1: [4, 6], x2: [6] } },
  { inputs: { x1: [11], x2: [11] } },
  { name: 'three dims', inputs: { x1: [2, 3, 5], x2: [2, 3, 5] } },
  { name: 'one of everything', inputs: { x1: nonzero(1, 1), x2: { shape: [1, 1], values: [0.05] } } },
  { name: 'beyond a workgroup', inputs: { x1: [2, 263], x2: [2, 263] } },
  {
    name: 'equal vectors leave eps alone',
    gradient: false,
    inputs: { x1: { shape: [1, 3], values: [1, 2, 3] }, x2: { shape: [1, 3], values: [1, 2, 3] } },
  },
];

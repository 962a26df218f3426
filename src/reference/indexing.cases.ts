/** The cases on which the indexing ops are tested: repeated indices, empty indices, negative dims, padding rows. */
import type { InputSpec, OpCase } from './types';

/** Random indices below `n`; with more indices than `n`, some repeat. */
const indices = (shape: number[], n: number): InputSpec => ({ shape, dtype: 'i32', range: [0, n] });
/** The given indices. */
const exactly = (shape: number[], values: number[]): InputSpec => ({ shape, dtype: 'i32', values });

/** Cases that scatter and scatterAdd share: no index twice, so that the order of writing does not matter. */
const scatterCases: OpCase[] = [
  { attrs: { dim: 0 }, inputs: { x: [5], index: exactly([3], [4, 0, 2]), src: [3] } },
  { attrs: { dim: 0 }, inputs: { x: [4, 3], index: exactly([2, 3], [0, 1, 2, 3, 0, 1]), src: [2, 3] } },
  { attrs: { dim: -1 }, inputs: { x: [2, 7], index: exactly([2, 3], [6, 0, 3, 1, 2, 5]), src: [2, 3] } },
  { attrs: { dim: 1 }, inputs: { x: [3, 2, 2], index: exactly([1, 2, 1], [1, 0]), src: [1, 2, 1] } },
  { attrs: { dim: 0 }, inputs: { x: [1], index: exactly([1], [0]), src: [1] } },
  { name: 'no indices', attrs: { dim: 0 }, inputs: { x: [3, 2], index: exactly([0, 2], []), src: [0, 2] } },
  {
    name: 'src larger than index',
    attrs: { dim: 1 },
    inputs: { x: [2, 4], index: exactly([2, 2], [0, 3, 2, 1]), src: [3, 5] },
  },
];

/** Cases by canonical op name. */
export const cases: Record<string, OpCase[]> = {
  gather: [
    { attrs: { dim: 0 }, inputs: { x: [5], index: indices([7], 5) } },
    { attrs: { dim: 0 }, inputs: { x: [3, 4], index: indices([5, 4], 3) } },
    { attrs: { dim: -1 }, inputs: { x: [3, 7], index: indices([3, 2], 7) } },
    {
      name: 'index smaller than x',
      attrs: { dim: 1 },
      inputs: { x: [3, 5, 4], index: indices([2, 6, 3], 5) },
    },
    { attrs: { dim: 2 }, inputs: { x: [2, 1, 3, 2, 2], index: indices([2, 1, 4, 1, 2], 3) } },
    { name: 'one element many times', attrs: { dim: 0 }, inputs: { x: [1], index: indices([67], 1) } },
    { name: '0-d', attrs: { dim: 0 }, inputs: { x: [], index: indices([], 1) } },
    { name: 'no indices', attrs: { dim: 1 }, inputs: { x: [2, 3], index: indices([2, 0], 3) } },
    { name: 'long lines', attrs: { dim: 0 }, inputs: { x: [130, 70], index: indices([50, 70], 130) } },
    {
      name: 'long lines, index smaller than x',
      attrs: { dim: 1 },
      inputs: { x: [5, 9, 90], index: indices([4, 40, 80], 9) },
    },
  ],
  scatterAdd: [
    ...scatterCases,
    { name: 'repeated', attrs: { dim: 0 }, inputs: { x: [3], index: indices([11], 3), src: [11] } },
    { name: 'repeated', attrs: { dim: 1 }, inputs: { x: [3, 2], index: indices([3, 7], 2), src: [3, 7] } },
    {
      name: 'all into one',
      attrs: { dim: 0 },
      inputs: { x: [1, 2], index: indices([65, 2], 1), src: [65, 2] },
    },
    {
      name: 'repeated',
      attrs: { dim: -2 },
      inputs: { x: [2, 3, 4], index: indices([2, 5, 3], 3), src: [2, 5, 3] },
    },
    {
      name: 'long lines, src larger and index smaller than x',
      attrs: { dim: 1 },
      inputs: { x: [3, 5, 40], index: indices([2, 67, 30], 5), src: [2, 70, 40] },
    },
  ],
  scatter: [
    ...scatterCases,
    { attrs: { dim: 1, value: 2.5 }, inputs: { x: [3, 4], index: indices([3, 2], 4) } },
    {
      name: 'sums of whole numbers, which are exact',
      attrs: { dim: -1, reduce: 'add' },
      inputs: {
        x: { shape: [2, 3], fill: 'integer', range: [-4, 5] },
        index: indices([2, 5], 3),
        src: { shape: [2, 5], fill: 'integer', range: [-4, 5] },
      },
    },
  ],
  indexCopy: [
    { attrs: { dim: 0 }, inputs: { x: [5, 3], index: exactly([3], [4, 0, 2]), source: [3, 3] } },
    { attrs: { dim: -1 }, inputs: { x: [2, 3, 4], index: exactly([2], [3, 1]), source: [2, 3, 2] } },
  ],
  indexFill: [
    { attrs: { dim: 0, value: 0 }, inputs: { x: [5, 3], index: exactly([3], [4, 0, 4]) } },
    { attrs: { dim: -2, value: -1.5 }, inputs: { x: [2, 3, 4], index: exactly([1], [1]) } },
  ],
  take: [
    { inputs: { x: [3, 4], index: indices([2, 5], 12) } },
    { inputs: { x: [7], index: indices([], 7) } },
  ],
  indexAdd: [
    { attrs: { dim: 0 }, inputs: { x: [5, 3], index: exactly([3], [4, 0, 2]), source: [3, 3] } },
    { name: 'repeated', attrs: { dim: 0 }, inputs: { x: [3], index: indices([11], 3), source: [11] } },
    { attrs: { dim: -1, alpha: -0.5 }, inputs: { x: [2, 3, 4], index: indices([6], 4), source: [2, 3, 6] } },
    {
      attrs: { dim: 1, alpha: 2 },
      inputs: { x: [3, 2, 2, 2], index: indices([5], 2), source: [3, 5, 2, 2] },
    },
    { attrs: { dim: 0 }, inputs: { x: [1], index: indices([1], 1), source: [1] } },
    { name: 'no indices', attrs: { dim: 0 }, inputs: { x: [3, 2], index: indices([0], 3), source: [0, 2] } },
    {
      name: 'many indices',
      attrs: { dim: 1, alpha: -3 },
      inputs: { x: [2, 7, 30], index: indices([101], 7), source: [2, 101, 30] },
    },
  ],
  indexSelect: [
    { attrs: { dim: 0 }, inputs: { x: [5, 3], index: exactly([3], [4, 0, 2]) } },
    { name: 'repeated', attrs: { dim: 0 }, inputs: { x: [3], index: indices([11], 3) } },
    { attrs: { dim: -1 }, inputs: { x: [2, 3, 7], index: indices([5], 7) } },
    { attrs: { dim: 1 }, inputs: { x: [2, 3, 1, 2, 2], index: indices([4], 3) } },
    { attrs: { dim: 0 }, inputs: { x: [1], index: indices([1], 1) } },
    { name: '0-d', attrs: { dim: 0 }, inputs: { x: [], index: indices([1], 1) } },
    { name: 'no indices', attrs: { dim: 1 }, inputs: { x: [2, 3], index: indices([0], 3) } },
    { name: 'many indices', attrs: { dim: 1 }, inputs: { x: [3, 500, 3], index: indices([67], 500) } },
  ],
  takeAlongDim: [
    { attrs: { dim: 0 }, inputs: { x: [5], index: indices([7], 5) } },
    { attrs: { dim: 1 }, inputs: { x: [3, 4], index: indices([3, 2], 4) } },
    { name: 'index broadcast', attrs: { dim: -1 }, inputs: { x: [3, 2, 5], index: indices([1, 2, 4], 5) } },
    { name: 'x broadcast', attrs: { dim: 0 }, inputs: { x: [4, 1], index: indices([2, 3], 4) } },
    { name: 'over all elements', inputs: { x: [2, 3], index: indices([5], 6) } },
    { attrs: { dim: 0 }, inputs: { x: [1], index: indices([1], 1) } },
  ],
  oneHot: [
    { attrs: { numClasses: 5 }, inputs: { x: indices([7], 5) } },
    { attrs: { numClasses: 3 }, inputs: { x: indices([2, 3], 3) } },
    { attrs: { numClasses: 1 }, inputs: { x: indices([1], 1) } },
    { attrs: { numClasses: 67 }, inputs: { x: indices([2, 1, 3], 67) } },
    { name: '0-d', attrs: { numClasses: 4 }, inputs: { x: indices([], 4) } },
    { name: 'empty', attrs: { numClasses: 4 }, inputs: { x: indices([0, 2], 4) } },
  ].map((opCase) => ({ ...opCase, gradient: false })),
  maskedFill: [
    { attrs: { value: 0 }, inputs: { x: [7], mask: { shape: [7], dtype: 'bool' } } },
    { attrs: { value: -1.5 }, inputs: { x: [2, 3, 5], mask: { shape: [2, 3, 5], dtype: 'bool' } } },
    {
      name: 'mask broadcast',
      attrs: { value: 2 },
      inputs: { x: [2, 3, 5], mask: { shape: [3, 1], dtype: 'bool' } },
    },
    {
      name: 'x broadcast',
      attrs: { value: 2 },
      inputs: { x: [3, 1], mask: { shape: [2, 1, 4], dtype: 'bool' } },
    },
    { attrs: { value: 3 }, inputs: { x: [1], mask: { shape: [1], dtype: 'bool', values: [1] } } },
    { name: '0-d', attrs: { value: 3 }, inputs: { x: [], mask: { shape: [], dtype: 'bool', values: [0] } } },
    {
      name: 'attention mask: infinite values have no differences',
      attrs: { value: '-Infinity' },
      inputs: { x: [2, 3], mask: { shape: [2, 3], dtype: 'bool' } },
      gradient: false,
    },
    {
      name: 'NaN under the mask disappears',
      attrs: { value: 1 },
      inputs: {
        x: { shape: [3], values: ['NaN', 2, 'NaN'] },
        mask: { shape: [3], dtype: 'bool', values: [1, 0, 0] },
      },
      gradient: false,
    },
    { name: 'empty', attrs: { value: 1 }, inputs: { x: [0, 3], mask: { shape: [1, 3], dtype: 'bool' } } },
  ],
  embedding: [
    { inputs: { x: indices([5], 7), weight: [7, 3] } },
    { name: 'repeated', inputs: { x: indices([3, 7], 4), weight: [4, 5] } },
    { inputs: { x: indices([2, 3, 2], 11), weight: [11, 1] } },
    { inputs: { x: indices([1], 1), weight: [1, 1] } },
    { name: 'one row many times', inputs: { x: indices([131], 1), weight: [1, 2] } },
    { name: '0-d', inputs: { x: indices([], 3), weight: [3, 4] } },
    { name: 'no indices', inputs: { x: indices([2, 0], 3), weight: [3, 4] } },
    {
      name: 'paddingIdx not used: its row has no gradient anyway',
      attrs: { paddingIdx: 0 },
      inputs: { x: exactly([4], [1, 3, 1, 2]), weight: [5, 3] },
    },
    {
      name: 'paddingIdx used: differences of the values do not see that its row has no gradient, the golden does',
      attrs: { paddingIdx: 2 },
      inputs: { x: exactly([2, 4], [2, 0, 2, 1, 1, 2, 3, 1]), weight: [5, 3] },
      gradient: false,
    },
    {
      name: 'negative paddingIdx counts from the end',
      attrs: { paddingIdx: -1 },
      inputs: { x: exactly([5], [4, 0, 4, 1, 0]), weight: [5, 2] },
      gradient: false,
    },
    { name: 'a large table', inputs: { x: indices([5, 15], 700), weight: [700, 24] } },
    { name: 'a table of thousands of rows', inputs: { x: indices([40], 4099), weight: [4099, 2] } },
  ],
};

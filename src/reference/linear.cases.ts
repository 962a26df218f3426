/**
 * Cases of the matrix and vector products. Sizes 1, 17, 33, 65 and 130 are below, across and beyond the tiles of
 * a blocked kernel, and no multiples of 4.
 */
import type { OpCase } from './types';

const product = (x: number[], other: number[], attrs?: Record<string, unknown>): OpCase => ({
  attrs,
  inputs: { x, other },
});

const EMPTY_PRODUCTS: OpCase[] = [
  { name: 'no rows', ...product([0, 3], [3, 2]) },
  { name: 'an empty inner dim gives zeros', ...product([3, 0], [0, 4]) },
];

export const mmCases: OpCase[] = [
  product([1, 1], [1, 1]),
  product([3, 5], [5, 7]),
  product([17, 33], [33, 17]),
  product([1, 130], [130, 1]),
  product([33, 1], [1, 17]),
  product([65, 130], [130, 33]),
  product([3, 1031], [1031, 2]),
  ...EMPTY_PRODUCTS,
];

export const bmmCases: OpCase[] = [
  product([1, 1, 1], [1, 1, 1]),
  product([3, 2, 5], [3, 5, 4]),
  product([2, 17, 33], [2, 33, 17]),
  product([5, 1, 7], [5, 7, 1]),
  product([2, 65, 33], [2, 33, 70]),
  { name: 'no batch', ...product([0, 2, 3], [0, 3, 2]) },
  { name: 'more than 65,535 matrices', ...product([70001, 1, 2], [70001, 2, 1]), gradient: false },
];

const TRANSPOSED: OpCase[] = [
  product([33, 17], [33, 65], { transposeA: true }),
  product([17, 33], [65, 33], { transposeB: true }),
  product([33, 17], [65, 33], { transposeA: true, transposeB: true }),
  product([2, 3, 5, 4], [2, 3, 5, 6], { transposeA: true }),
  product([2, 3, 4, 5], [6, 5], { transposeB: true }),
  product([3, 5, 4], [2, 1, 6, 5], { transposeA: true, transposeB: true }),
];

export const matmulCases: OpCase[] = [
  ...mmCases,
  ...TRANSPOSED,
  { name: 'vector times vector', ...product([7], [7]) },
  { name: 'vector times matrix', ...product([5], [5, 3]) },
  { name: 'matrix times vector', ...product([3, 65], [65]) },
  { name: 'vector times batch', ...product([5], [2, 3, 5, 4]) },
  { name: 'batch times vector', ...product([2, 3, 4, 5], [5]) },
  { name: 'batch times matrix', ...product([2, 3, 4, 5], [5, 6]) },
  { name: 'matrix times batch', ...product([4, 5], [3, 5, 2]) },
  { name: 'batches that broadcast both ways', ...product([2, 1, 4, 5], [3, 5, 2]) },
  { name: 'batches of rank 5', ...product([2, 1, 2, 3, 4], [1, 3, 2, 4, 2]) },
  { name: 'batches of equal shape', ...product([3, 17, 33], [3, 33, 5]) },
  { name: 'more than 65,535 rows', ...product([70001, 3], [3, 2]), gradient: false },
  { name: 'a large square', ...product([257, 259], [259, 261]), gradient: false },
];

const linear = (x: number[], outputs: number, withBias = true): OpCase => {
  const weight = [outputs, x[x.length - 1]];
  return { inputs: withBias ? { x, weight, bias: [outputs] } : { x, weight } };
};

export const linearCases: OpCase[] = [
  linear([1, 1], 1),
  linear([4, 5], 3),
  linear([4, 5], 3, false),
  { name: 'one sample without a batch', ...linear([7], 3) },
  { name: 'one sample without a batch or bias', ...linear([7], 3, false) },
  linear([2, 3, 5], 4),
  linear([2, 3, 2, 2, 3], 5),
  linear([17, 33], 65),
  linear([65, 130], 17),
  linear([1, 130], 33),
  linear([130, 1], 1),
  { name: 'no samples', ...linear([0, 4], 3) },
  { name: 'more than 65,535 rows', ...linear([70001, 3], 2), gradient: false },
];

const addmm = (x: number[], mat1: number[], mat2: number[], attrs?: Record<string, unknown>): OpCase => ({
  attrs,
  inputs: { x, mat1, mat2 },
});

export const addmmCases: OpCase[] = [
  addmm([1, 1], [1, 1], [1, 1]),
  addmm([4, 3], [4, 5], [5, 3]),
  addmm([3], [4, 5], [5, 3], { beta: 0.5, alpha: -2 }),
  addmm([4, 1], [4, 5], [5, 3], { alpha: 0 }),
  addmm([], [4, 5], [5, 3], { beta: 2 }),
  addmm([17, 65], [17, 33], [33, 65]),
  {
    name: 'beta 0 keeps NaN of x out',
    attrs: { beta: 0 },
    inputs: { x: { shape: [2], values: ['NaN', 'Infinity'] }, mat1: [3, 2], mat2: [2, 2] },
    gradient: false,
  },
  { name: 'an empty inner dim leaves beta * x', ...addmm([2, 3], [2, 0], [0, 3], { beta: 3 }) },
];

const baddbmm = (
  x: number[],
  batch1: number[],
  batch2: number[],
  attrs?: Record<string, unknown>,
): OpCase => ({
  attrs,
  inputs: { x, batch1, batch2 },
});

export const baddbmmCases: OpCase[] = [
  baddbmm([1, 1, 1], [1, 1, 1], [1, 1, 1]),
  baddbmm([2, 4, 3], [2, 4, 5], [2, 5, 3]),
  baddbmm([3], [2, 4, 5], [2, 5, 3], { beta: 0.5, alpha: -2 }),
  baddbmm([2, 1, 1], [2, 4, 5], [2, 5, 3], { alpha: 0.25 }),
  baddbmm([4, 1], [2, 4, 5], [2, 5, 3], { beta: 2 }),
  baddbmm([2, 17, 33], [2, 17, 9], [2, 9, 33]),
  {
    name: 'beta 0 keeps NaN of x out',
    attrs: { beta: 0 },
    inputs: { x: { shape: [1], values: ['NaN'] }, batch1: [2, 3, 2], batch2: [2, 2, 2] },
    gradient: false,
  },
];

const equation = (text: string, ...tensors: number[][]): OpCase => ({
  attrs: { equation: text },
  inputs: { tensors },
});

export const einsumCases: OpCase[] = [
  equation('ij,jk->ik', [3, 5], [5, 4]),
  { name: 'output left out', ...equation('ij,jk', [3, 5], [5, 4]) },
  { name: 'output left out, alphabetical order', ...equation('ba', [3, 5]) },
  equation('bij,bjk->bik', [2, 3, 5], [2, 5, 4]),
  equation('bhid,bhjd->bhij', [2, 3, 4, 5], [2, 3, 6, 5]),
  { name: 'transposed output', ...equation('bij,bkj->kbi', [2, 3, 5], [2, 4, 5]) },
  { name: 'sum of everything', ...equation('ij->', [3, 7]) },
  { name: 'sum over a dim that only one operand has', ...equation('ij,k->k', [3, 5], [4]) },
  { name: 'diagonal', ...equation('ii->i', [5, 5]) },
  { name: 'trace', ...equation('ii', [5, 5]) },
  { name: 'outer product', ...equation('i,j->ij', [17], [33]) },
  { name: 'elementwise product', ...equation('ij,ij->ij', [4, 5], [4, 5]) },
  { name: 'permutation', ...equation('abcde->edcab', [2, 3, 1, 2, 3]) },
  { name: 'ellipsis and spaces', ...equation('...ij, ...jk -> ...ik', [2, 3, 4, 5], [3, 5, 2]) },
  { name: 'ellipsis with output left out', ...equation('i...,i', [3, 4, 2], [3]) },
  equation('ij,jk->ik', [65, 33], [33, 17]),
  { name: 'three operands', ...equation('bn,anm,bm->ba', [4, 3], [2, 3, 5], [4, 5]) },
];

export const dotCases: OpCase[] = [
  product([1], [1]),
  product([7], [7]),
  product([257], [257]),
  product([1031], [1031]),
  { name: 'no elements give 0', ...product([0], [0]) },
  { name: 'many elements', ...product([100003], [100003]), gradient: false },
];

export const outerCases: OpCase[] = [
  product([1], [1]),
  product([3], [5]),
  product([17], [33]),
  product([65], [7]),
  product([1], [130]),
  { name: 'no rows', ...product([0], [3]) },
  { name: 'more than 65,535 rows', ...product([70001], [3]), gradient: false },
];

const bilinear = (batch: number[], in1: number, in2: number, out: number, withBias = true): OpCase => {
  const inputs: OpCase['inputs'] = { x1: [...batch, in1], x2: [...batch, in2], weight: [out, in1, in2] };
  return { inputs: withBias ? { ...inputs, bias: [out] } : inputs };
};

export const bilinearCases: OpCase[] = [
  bilinear([1], 1, 1, 1),
  bilinear([4], 3, 5, 2),
  bilinear([4], 3, 5, 2, false),
  bilinear([2, 3], 5, 4, 3),
  bilinear([], 3, 2, 4),
  bilinear([9], 7, 5, 17),
  { name: 'no samples', ...bilinear([0], 3, 2, 2) },
];

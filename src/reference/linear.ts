/** Reference references of the matrix and vector products. */
import {
  addmmCases,
  baddbmmCases,
  bilinearCases,
  bmmCases,
  dotCases,
  einsumCases,
  linearCases,
  matmulCases,
  mmCases,
  outerCases,
} from './linear.cases';
import {
  forEachIndex,
  makeArray,
  mapElements,
  matmulNd,
  offsetOf,
  reshape,
  strides,
  swapDims,
} from './ndarray';
import type { NdArray, Reference } from './types';

const transpose = (x: NdArray): NdArray => (x.shape.length < 2 ? x : swapDims(x, -1, -2));

/** beta * x + alpha * product; with beta = 0 not even NaN of x gets through. */
function accumulate(x: NdArray, product: NdArray, { beta = 1, alpha = 1 }): NdArray {
  return mapElements((a, b) => (beta === 0 ? 0 : beta * a) + alpha * b, x, product);
}

/** Ellipsis dims get labels from here on, which no letter has; they align at the last one. */
const ELLIPSIS_LABEL = 1000;

/** The labels of the dims of one operand, letters as their character codes. */
function operandLabels(text: string, rank: number): number[] {
  const [before, after] = text.split('...');
  const codes = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0));
  if (after === undefined) return codes(before);
  const count = rank - before.length - after.length;
  // The last ellipsis dim has the highest label, whatever the count.
  const hidden = Array.from({ length: count }, (_, i) => ELLIPSIS_LABEL + 100 - count + i);
  return [...codes(before), ...hidden, ...codes(after)];
}

/** Without `->` the output has the ellipsis dims, then the letters that occur once, in alphabetical order. */
function outputLabels(text: string | undefined, operands: number[][]): number[] {
  const all = [...new Set(operands.flat())].sort((a, b) => a - b);
  const hidden = all.filter((label) => label >= ELLIPSIS_LABEL);
  if (text !== undefined) {
    const [before, after] = text.split('...');
    const codes = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0));
    return after === undefined ? codes(before) : [...codes(before), ...hidden, ...codes(after)];
  }
  const once = (label: number) => operands.flat().filter((other) => other === label).length === 1;
  return [...hidden, ...all.filter((label) => label < ELLIPSIS_LABEL && once(label))];
}

/** Sums the product of the operands over all labels that the output lacks, one multiplication at a time. */
function einsum(equation: string, tensors: NdArray[]): NdArray {
  const [left, right] = equation.replaceAll(' ', '').split('->');
  const operands = left.split(',').map((text, i) => operandLabels(text, tensors[i].shape.length));
  const output = outputLabels(right, operands);
  const summed = [...new Set(operands.flat())].filter((label) => !output.includes(label));
  const labels = [...output, ...summed];
  const sizes = labels.map((label) => {
    const found = operands.flatMap((dims, i) =>
      dims.flatMap((l, d) => (l === label ? [tensors[i].shape[d]] : [])),
    );
    return found.find((n) => n !== 1) ?? 1;
  });
  // A label that an operand has twice walks its diagonal: both strides add up. A dim of size 1 stands still.
  const stepsOf = (dims: number[], shape: readonly number[]): number[] => {
    const stride = strides(shape);
    return labels.map((label) =>
      dims.reduce((sum, l, d) => (l === label && shape[d] !== 1 ? sum + stride[d] : sum), 0),
    );
  };
  const result = makeArray(sizes.slice(0, output.length));
  const resultSteps = stepsOf(output, result.shape);
  const steps = operands.map((dims, i) => stepsOf(dims, tensors[i].shape));
  forEachIndex(sizes, (index) => {
    const product = tensors.reduce((value, { data }, i) => value * data[offsetOf(index, steps[i])], 1);
    result.data[offsetOf(index, resultSteps)] += product;
  });
  return result;
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  matmul: {
    forward({ x, other }, { transposeA = false, transposeB = false }) {
      return { y: matmulNd(transposeA ? transpose(x) : x, transposeB ? transpose(other) : other) };
    },
    cases: matmulCases,
  },
  linear: {
    forward({ x, weight, bias }) {
      const product = matmulNd(x, transpose(weight));
      return { y: bias ? mapElements((a, b) => a + b, product, bias) : product };
    },
    cases: linearCases,
  },
  bmm: { forward: ({ x, other }) => ({ y: matmulNd(x, other) }), cases: bmmCases },
  mm: { forward: ({ x, other }) => ({ y: matmulNd(x, other) }), cases: mmCases },
  addmm: {
    forward: ({ x, mat1, mat2 }, attrs) => ({ y: accumulate(x, matmulNd(mat1, mat2), attrs) }),
    cases: addmmCases,
  },
  baddbmm: {
    forward: ({ x, batch1, batch2 }, attrs) => ({ y: accumulate(x, matmulNd(batch1, batch2), attrs) }),
    cases: baddbmmCases,
  },
  einsum: { forward: ({ tensors }, { equation }) => ({ y: einsum(equation, tensors) }), cases: einsumCases },
  dot: { forward: ({ x, other }) => ({ y: matmulNd(x, other) }), cases: dotCases },
  outer: {
    forward: ({ x, other }) => ({ y: matmulNd(reshape(x, [-1, 1]), reshape(other, [1, -1])) }),
    cases: outerCases,
  },
  bilinear: {
    forward({ x1, x2, weight, bias }) {
      const y = einsum('...i,oij,...j->...o', [x1, weight, x2]);
      return { y: bias ? mapElements((a, b) => a + b, y, bias) : y };
    },
    cases: bilinearCases,
  },
};

/** Random cases of searches, of products of all elements, of quantization and of unpooling. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import { positionsIn } from '../unpool';
import {
  type Arbitraries,
  anyDim,
  casesOf,
  count,
  dimOf,
  distinct,
  indexOf,
  limited,
  oneOf,
  product,
  shapes,
  size,
} from './common';

/** Boundaries that do not fall, some of them equal. */
const boundaries = (drawn: number[]): number[] => [...drawn].sort((a, b) => a - b).map((n) => n / 4);
const drawn = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 12 });

const searchsorted = casesOf(
  { shape: shapes({ min: 1, max: 3, most: 100 }), drawn, own: fc.boolean(), right: fc.boolean() },
  ({ shape, drawn, own, right }): OpCase => {
    const rows = own ? product(shape.slice(0, -1)) : 1;
    const values = Array.from({ length: rows }, () => boundaries(drawn)).flat();
    const leading = own ? shape.slice(0, -1) : [];
    return {
      attrs: { right },
      inputs: { sortedSequence: { shape: [...leading, drawn.length], values }, x: shape },
      gradient: false,
    };
  },
);

const bucketize = casesOf(
  { shape: shapes({ max: 4, most: 200, empty: true }), drawn, right: fc.boolean() },
  ({ shape, drawn, right }): OpCase => ({
    attrs: { right },
    inputs: { x: shape, boundaries: { shape: [drawn.length], values: boundaries(drawn) } },
    gradient: false,
  }),
);

const kron = casesOf(
  { x: shapes({ max: 3, most: 20 }), other: shapes({ max: 3, most: 20 }) },
  ({ x, other }): OpCase => ({ inputs: { x, other } }),
);

const vectors = fc.array(count(5), { minLength: 1, maxLength: 4 });
const cartesianProd = casesOf(
  { vectors },
  ({ vectors }): OpCase => ({ inputs: { tensors: vectors.map((n) => [n]) } }),
);

const combinations = casesOf(
  { n: count(7), r: count(3), withReplacement: fc.boolean() },
  ({ n, ...attrs }): OpCase => ({ attrs, inputs: { x: [n] } }),
);

const blockDiag = casesOf(
  { list: fc.array(shapes({ max: 2, most: 20 }), { minLength: 1, maxLength: 4 }) },
  ({ list }): OpCase => ({ inputs: { tensors: list } }),
);

const columnStack = casesOf(
  { rows: count(9), list: fc.array(oneOf(0, 1, 3), { minLength: 1, maxLength: 4 }) },
  ({ rows, list }): OpCase => ({ inputs: { tensors: list.map((n) => (n === 0 ? [rows] : [rows, n])) } }),
);

const dstack = casesOf(
  { rows: count(5), columns: count(5), list: fc.array(oneOf(0, 1, 3), { minLength: 1, maxLength: 4 }) },
  ({ rows, columns, list }): OpCase => ({
    inputs: { tensors: list.map((n) => (n === 0 ? [rows, columns] : [rows, columns, n])) },
  }),
);

/** Scales and zero points, for all or per channel. */
function quantization(x: (shape: number[]) => InputSpec, differentiable: boolean) {
  return casesOf(
    { shape: shapes({ min: 1, max: 4 }), dim: anyDim, per: fc.boolean(), bits: oneOf(4, 8) },
    ({ shape, dim, per, bits }): OpCase => {
      const n = per ? shape[indexOf(dim, shape.length)] : 1;
      const limits = { quantMin: -(2 ** (bits - 1)), quantMax: 2 ** (bits - 1) - 1 };
      const axis = per ? { axis: dimOf(dim, shape.length) } : {};
      return {
        attrs: differentiable ? axis : { ...limits, ...axis },
        inputs: {
          x: x(shape),
          scale: {
            shape: [n],
            fill: 'uniform',
            range: [0.05, 0.7],
            ...(!differentiable && { differentiable: false }),
          },
          zeroPoint: { shape: [n], dtype: 'i32', range: [-5, 6] },
        },
        ...(!differentiable && { gradient: false }),
      };
    },
  );
}

function maxUnpool(rank: number) {
  return casesOf(
    {
      batch: count(2),
      channels: count(3),
      lengths: fc.array(count(4), { minLength: rank, maxLength: rank }),
      kernel: oneOf(2, 3),
    },
    ({ batch, channels, lengths, kernel }): OpCase => {
      const shape = [batch, channels, ...lengths];
      const indices = positionsIn(shape, rank, product(lengths.map((n) => n * kernel)));
      return { attrs: { kernelSize: kernel }, inputs: { x: shape, indices } };
    },
  );
}

function fractionalMaxPool(rank: number) {
  return casesOf(
    {
      batch: count(2),
      channels: count(3),
      lengths: fc.array(size(12), { minLength: rank, maxLength: rank }),
      kernel: count(3),
      share: count(4),
      returnIndices: fc.boolean(),
    },
    ({ batch, channels, lengths, kernel, share, returnIndices }): OpCase => {
      const sizes = limited(lengths, 200).map((n) => n + kernel);
      const outputSize = sizes.map((n) => Math.max(2, Math.floor(((n - kernel + 1) * share) / 4)));
      const samples: InputSpec = {
        ...{ shape: [batch, channels, rank], fill: 'uniform', range: [0.0137, 0.9871] },
        differentiable: false,
      };
      return {
        attrs: { kernelSize: kernel, outputSize, returnIndices },
        inputs: { x: distinct([batch, channels, ...sizes]), randomSamples: samples },
      };
    },
  );
}

/** Random cases of this family. */
export const search: Arbitraries = {
  searchsorted,
  bucketize,
  kron,
  cartesianProd,
  combinations,
  blockDiag,
  columnStack,
  dstack,
  quantize: quantization((shape) => shape, false),
  fakeQuantize: quantization((shape) => shape, false),
  dequantize: quantization((shape) => ({ shape, dtype: 'i32', range: [-128, 128] }), true),
  maxUnpool1d: maxUnpool(1),
  maxUnpool2d: maxUnpool(2),
  maxUnpool3d: maxUnpool(3),
  fractionalMaxPool2d: fractionalMaxPool(2),
  fractionalMaxPool3d: fractionalMaxPool(3),
};

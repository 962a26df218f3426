/** Float64 references of the layout ops and products that the library writes with others. */
import { power } from './binary';
import {
  build,
  mapElements,
  matmulNd,
  normalizeDim,
  offsetOf,
  reduceDims,
  reshape,
  strides,
  transposeDims,
} from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

const given = (inputs: OpCase['inputs'], attrs?: Record<string, unknown>): OpCase => ({ inputs, attrs });
const ofX = (x: InputSpec, attrs?: Record<string, unknown>) => given({ x }, attrs);
const positive = (shape: number[]): InputSpec => ({ shape, fill: 'uniform', range: [0, 1] });
const sumOf = (lane: ArrayLike<number>) => Array.from(lane).reduce((a, b) => a + b, 0);

/** The part of x in which each dim starts and ends where `range` says. */
function part(x: NdArray, dim: number, start: number, end: number): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const stride = strides(x.shape);
  const shape = x.shape.map((n, d) => (d === at ? Math.max(0, end - start) : n));
  return build(
    shape,
    (index) =>
      x.data[
        offsetOf(
          index.map((i, d) => (d === at ? i + start : i)),
          stride,
        )
      ],
  );
}

/** Outputs y0, y1 and so on. */
const list = (arrays: NdArray[]) => Object.fromEntries(arrays.map((array, i) => [`y${i}`, array]));

/** The arrays with the next ones below (or beside) them. */
export function stacked(tensors: NdArray[], rows: boolean): NdArray {
  const wide = tensors.map((x) => {
    const vector = x.shape.length === 0 ? reshape(x, [1]) : x;
    return rows && vector.shape.length === 1 ? reshape(vector, [1, vector.shape[0]]) : vector;
  });
  const dim = rows || wide[0].shape.length === 1 ? 0 : 1;
  const total = sumOf(wide.map(({ shape }) => shape[dim]));
  return build(
    wide[0].shape.map((n, d) => (d === dim ? total : n)),
    (index) => {
      let place = index[dim];
      const from = wide.findIndex(({ shape }) => {
        if (place < shape[dim]) return true;
        place -= shape[dim];
        return false;
      });
      return wide[from].data[
        offsetOf(
          index.map((i, d) => (d === dim ? place : i)),
          strides(wide[from].shape),
        )
      ];
    },
  );
}

function diagEmbed(x: NdArray, offset: number, dim1: number, dim2: number): NdArray {
  const rank = x.shape.length + 1;
  const [row, column] = [normalizeDim(dim1, rank), normalizeDim(dim2, rank)];
  const size = x.shape[rank - 2] + Math.abs(offset);
  const batch = x.shape.slice(0, -1);
  const shape = Array.from({ length: rank }, (_, d) => (d === row || d === column ? size : batch.shift()!));
  return build(shape, (index) => {
    if (index[column] - index[row] !== offset) return 0;
    const others = index.filter((_, d) => d !== row && d !== column);
    return x.data[offsetOf([...others, Math.min(index[row], index[column])], strides(x.shape))];
  });
}

function diagonal(x: NdArray, offset: number): NdArray {
  const [rows, columns] = x.shape;
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.max(0, Math.min(rows - row, columns - column));
  return build([length], ([i]) => x.data[(i + row) * columns + i + column]);
}

/** One quarter turn: y[i, j] = x[j, n - 1 - i] in the two dims. */
function turned(x: NdArray, [first, second]: number[]): NdArray {
  const shape = x.shape.map((n, d) => (d === first ? x.shape[second] : d === second ? x.shape[first] : n));
  return build(shape, (index) => {
    const from = [...index];
    from[first] = index[second];
    from[second] = x.shape[second] - 1 - index[first];
    return x.data[offsetOf(from, strides(x.shape))];
  });
}

function tensordot(a: NdArray, b: NdArray, dimsA: number[], dimsB: number[]): NdArray {
  const free = (x: NdArray, dims: number[]) => x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const [freeA, freeB] = [free(a, dimsA), free(b, dimsB)];
  const inner = dimsA.reduce((n, d) => n * a.shape[d], 1);
  const matrix = matmulNd(
    reshape(transposeDims(a, [...freeA, ...dimsA]), [a.data.length / inner, inner]),
    reshape(transposeDims(b, [...dimsB, ...freeB]), [inner, b.data.length / inner]),
  );
  return reshape(matrix, [...freeA.map((d) => a.shape[d]), ...freeB.map((d) => b.shape[d])]);
}

function cross(x: NdArray, other: NdArray, dim: number | null): NdArray {
  const [a, b] = [mapElements((v) => v, x, other), mapElements((_, v) => v, x, other)];
  const along = normalizeDim(dim ?? a.shape.indexOf(3), a.shape.length);
  const stride = strides(a.shape);
  return build(a.shape, (index) => {
    const value = (v: NdArray, shift: number) =>
      v.data[
        offsetOf(
          index.map((i, d) => (d === along ? (i + shift) % 3 : i)),
          stride,
        )
      ];
    return value(a, 1) * value(b, 2) - value(a, 2) * value(b, 1);
  });
}

function cdist(x1: NdArray, x2: NdArray, p: number): NdArray {
  const split = (x: NdArray, at: number) => reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  const gaps = mapElements(
    (a, b) => Math.abs(a - b),
    split(x1, x1.shape.length - 1),
    split(x2, x2.shape.length - 2),
  );
  return reduceDims(gaps, -1, false, (lane) =>
    p === Number.POSITIVE_INFINITY ? Math.max(...lane) : sumOf(lane.map((v) => power(v, p))) ** (1 / p),
  );
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  diagEmbed: {
    forward: ({ x }, { offset = 0, dim1 = -2, dim2 = -1 }) => ({ y: diagEmbed(x, offset, dim1, dim2) }),
    cases: [ofX([2, 3]), ofX([2, 3, 2], { offset: -1, dim1: 0, dim2: 2 })],
  },
  diag: {
    forward: ({ x }, { diagonal: offset = 0 }) => ({
      y: x.shape.length === 1 ? diagEmbed(x, offset, 0, 1) : diagonal(x, offset),
    }),
    cases: [ofX([4], { diagonal: 1 }), ofX([3, 5], { diagonal: -1 })],
  },
  trace: {
    forward: ({ x }) => ({ y: reduceDims(diagonal(x, 0), null, false, sumOf) }),
    cases: [ofX(positive([4, 4])), ofX(positive([3, 7]))],
  },
  t: {
    forward: ({ x }) => ({ y: x.shape.length === 2 ? transposeDims(x, [1, 0]) : x }),
    cases: [ofX([3, 5]), ofX([4])],
  },
  rot90: {
    forward({ x }, { k = 1, dims = [0, 1] }) {
      const plane = dims.map((d: number) => normalizeDim(d, x.shape.length));
      let y = x;
      for (let i = 0; i < ((k % 4) + 4) % 4; i++) y = turned(y, plane);
      return { y };
    },
    cases: [ofX([3, 4]), ofX([2, 3, 4], { k: -1, dims: [2, 0] }), ofX([2, 3], { k: 2 })],
  },
  unbind: {
    forward({ x }, { dim = 0 }) {
      const at = normalizeDim(dim, x.shape.length);
      const shape = x.shape.filter((_: number, d: number) => d !== at);
      return list(Array.from({ length: x.shape[at] }, (_, i) => reshape(part(x, at, i, i + 1), shape)));
    },
    cases: [ofX([3, 4]), ofX([2, 3], { dim: -1 })],
  },
  tensorSplit: {
    forward({ x }, { indicesOrSections, dim = 0 }) {
      const n = x.shape[normalizeDim(dim, x.shape.length)];
      const bounds = Array.isArray(indicesOrSections)
        ? indicesOrSections.map((i: number) => Math.min(n, i < 0 ? i + n : i))
        : [...Array(indicesOrSections - 1).keys()].map(
            (i) => (i + 1) * Math.floor(n / indicesOrSections) + Math.min(i + 1, n % indicesOrSections),
          );
      return list([...bounds, n].map((end, i) => part(x, dim, bounds[i - 1] ?? 0, end)));
    },
    cases: [ofX([7, 2], { indicesOrSections: 3 }), ofX([2, 5], { indicesOrSections: [1, -1], dim: 1 })],
  },
  hstack: {
    forward: ({ tensors }) => ({ y: stacked(tensors, false) }),
    cases: [
      given({ tensors: [[3], [2]] }),
      given({
        tensors: [
          [2, 3],
          [2, 1],
        ],
      }),
    ],
  },
  vstack: {
    forward: ({ tensors }) => ({ y: stacked(tensors, true) }),
    cases: [
      given({ tensors: [[3], [3]] }),
      given({
        tensors: [
          [2, 3],
          [1, 3],
        ],
      }),
    ],
  },
  meshgrid: {
    forward({ tensors }, { indexing = 'ij' }) {
      const exchanged = indexing === 'xy';
      const dimOf = (i: number) => (exchanged && i < 2 ? 1 - i : i);
      const shape = tensors.map((_: NdArray, d: number) => tensors[dimOf(d)].data.length);
      return list(tensors.map((x: NdArray, i: number) => build(shape, (index) => x.data[index[dimOf(i)]])));
    },
    cases: [given({ tensors: [[3], [2]] }), given({ tensors: [[3], [2], [4]] }, { indexing: 'xy' })],
  },
  diff: {
    forward({ x }, { n = 1, dim = -1 }) {
      let y = x;
      for (let i = 0; i < n; i++) {
        const size = y.shape[normalizeDim(dim, y.shape.length)];
        y = mapElements((a, b) => a - b, part(y, dim, 1, size), part(y, dim, 0, size - 1));
      }
      return { y };
    },
    cases: [ofX([7]), ofX([4, 3], { dim: 0, n: 2 })],
  },
  channelShuffle: {
    forward({ x }, { groups }) {
      const [batch, channels, ...rest] = x.shape;
      const grouped = reshape(x, [batch, groups, channels / groups, ...rest]);
      const order = grouped.shape.map((_, d) => (d === 1 ? 2 : d === 2 ? 1 : d));
      return { y: reshape(transposeDims(grouped, order), x.shape) };
    },
    cases: [ofX([2, 6, 3, 2], { groups: 2 }), ofX([1, 6, 2, 2], { groups: 3 })],
  },
  mv: {
    forward: ({ x, vec }) => ({ y: matmulNd(x, vec) }),
    cases: [given({ x: [3, 5], vec: [5] }), given({ x: [17, 33], vec: [33] })],
  },
  inner: {
    forward: ({ x, other }) => ({ y: tensordot(x, other, [x.shape.length - 1], [other.shape.length - 1]) }),
    cases: [given({ x: [5], other: [5] }), given({ x: [2, 3, 4], other: [5, 4] })],
  },
  tensordot: {
    forward({ a, b }, { dims = 2 }) {
      if (typeof dims !== 'number') return { y: tensordot(a, b, dims[0], dims[1]) };
      const count = [...Array(dims).keys()];
      return {
        y: tensordot(
          a,
          b,
          count.map((i) => a.shape.length - dims + i),
          count,
        ),
      };
    },
    cases: [
      given({ a: [3, 2, 4], b: [2, 4, 5] }),
      given(
        { a: [3, 2, 4], b: [4, 5, 3] },
        {
          dims: [
            [2, 0],
            [0, 2],
          ],
        },
      ),
    ],
  },
  cross: {
    forward: ({ x, other }, { dim = null }) => ({ y: cross(x, other, dim) }),
    cases: [given({ x: [2, 3], other: [2, 3] }), given({ x: [3, 3], other: [1, 3] }, { dim: -1 })],
  },
  cdist: {
    forward: ({ x1, x2 }, { p = 2 }) => ({ y: cdist(x1, x2, Number(p)) }),
    cases: [
      given({ x1: [4, 3], x2: [5, 3] }),
      given({ x1: [2, 3, 2], x2: [2, 4, 2] }, { p: 1 }),
      given({ x1: [3, 2], x2: [2, 2] }, { p: 'Infinity' }),
    ],
  },
};

/** The cases on which the layout ops are tested: ranks 0 to 5, negative dims, steps, empty results. */
import type { OpCase } from './types';

/** Cases by canonical op name. */
export const cases: Record<string, OpCase[]> = {
  reshape: [
    { attrs: { shape: [6, 4] }, inputs: { x: [2, 3, 4] } },
    { attrs: { shape: [-1] }, inputs: { x: [3, 5, 7] } },
    { attrs: { shape: [2, -1, 3] }, inputs: { x: [6, 5] } },
    { attrs: { shape: [1] }, inputs: { x: [] } },
    { attrs: { shape: [] }, inputs: { x: [1, 1] } },
    { attrs: { shape: [1, 2, 1, 3, 5] }, inputs: { x: [5, 6] } },
    { name: 'empty', attrs: { shape: [3, 0] }, inputs: { x: [0, 5] } },
  ],
  flatten: [
    { inputs: { x: [2, 3, 4] } },
    { attrs: { startDim: 1 }, inputs: { x: [2, 3, 5, 7] } },
    { attrs: { startDim: 1, endDim: 2 }, inputs: { x: [2, 3, 5, 7] } },
    { attrs: { startDim: -2 }, inputs: { x: [3, 1, 5] } },
    { attrs: { startDim: 0, endDim: 0 }, inputs: { x: [4, 3] } },
    { name: '0-d gives one element', inputs: { x: [] } },
    { name: 'empty', attrs: { startDim: 1 }, inputs: { x: [0, 3, 2] } },
  ],
  unflatten: [
    { attrs: { dim: 0, sizes: [2, 3] }, inputs: { x: [6, 5] } },
    { attrs: { dim: -1, sizes: [5, -1] }, inputs: { x: [3, 35] } },
    { attrs: { dim: 1, sizes: [2, 1, 2] }, inputs: { x: [3, 4, 2] } },
    { attrs: { dim: 0, sizes: [1, 1] }, inputs: { x: [1] } },
  ],
  permute: [
    { attrs: { dims: [1, 0] }, inputs: { x: [3, 5] } },
    { attrs: { dims: [2, 0, 1] }, inputs: { x: [2, 3, 4] } },
    { attrs: { dims: [0, -1, 1, -2] }, inputs: { x: [2, 3, 5, 7] } },
    { attrs: { dims: [4, 2, 0, 3, 1] }, inputs: { x: [2, 3, 1, 5, 4] } },
    { attrs: { dims: [0] }, inputs: { x: [1] } },
    { name: '0-d', attrs: { dims: [] }, inputs: { x: [] } },
    { name: 'beyond a tile', attrs: { dims: [1, 0] }, inputs: { x: [33, 17] } },
    { name: 'empty', attrs: { dims: [2, 1, 0] }, inputs: { x: [2, 0, 3] } },
    { name: 'batches beyond a tile', attrs: { dims: [0, 2, 1] }, inputs: { x: [4, 35, 37] } },
    { name: 'the last dim first', attrs: { dims: [3, 0, 1, 2] }, inputs: { x: [4, 9, 11, 13] } },
  ],
  transpose: [
    { attrs: { dim0: 0, dim1: 1 }, inputs: { x: [3, 5] } },
    { attrs: { dim0: -1, dim1: -2 }, inputs: { x: [2, 7, 4] } },
    { attrs: { dim0: 0, dim1: 3 }, inputs: { x: [2, 3, 4, 5] } },
    { attrs: { dim0: 1, dim1: 1 }, inputs: { x: [2, 3] } },
    { attrs: { dim0: 0, dim1: 0 }, inputs: { x: [1] } },
    { name: 'beyond a tile', attrs: { dim0: 0, dim1: 1 }, inputs: { x: [37, 65] } },
    { name: 'empty', attrs: { dim0: 0, dim1: 1 }, inputs: { x: [0, 4] } },
    { name: 'more than 65535 rows', attrs: { dim0: 0, dim1: 1 }, inputs: { x: [66000, 2] } },
    {
      name: 'more than 65535 workgroups: forward only, to save time',
      attrs: { dim0: 0, dim1: 1 },
      inputs: { x: [66001, 3, 22] },
      gradient: false,
    },
  ],
  squeeze: [
    { inputs: { x: [1, 3, 1, 5] } },
    { attrs: { dim: 0 }, inputs: { x: [1, 3, 1] } },
    { attrs: { dim: -1 }, inputs: { x: [1, 3, 1] } },
    { name: 'a dim that is not 1 stays', attrs: { dim: 1 }, inputs: { x: [1, 3, 1] } },
    { attrs: { dim: [0, -2] }, inputs: { x: [1, 2, 1, 1, 3] } },
    { name: 'down to 0-d', inputs: { x: [1, 1] } },
    { name: 'a list of no dims', attrs: { dim: [] }, inputs: { x: [1, 3] } },
  ],
  unsqueeze: [
    { attrs: { dim: 0 }, inputs: { x: [3, 5] } },
    { attrs: { dim: -1 }, inputs: { x: [3, 5] } },
    { attrs: { dim: 2 }, inputs: { x: [2, 3, 4, 5] } },
    { attrs: { dim: -3 }, inputs: { x: [3, 5] } },
    { name: '0-d', attrs: { dim: 0 }, inputs: { x: [] } },
  ],
  movedim: [
    { attrs: { source: 0, destination: 2 }, inputs: { x: [2, 3, 5] } },
    { attrs: { source: -1, destination: 1 }, inputs: { x: [2, 3, 4, 5] } },
    { attrs: { source: [0, 1], destination: [-1, -2] }, inputs: { x: [2, 3, 5] } },
    { attrs: { source: [3, 0], destination: [0, 2] }, inputs: { x: [2, 3, 4, 5] } },
    { attrs: { source: 0, destination: 0 }, inputs: { x: [1] } },
  ],
  cat: [
    {
      inputs: {
        tensors: [
          [2, 3],
          [4, 3],
        ],
      },
    },
    {
      attrs: { dim: 1 },
      inputs: {
        tensors: [
          [2, 3, 2],
          [2, 1, 2],
          [2, 5, 2],
        ],
      },
    },
    { attrs: { dim: -1 }, inputs: { tensors: [[7], [1], [5]] } },
    { name: 'one tensor', attrs: { dim: 1 }, inputs: { tensors: [[3, 5]] } },
    {
      attrs: { dim: 2 },
      inputs: {
        tensors: [
          [1, 2, 3, 1, 2],
          [1, 2, 2, 1, 2],
        ],
      },
    },
    {
      name: 'more tensors than a stage has bindings',
      inputs: { tensors: Array.from({ length: 11 }, () => [1, 3]) },
    },
    {
      name: 'an empty part',
      attrs: { dim: 1 },
      inputs: {
        tensors: [
          [2, 3],
          [2, 0],
          [2, 2],
        ],
      },
    },
    {
      name: 'a one-dimensional empty part is skipped',
      attrs: { dim: 1 },
      inputs: { tensors: [[0], [2, 3]] },
    },
    {
      name: 'everything empty',
      attrs: { dim: 0 },
      inputs: {
        tensors: [
          [0, 3],
          [0, 3],
        ],
      },
    },
  ],
  stack: [
    {
      inputs: {
        tensors: [
          [2, 3],
          [2, 3],
        ],
      },
    },
    { attrs: { dim: -1 }, inputs: { tensors: [[5], [5], [5]] } },
    {
      attrs: { dim: 1 },
      inputs: {
        tensors: [
          [2, 3, 4],
          [2, 3, 4],
        ],
      },
    },
    {
      attrs: { dim: -2 },
      inputs: {
        tensors: [
          [3, 1],
          [3, 1],
          [3, 1],
        ],
      },
    },
    { name: '0-d', inputs: { tensors: [[], [], []] } },
    {
      name: 'empty',
      attrs: { dim: 1 },
      inputs: {
        tensors: [
          [2, 0],
          [2, 0],
        ],
      },
    },
  ],
  split: [
    { attrs: { splitSizeOrSections: 2 }, inputs: { x: [6, 3] } },
    { name: 'short tail', attrs: { splitSizeOrSections: 3, dim: 1 }, inputs: { x: [2, 7, 2] } },
    { attrs: { splitSizeOrSections: [1, 3, 2], dim: -1 }, inputs: { x: [3, 6] } },
    { name: 'an empty section', attrs: { splitSizeOrSections: [2, 0, 3] }, inputs: { x: [5] } },
    { name: 'one piece', attrs: { splitSizeOrSections: 10 }, inputs: { x: [4, 2] } },
    { attrs: { splitSizeOrSections: 1, dim: 2 }, inputs: { x: [1, 2, 3, 2, 2] } },
  ],
  chunk: [
    { attrs: { chunks: 2 }, inputs: { x: [6, 3] } },
    { name: 'short tail', attrs: { chunks: 3, dim: -1 }, inputs: { x: [2, 7] } },
    { name: 'fewer chunks than asked for', attrs: { chunks: 4 }, inputs: { x: [6, 2] } },
    { attrs: { chunks: 1, dim: 1 }, inputs: { x: [2, 3, 1] } },
    { name: 'an empty dim', attrs: { chunks: 2 }, inputs: { x: [0, 3] } },
  ],
  narrow: [
    { attrs: { dim: 0, start: 1, length: 2 }, inputs: { x: [5, 3] } },
    { attrs: { dim: -1, start: -3, length: 2 }, inputs: { x: [2, 3, 7] } },
    { attrs: { dim: 1, start: 0, length: 4 }, inputs: { x: [2, 4, 3, 2] } },
    { attrs: { dim: 0, start: 0, length: 1 }, inputs: { x: [1] } },
    { name: 'empty, at the end', attrs: { dim: 1, start: 3, length: 0 }, inputs: { x: [2, 3] } },
  ],
  select: [
    { attrs: { dim: 0, index: 1 }, inputs: { x: [3, 5] } },
    { attrs: { dim: -1, index: -1 }, inputs: { x: [2, 3, 7] } },
    { attrs: { dim: 1, index: 2 }, inputs: { x: [2, 3, 2, 2, 2] } },
    { name: 'to 0-d', attrs: { dim: 0, index: 0 }, inputs: { x: [1] } },
  ],
  slice: [
    { name: 'all of it', inputs: { x: [3, 5] } },
    { attrs: { start: 1, end: 3 }, inputs: { x: [5, 3] } },
    { attrs: { dim: -1, start: -3 }, inputs: { x: [2, 7] } },
    { attrs: { dim: 1, end: -1, step: 2 }, inputs: { x: [2, 8, 3] } },
    {
      name: 'bounds beyond the ends',
      attrs: { dim: 1, start: -100, end: 100, step: 3 },
      inputs: { x: [2, 11] },
    },
    {
      name: 'several dims',
      attrs: { dim: [0, -1], start: [1, 0], end: [null, -1], step: [1, 3] },
      inputs: { x: [3, 2, 11] },
    },
    {
      name: 'all dims with steps',
      attrs: { dim: [0, 1, 2, 3], start: [0, 1, null, -3], end: [2, null, 5, null], step: [1, 2, 2, 1] },
      inputs: { x: [3, 4, 5, 6] },
    },
    { name: 'empty', attrs: { start: 3, end: 2 }, inputs: { x: [5, 2] } },
    { name: 'step longer than the dim', attrs: { step: 9 }, inputs: { x: [7] } },
  ],
  pad: [
    { attrs: { pad: [1, 2] }, inputs: { x: [2, 5] } },
    { attrs: { pad: [1, 0, 2, 1], value: 1.5 }, inputs: { x: [2, 3, 4] } },
    { attrs: { pad: [0, 1, 1, 0, 2, 2], value: -3 }, inputs: { x: [2, 2, 3, 2, 3] } },
    { name: 'negative pads crop', attrs: { pad: [-1, 2, 1, -2] }, inputs: { x: [3, 5, 7] } },
    { name: 'cropped to nothing', attrs: { pad: [-2, -1] }, inputs: { x: [2, 3] } },
    { name: 'of nothing', attrs: { pad: [1, 2], value: 4 }, inputs: { x: [2, 0] } },
    { attrs: { pad: [2, 1], mode: 'reflect' }, inputs: { x: [2, 3, 3] } },
    { attrs: { pad: [1, 2, 3, 0], mode: 'reflect' }, inputs: { x: [1, 2, 4, 5] } },
    { attrs: { pad: [1, 1, 0, 2, 1, 0], mode: 'reflect' }, inputs: { x: [1, 2, 3, 4, 3] } },
    { attrs: { pad: [3, 4], mode: 'replicate' }, inputs: { x: [2, 1, 2] } },
    { attrs: { pad: [2, 1, 0, 3], mode: 'replicate' }, inputs: { x: [2, 1, 3, 1] } },
    { attrs: { pad: [1, 0, 2, 1, 0, 1], mode: 'replicate' }, inputs: { x: [1, 2, 2, 3, 2] } },
    { attrs: { pad: [3, 2], mode: 'circular' }, inputs: { x: [1, 2, 3] } },
    { attrs: { pad: [1, 2, 3, 0], mode: 'circular' }, inputs: { x: [2, 1, 3, 5] } },
    { attrs: { pad: [1, 1, 0, 2, 1, 0], mode: 'circular' }, inputs: { x: [1, 1, 2, 3, 2] } },
  ],
  expand: [
    { attrs: { size: [3, 5] }, inputs: { x: [1, 5] } },
    { attrs: { size: [2, -1, 4] }, inputs: { x: [3, 1] } },
    { attrs: { size: [2, 3, 1, 5, 2] }, inputs: { x: [1, 5, 1] } },
    { name: '0-d', attrs: { size: [2, 3] }, inputs: { x: [] } },
    { name: 'unchanged', attrs: { size: [-1, -1] }, inputs: { x: [2, 3] } },
    { name: 'many rows', attrs: { size: [257, 3] }, inputs: { x: [3] } },
    { name: 'to nothing', attrs: { size: [0, 3] }, inputs: { x: [1, 3] } },
  ],
  tile: [
    { attrs: { dims: [2, 3] }, inputs: { x: [3, 2] } },
    { name: 'fewer counts than dims', attrs: { dims: [2] }, inputs: { x: [2, 3] } },
    { name: 'more counts than dims', attrs: { dims: [2, 1, 3] }, inputs: { x: [2, 3] } },
    { attrs: { dims: [5] }, inputs: { x: [1] } },
    { attrs: { dims: [2, 0] }, inputs: { x: [2, 3] } },
  ],
  repeat: [
    { attrs: { sizes: [2, 3] }, inputs: { x: [3, 2] } },
    { attrs: { sizes: [1, 2, 1, 3] }, inputs: { x: [2, 1, 5, 2] } },
    { name: 'new leading dims', attrs: { sizes: [3, 2, 2] }, inputs: { x: [5] } },
    { name: '0-d', attrs: { sizes: [4] }, inputs: { x: [] } },
    { name: 'to nothing', attrs: { sizes: [0, 2] }, inputs: { x: [2, 3] } },
  ],
  repeatInterleave: [
    { attrs: { repeats: 2, dim: 0 }, inputs: { x: [3, 5] } },
    { attrs: { repeats: 3, dim: -1 }, inputs: { x: [2, 3, 4] } },
    { name: 'of all elements', attrs: { repeats: 2 }, inputs: { x: [2, 3] } },
    { attrs: { repeats: 1, dim: 1 }, inputs: { x: [2, 7] } },
    { attrs: { repeats: 7, dim: 0 }, inputs: { x: [1] } },
    { name: 'to nothing', attrs: { repeats: 0, dim: 0 }, inputs: { x: [2, 3] } },
  ],
  flip: [
    { attrs: { dims: [0] }, inputs: { x: [7] } },
    { attrs: { dims: [0, 1] }, inputs: { x: [3, 5] } },
    { attrs: { dims: [-1] }, inputs: { x: [2, 3, 4] } },
    { attrs: { dims: [1, -2] }, inputs: { x: [2, 3, 1, 5, 2] } },
    { name: 'no dims', attrs: { dims: [] }, inputs: { x: [2, 3] } },
    { name: 'empty', attrs: { dims: [0] }, inputs: { x: [0, 3] } },
  ],
  roll: [
    { attrs: { shifts: 1, dims: 0 }, inputs: { x: [5, 3] } },
    { attrs: { shifts: -2, dims: -1 }, inputs: { x: [2, 7] } },
    { attrs: { shifts: [1, -3], dims: [0, 2] }, inputs: { x: [3, 2, 4] } },
    { name: 'over all elements', attrs: { shifts: 4 }, inputs: { x: [3, 5] } },
    { name: 'more than once around', attrs: { shifts: -17, dims: 0 }, inputs: { x: [5] } },
    { attrs: { shifts: 3, dims: 1 }, inputs: { x: [2, 1] } },
    { name: 'empty', attrs: { shifts: 1, dims: 0 }, inputs: { x: [0, 3] } },
  ],
  diagonal: [
    { inputs: { x: [3, 5] } },
    { attrs: { offset: 2 }, inputs: { x: [5, 4] } },
    { attrs: { offset: -1 }, inputs: { x: [4, 4] } },
    { attrs: { dim1: -2, dim2: -1 }, inputs: { x: [2, 3, 4] } },
    { attrs: { offset: 1, dim1: 3, dim2: 1 }, inputs: { x: [2, 3, 2, 4] } },
    { inputs: { x: [1, 1] } },
    { name: 'empty', attrs: { offset: 3 }, inputs: { x: [2, 3] } },
  ],
  triu: [
    { inputs: { x: [5, 5] } },
    { attrs: { diagonal: 1 }, inputs: { x: [3, 7] } },
    { attrs: { diagonal: -2 }, inputs: { x: [2, 5, 4] } },
    { attrs: { diagonal: 9 }, inputs: { x: [3, 3] } },
    { inputs: { x: [1, 1] } },
    { name: 'empty', inputs: { x: [0, 3] } },
  ],
  tril: [
    { inputs: { x: [5, 5] } },
    { attrs: { diagonal: -1 }, inputs: { x: [7, 3] } },
    { attrs: { diagonal: 2 }, inputs: { x: [2, 1, 4, 5] } },
    { attrs: { diagonal: -9 }, inputs: { x: [3, 3] } },
    { inputs: { x: [1, 1] } },
    {
      name: 'NaN and Infinity outside the triangle',
      inputs: { x: { shape: [2, 2], values: [1, 'NaN', 2, 'Infinity'] } },
      gradient: false,
    },
  ],
};

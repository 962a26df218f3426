/** The cases on which attention is tested: head sizes, masks of every broadcast shape, causal, grouped heads. */
import type { InputSpec, OpCase } from './types';

/** Query of `rows` and key and value of `columns` positions, `width` numbers each, under the batch dims. */
const qkv = (batch: number[], rows: number, columns: number, width: number) => ({
  query: [...batch, rows, width],
  key: [...batch, columns, width],
  value: [...batch, columns, width],
});

/** A boolean mask; 1 means that the query may look at the key. */
const boolean = (shape: number[], values: number[]): InputSpec => ({ shape, dtype: 'bool', values });

/** Cases of scaledDotProductAttention. */
export const cases: OpCase[] = [
  { inputs: qkv([2, 3], 5, 5, 8) },
  { name: 'one of everything', inputs: qkv([1, 1], 1, 1, 1) },
  { name: 'more keys than queries', inputs: qkv([1, 2], 3, 7, 3) },
  { name: 'more queries than keys', inputs: qkv([2, 1], 7, 2, 3) },
  { name: 'rank 3', inputs: qkv([3], 4, 5, 8) },
  { name: 'rank 2', inputs: qkv([], 4, 3, 5) },
  {
    name: 'value has another width',
    inputs: { query: [1, 2, 3, 4], key: [1, 2, 5, 4], value: [1, 2, 5, 7] },
  },
  { name: 'head size 16', inputs: qkv([1, 2], 6, 5, 16) },
  { name: 'head size 64', inputs: qkv([1, 1], 4, 3, 64) },
  { name: 'head size 128', inputs: qkv([1, 1], 2, 3, 128) },
  { name: 'one beyond a tile', inputs: qkv([1, 1], 17, 33, 3) },
  { name: 'two tiles of keys', inputs: qkv([1, 1], 3, 131, 2) },
  { attrs: { scale: 0.25 }, inputs: qkv([1, 2], 4, 5, 3) },
  { attrs: { isCausal: true }, inputs: qkv([2, 2], 5, 5, 4) },
  { name: 'causal, more keys than queries', attrs: { isCausal: true }, inputs: qkv([1, 1], 3, 7, 3) },
  { name: 'causal, more queries than keys', attrs: { isCausal: true }, inputs: qkv([2], 7, 3, 3) },
  { name: 'causal, beyond a tile', attrs: { isCausal: true, scale: 1 }, inputs: qkv([1, 1], 35, 35, 2) },
  {
    name: 'boolean mask of one query and key',
    inputs: { ...qkv([2, 2], 2, 3, 4), attnMask: boolean([2, 3], [1, 0, 1, 1, 1, 0]) },
  },
  {
    name: 'boolean mask, padding per sample',
    inputs: { ...qkv([2, 2], 3, 4, 3), attnMask: boolean([2, 1, 1, 4], [1, 1, 0, 0, 1, 1, 1, 0]) },
  },
  {
    name: 'boolean mask, the same for all heads',
    inputs: {
      ...qkv([2, 2], 2, 3, 3),
      attnMask: boolean([2, 1, 2, 3], [1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1]),
    },
  },
  {
    name: 'boolean mask, rank 3',
    inputs: { ...qkv([2], 2, 3, 3), attnMask: boolean([2, 2, 3], [1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1]) },
  },
  { name: 'float mask of one query and key', inputs: { ...qkv([2, 2], 3, 4, 3), attnMask: [3, 4] } },
  { name: 'float mask, full', inputs: { ...qkv([2, 2], 3, 4, 3), attnMask: [2, 2, 3, 4] } },
  { name: 'float mask per head', inputs: { ...qkv([2, 3], 2, 5, 3), attnMask: [1, 3, 2, 5] } },
  { name: 'float mask per key', inputs: { ...qkv([2, 2], 3, 4, 3), attnMask: [2, 1, 1, 4] } },
  {
    name: 'float mask with -Infinity',
    inputs: {
      ...qkv([1, 2], 2, 3, 3),
      attnMask: { shape: [2, 3], values: [0, '-Infinity', 0.5, '-Infinity', '-Infinity', -1] },
    },
  },
  {
    name: 'fully masked rows give zeros, also as gradients',
    inputs: { ...qkv([1, 2], 3, 3, 4), attnMask: boolean([3, 3], [1, 0, 1, 0, 0, 0, 1, 1, 1]) },
  },
  {
    name: 'fully masked by -Infinity',
    inputs: {
      ...qkv([1, 1], 2, 2, 3),
      attnMask: { shape: [2, 2], values: ['-Infinity', '-Infinity', 0.5, 1.5] },
    },
  },
  {
    name: 'scores of 1e4',
    inputs: {
      query: { shape: [1, 1, 2, 2], values: [100, 0, 0, -100] },
      key: { shape: [1, 1, 3, 2], values: [100, 0, 0, 100, -100, 1] },
      value: [1, 1, 3, 2],
    },
    attrs: { scale: 1 },
  },
  {
    name: 'grouped heads',
    attrs: { enableGqa: true },
    inputs: { query: [2, 4, 3, 3], key: [2, 2, 5, 3], value: [2, 2, 5, 3] },
  },
  {
    name: 'one key head for all, causal',
    attrs: { enableGqa: true, isCausal: true },
    inputs: { query: [1, 6, 4, 2], key: [1, 1, 4, 2], value: [1, 1, 4, 2] },
  },
  {
    name: 'grouped heads with a mask',
    attrs: { enableGqa: true },
    inputs: { query: [1, 4, 2, 3], key: [1, 2, 3, 3], value: [1, 2, 3, 3], attnMask: [4, 2, 3] },
  },
  { name: 'weights', attrs: { needWeights: true }, inputs: qkv([2, 3], 4, 5, 3) },
  {
    name: 'weights, grouped heads, causal, a mask that leaves nothing',
    attrs: { needWeights: true, enableGqa: true, isCausal: true },
    inputs: {
      query: [1, 4, 3, 2],
      key: [1, 2, 3, 2],
      value: [1, 2, 3, 2],
      attnMask: boolean([3, 3], [0, 1, 1, 1, 0, 1, 1, 1, 1]),
    },
  },
  {
    name: 'weights with a float mask and a scale',
    attrs: { needWeights: true, scale: 0.7 },
    inputs: { ...qkv([2], 2, 4, 3), attnMask: [2, 4] },
  },
];

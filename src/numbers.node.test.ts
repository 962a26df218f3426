/** Arrays over shared and over transferred memory. */
import { describe, expect, it } from 'vitest';
import { ArrayDataset } from './data/dataset';
import { hostTensor } from './data/host-tensor';
import { Graph } from './graph/ir/graph';
import { Variable } from './graph/ir/variable';
import { floatsOf, wholesOf } from './numbers';
import * as ops from './ops';

const place = { op: 'test', argument: 'values' };

describe('memory that is shared between threads', () => {
  const shared = <T extends { set(values: ArrayLike<number>): void }>(Kind: {
    new (buffer: SharedArrayBuffer): T;
    BYTES_PER_ELEMENT: number;
  }) => {
    const array = new Kind(new SharedArrayBuffer(4 * Kind.BYTES_PER_ELEMENT));
    array.set([1, 0, 0, 1]);
    return array;
  };

  it.each([
    ['floats', () => floatsOf(shared(Float32Array), place)],
    ['whole numbers', () => wholesOf(shared(Int32Array), place)],
    ['a tensor', () => hostTensor(shared(Float32Array), place).data],
    ['bytes', () => ArrayDataset.fromArrays({ x: shared(Uint8Array), xShape: [2], y: [0, 1] }).x],
    ['pixels', () => ArrayDataset.fromArrays({ x: shared(Uint8ClampedArray), xShape: [2], y: [0, 1] }).x],
    ['targets', () => ArrayDataset.fromArrays({ x: [[0], [0], [1], [1]], y: shared(Int32Array) }).y],
  ])('is copied: %s', (_, read) => {
    const values = read();
    expect(values.buffer).toBeInstanceOf(ArrayBuffer);
    expect([...values]).toEqual([1, 0, 0, 1]);
  });
});

describe('memory that was transferred', () => {
  const transferred = <T extends ArrayBufferView<ArrayBuffer>>(array: T): T => {
    structuredClone(array, { transfer: [array.buffer] });
    return array;
  };

  it.each<[string, () => unknown]>([
    ['floats', () => floatsOf(transferred(Float32Array.of(1)), place)],
    ['whole numbers', () => wholesOf(transferred(Int32Array.of(1)), place)],
    ['floats of bytes', () => floatsOf(transferred(Uint8Array.of(1)), place)],
    ['a tensor', () => hostTensor(transferred(Float32Array.of(1)), place)],
    ['inputs', () => ArrayDataset.fromArrays({ x: transferred(Uint8Array.of(1)), xShape: [1], y: [0] })],
    ['targets', () => ArrayDataset.fromArrays({ x: [[1]], y: transferred(Int32Array.of(1)) })],
    ['an operand', () => ops.add(new Graph().input('x', [1]), transferred(Float32Array.of(1)) as never)],
    ['a variable', () => (new Variable([1], () => {}).data = transferred(Float32Array.of(1)))],
  ])('is refused: %s', (_, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'data' }));
    expect(read).toThrow(/whose memory was transferred/);
  });

  it('is not taken for an array without values', () => {
    expect(floatsOf(new Float32Array(0), place).length).toBe(0);
  });
});

/** Data sets as safetensors files that hold values as they are stored, and what train.py has to know of them. */
import { ArrayDataset } from '../data/dataset';
import type { TrainingData } from '../train/types';

/** Tensors of any type, row-major. */
type Stored = readonly [
  name: string,
  dtype: 'U8' | 'I32' | 'F32',
  shape: readonly number[],
  data: Uint8Array | Int32Array | Float32Array,
];

/** A safetensors file of tensors that are not float32. */
function storedFile(tensors: readonly Stored[]): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  let size = 0;
  for (const [name, dtype, shape, { byteLength }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [size, size + byteLength] };
    size += byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + size).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, , , { buffer, byteOffset, byteLength }] of tensors) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

/** The data set as a file that data.py reads. */
export function dataFile(data: TrainingData): Uint8Array<ArrayBuffer> {
  if (!(data instanceof ArrayDataset)) return storedFile([['x', 'I32', [data.tokens.length], data.tokens]]);
  const { x, y, length, xShape, yShape } = data;
  const isWhole = y instanceof Int32Array;
  // The larger type first, so that all values are aligned.
  return storedFile([
    ['y', isWhole ? 'I32' : 'F32', [length, ...yShape], y],
    ['x', x instanceof Uint8Array ? 'U8' : 'F32', [length, ...xShape], x],
  ]);
}

/** What data.py has to know. */
export function describeForPython(data: TrainingData, takesTokens: boolean): Record<string, unknown> {
  const common = { name: data.name, length: data.length, file: 'data.safetensors', takesTokens };
  if (!(data instanceof ArrayDataset)) {
    return { ...common, kind: 'windows', blockSize: data.blockSize, stride: data.stride, labels: true };
  }
  const { multiply, add } = data.affine;
  return {
    ...common,
    kind: 'arrays',
    xShape: data.xShape,
    yShape: data.yShape,
    labels: data.y instanceof Int32Array,
    multiply: [...multiply],
    add: [...add],
  };
}

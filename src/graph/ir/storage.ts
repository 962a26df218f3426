/** The memory behind symbolic tensors, and how much of it a shape takes. */
import type { BufferSlice } from '../../gpu/buffers';
import type { DType, Variable } from './variable';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** Bytes of a tensor: 2 per element of float16, else 4 (bool is float32 0 or 1); whole words, as GPU copies move them. */
export const bytesOf = (shape: Shape, dtype: DType): number =>
  dtype === 'f16' ? 4 * Math.ceil(sizeOf(shape) / 2) : 4 * sizeOf(shape);

/** Where the values of a storage come from when no node computes them. */
export type Leaf =
  | { kind: 'input'; name: string }
  | { kind: 'variable'; variable: Variable }
  | { kind: 'external'; slice: BufferSlice }
  | { kind: 'constant'; data: Float32Array | Int32Array | Uint32Array };

/** The memory behind one or more tensors: views such as reshape share it. */
export class Storage {
  /** Set when a pass makes this storage the same memory as another. */
  alias: Storage | undefined;

  constructor(
    /** Bytes. */
    readonly size: number,
    readonly leaf?: Leaf,
  ) {}

  get root(): Storage {
    let storage: Storage = this;
    while (storage.alias) storage = storage.alias;
    return storage;
  }
}

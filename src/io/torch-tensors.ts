/** Tensors of torch.save: storages by persistent id, and the functions of `torch._utils` that make views of them. */
import { formatShape, type GradloomError, showValue as show } from '../errors';
import { PythonGlobal, PythonTuple, type PythonValue } from './pickle';
import { convertTensor, TENSOR_TYPE_BYTES, type TensorType } from './safetensors-types';
import type { HostTensor } from './state-dict';
import { gatherStrided, swapBytes } from './strided';

/** PyTorch's names of the types that we read. */
const DTYPES: Readonly<Record<string, TensorType>> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};
/** dtypes by the names of their storages, `torch.FloatStorage` and so on. */
const STORAGES: Readonly<Record<string, string>> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
};
const MOST_DIMS = 64;

/** A tensor of a checkpoint; its values are read when they are asked for. */
export class TorchTensor implements HostTensor {
  #data?: Float32Array<ArrayBuffer>;

  constructor(
    readonly shape: readonly number[],
    /** PyTorch's name of its type in the file, for example `float16`. */
    readonly dtype: string,
    private readonly read: (name: string | undefined, isCount: boolean) => Float32Array<ArrayBuffer>,
  ) {}

  /** The values as float32, row-major. @throws GradloomError (code `data`): values that float32 cannot hold. */
  get data(): Float32Array<ArrayBuffer> {
    this.#data ??= this.read(undefined, false);
    return this.#data;
  }

  /** A copy under a name for errors. @param isCount rounds whole numbers, see `convertTensor` */
  toHost(name: string, isCount: boolean): HostTensor {
    return { shape: this.shape, data: this.read(name, isCount) };
  }
}

/** What the reader of the archive provides. */
export interface TensorSource {
  name: string;
  /** The bytes of the storage of this key. */
  storage(key: string): Uint8Array;
  isBigEndian: boolean;
  /** Most elements of one tensor: views that repeat elements could ask for any number. */
  mostElements: number;
  refuse(where: string, got: string, expected: string, fix?: string): GradloomError;
}

/** A storage: bytes by a key, and the type of its elements; undefined for untyped ones. */
class Storage {
  constructor(
    readonly key: string,
    readonly bytes: Uint8Array,
    readonly dtype: string | undefined,
  ) {}
}

/** Resolves persistent ids: `('storage', torch.FloatStorage, key, location, elements)`. */
export function loadStorage(id: PythonValue, source: TensorSource): PythonValue {
  const [kind, type, key, , count] = id instanceof PythonTuple ? id : [];
  const dtype = type instanceof PythonGlobal ? storageType(type.name) : undefined;
  if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isSize(count)) {
    throw source.refuse(source.name, 'a pickle with a persistent id of no storage', 'storages of tensors');
  }
  const bytes = source.storage(key);
  const needed = count * (dtype === 'untyped' ? 1 : TENSOR_TYPE_BYTES[DTYPES[dtype]]);
  if (bytes.length < needed) {
    const got = `${bytes.length} bytes`;
    throw source.refuse(`${source.name}: storage ${show(key)}`, got, `${needed} for ${count} elements`);
  }
  return new Storage(key, bytes.subarray(0, needed), dtype === 'untyped' ? undefined : dtype);
}

/** The dtype of the storage class of this name; `untyped` for bytes whose type the tensor says. */
export function storageType(name: string): string | undefined {
  if (name === 'torch.storage.UntypedStorage') return 'untyped';
  const kind = /^torch\.(\w+)Storage$/.exec(name)?.[1] ?? '';
  return Object.hasOwn(STORAGES, kind) ? STORAGES[kind] : undefined;
}

/** The type that `torch.float32` and so on names. */
export function torchDtype(name: string): TensorType | undefined {
  const dtype = name.replace(/^torch\./, '');
  return Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`; v3 adds the type of untyped storages. */
export function rebuildTensor(args: readonly PythonValue[], source: TensorSource): TorchTensor {
  const [storage, offset, shape, strides] = args;
  const where = `${source.name}: a tensor`;
  if (!(storage instanceof Storage)) throw source.refuse(where, 'without a storage', 'one with a storage');
  const place = `${where} in storage ${show(storage.key)}`;
  const dtype =
    storage.dtype ?? (args[6] instanceof PythonGlobal ? args[6].name.replace(/^torch\./, '') : '');
  const type = torchDtype(dtype);
  if (!type) throw source.refuse(place, `of type ${show(dtype)}`, `one of ${Object.keys(DTYPES).join(', ')}`);
  if (!isSizes(shape) || !isSizes(strides) || shape.length !== strides.length || !isSize(offset)) {
    const got = `of size ${show(shape)}, stride ${show(strides)} and offset ${show(offset)}`;
    throw source.refuse(place, got, 'lists of sizes from 0');
  }
  if (shape.length > MOST_DIMS)
    throw source.refuse(place, `of ${shape.length} dimensions`, `at most ${MOST_DIMS}`);
  const metadata = args.slice(6).find((arg) => arg instanceof Map);
  if (metadata?.get('neg') || metadata?.get('conj')) {
    throw source.refuse(
      place,
      'a view that negates or conjugates',
      'plain values',
      'Save tensor.resolve_neg().',
    );
  }
  const size = TENSOR_TYPE_BYTES[type];
  const count = shape.reduce((product, extent) => product * extent, 1);
  const last = shape.reduce((sum, extent, dim) => sum + (extent - 1) * strides[dim], offset);
  const held = Math.floor(storage.bytes.length / size);
  if (!Number.isSafeInteger(count) || (count > 0 && !(last < held))) {
    const got = `${formatShape(shape)} with strides ${formatShape(strides)} at ${offset}`;
    throw source.refuse(place, got, `a view of its ${held} elements`);
  }
  const read = (name: string | undefined, isCount: boolean) => {
    const named = name === undefined ? place : `${source.name}: ${name}`;
    if (count > source.mostElements) {
      throw source.refuse(
        named,
        `${formatShape(shape)} from ${held} elements`,
        `${source.mostElements} at most`,
      );
    }
    const bytes = gatherStrided(storage.bytes, size, shape, strides, offset);
    if (source.isBigEndian) swapBytes(bytes, size);
    return convertTensor(type, bytes.buffer, named, isCount, 'readTorch');
  };
  return new TorchTensor([...shape], dtype, read);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);

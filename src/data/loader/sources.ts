/** What a loader draws samples from: indexed data, or a stream that is opened anew for every epoch. */
import { formatShape, GradloomError, showValue } from '../../errors';
import { ArrayDataset } from '../dataset';
import { type HostValues, hostTensor, type TensorData } from '../host-tensor';
import { TokenWindows } from '../text/windows';
import {
  entriesOfNamed,
  isClass,
  isTargetName,
  type LoadedBatch,
  mapNamed,
  type Named,
  type Sample,
} from './collate';
import { checkIndex } from './samplers';

/** Arrays with the samples along the first dimension, by name where there are several. */
export interface BatchArrays {
  x: Named<TensorData>;
  y: Named<TensorData>;
  /** What each sample counts for, [N]. Default 1. */
  sampleWeight?: TensorData;
}

/** Data with a length whose samples are asked for by index, as torch.utils.data.Dataset. */
export interface IndexedSource<T = Sample> {
  readonly length: number;
  get(index: number): T | Promise<T>;
}

export type Stream<T> = AsyncIterable<T> | Iterable<T>;

/** What `DataLoader` takes. A function opens the stream of an epoch; an iterator that is given itself goes on from epoch to epoch. */
export type LoaderSource<T = any> =
  | ArrayDataset
  | TokenWindows
  | BatchArrays
  | readonly T[]
  | IndexedSource<T>
  | Stream<T>
  | ((epoch: number) => Stream<T> | Promise<Stream<T>>);

/** Indexed data whose samples lie in arrays. */
export interface ArraySource {
  readonly length: number;
  get(index: number): unknown | Promise<unknown>;
  /** Several at once, where they need not be made one by one. */
  rows?(indices: readonly number[]): LoadedBatch;
  /** Tells the data apart, in checkpoints. */
  arrays?: readonly ArrayBufferView[];
}

export interface StreamSource {
  open(epoch: number): Promise<AsyncIterator<unknown> | Iterator<unknown>>;
}

/** @throws GradloomError for what is no source. */
export function sourceOf(source: unknown, weights?: TensorData): ArraySource | StreamSource {
  if (weights !== undefined && !(source instanceof ArrayDataset)) {
    throw fail(
      'sampleWeight',
      'given as an option',
      'an ArrayDataset with it',
      'Arrays have it beside x and y: { x, y, sampleWeight }',
    );
  }
  if (source instanceof ArrayDataset) return datasetSource(source, weights);
  if (source instanceof TokenWindows) return windowsSource(source);
  if (typeof source === 'function')
    return { open: async (epoch) => iteratorOf(await source(epoch), 'what the function gives') };
  if (Array.isArray(source)) return { length: checkLength(source.length), get: (i) => source[i] };
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source)
      return streamSource(source as Stream<unknown>);
    if ('get' in source && typeof source.get === 'function') {
      const { length } = source as unknown as IndexedSource;
      return { length: checkLength(length), get: (i) => (source as unknown as IndexedSource).get(i) };
    }
    if ('x' in source && 'y' in source) return arraysSource(source as BatchArrays);
  }
  throw fail(
    'source',
    showValue(source),
    'a data set, { x, y } arrays, a list of samples, { length, get(i) }, an iterable, or a function that opens one',
  );
}

/** An iterable begins anew with every epoch; an iterator, which gives itself, goes on. */
function streamSource(source: Stream<unknown>): StreamSource {
  return {
    async open() {
      const iterator = iteratorOf(source, 'source');
      // Not closed at the end of an epoch.
      return (iterator as unknown) === source ? { next: async () => iterator.next() } : iterator;
    },
  };
}

function iteratorOf(stream: unknown, argument: string): AsyncIterator<unknown> | Iterator<unknown> {
  const of = stream as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = of?.[Symbol.asyncIterator]?.() ?? of?.[Symbol.iterator]?.();
  if (iterator) return iterator;
  throw fail(argument, showValue(stream), 'an iterable or async iterable of samples');
}

function datasetSource(data: ArrayDataset, weights?: TensorData): ArraySource {
  const weight = weights === undefined ? undefined : weightsOf(weights, data.length);
  const rows = (indices: readonly number[]): LoadedBatch => {
    const part = data.subset(indices);
    const n = indices.length;
    const y: HostValues = {
      shape: [n, ...data.yShape],
      dtype: part.y instanceof Int32Array ? 'i32' : 'f32',
      data: part.y,
    };
    const batch: LoadedBatch = { x: { shape: [n, ...data.xShape], dtype: 'f32', data: part.inputs() }, y };
    if (weight)
      batch.weight = { shape: [n], dtype: 'f32', data: Float32Array.from(indices, (i) => weight[i]) };
    return batch;
  };
  const arrays = [data.x, data.y, ...(weight ? [weight] : [])];
  return { length: data.length, rows, get: (i) => sampleAt(rows([i])), arrays };
}

function windowsSource(data: TokenWindows): ArraySource {
  const { blockSize, stride, tokens } = data;
  const rows = (indices: readonly number[]): LoadedBatch => {
    const take = (shift: number): HostValues => {
      const values = new Int32Array(indices.length * blockSize);
      indices.forEach((index, i) => {
        const from = index * stride + shift;
        values.set(tokens.subarray(from, from + blockSize), i * blockSize);
      });
      return { shape: [indices.length, blockSize], dtype: 'i32', data: values };
    };
    return { x: take(0), y: take(1) };
  };
  return { length: data.length, rows, get: (i) => sampleAt(rows([i])), arrays: [tokens] };
}

function arraysSource({ x, y, sampleWeight, ...more }: BatchArrays): ArraySource {
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw fail(unknown, 'no part of the arrays', 'x, y and sampleWeight');
  const read = (value: TensorData, argument: string) =>
    asTarget(hostTensor(value, { op: 'DataLoader', argument }), value, argument);
  const [inputs, targets] = [mapNamed(x, read, 'x'), mapNamed(y, read, 'y')];
  const all = [...entriesOfNamed(inputs, 'x'), ...entriesOfNamed(targets, 'y')];
  const [
    first,
    {
      shape: [length],
    },
  ] = all[0] ?? ['x', { shape: [] }];
  for (const [name, { shape }] of all) {
    if (shape.length > 0 && shape[0] === length && length > 0) continue;
    throw fail(
      name,
      formatShape(shape),
      `${length ?? 'some'} samples along the first dimension, as ${first} has`,
    );
  }
  const weight = sampleWeight === undefined ? undefined : weightsOf(sampleWeight, length);
  const rows = (indices: readonly number[]): LoadedBatch => ({
    x: mapNamed(inputs, (tensor) => takeRows(tensor, indices), 'x'),
    y: mapNamed(targets, (tensor) => takeRows(tensor, indices), 'y'),
    ...(weight && {
      weight: {
        shape: [indices.length],
        dtype: 'f32' as const,
        data: Float32Array.from(indices, (i) => weight[i]),
      },
    }),
  });
  const arrays = [...all.map(([, { data }]) => data), ...(weight ? [weight] : [])];
  return { length, rows, get: (i) => sampleAt(rows([i])), arrays };
}

/** Lists of whole numbers from 0 are class indices as targets, as in `ArrayDataset.fromArrays`. */
function asTarget(tensor: HostValues, given: TensorData, argument: string): HostValues {
  const isFlat = Array.isArray(given) && tensor.shape.length === 1;
  const isClasses = isTargetName(argument) && isFlat && tensor.data.every(isClass);
  return isClasses ? { ...tensor, dtype: 'i32', data: Int32Array.from(tensor.data) } : tensor;
}

function takeRows(
  { shape: [length, ...rest], dtype, data }: HostValues,
  indices: readonly number[],
): HostValues {
  const size = data.length / length;
  const values =
    dtype === 'i32' ? new Int32Array(size * indices.length) : new Float32Array(size * indices.length);
  indices.forEach((index, i) => {
    checkIndex('index', index, length);
    values.set(data.subarray(index * size, (index + 1) * size), i * size);
  });
  return { shape: [indices.length, ...rest], dtype, data: values };
}

/** The only sample of a batch. */
function sampleAt({ x, y, weight }: LoadedBatch): Sample {
  const first = ({ shape, dtype, data }: HostValues): TensorData => ({ shape: shape.slice(1), dtype, data });
  return {
    x: mapNamed(x, first, 'x'),
    y: mapNamed(y, first, 'y'),
    ...(weight && { weight: weight.data[0] }),
  };
}

function weightsOf(weights: TensorData, length: number): Float32Array {
  const { data } = hostTensor(weights, { op: 'DataLoader', argument: 'sampleWeight' });
  if (data.length !== length)
    throw fail('sampleWeight', `${data.length} weights`, `${length}, one per sample`);
  const bad = data.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad >= 0) throw fail(`sampleWeight[${bad}]`, String(data[bad]), 'a finite number from 0');
  return Float32Array.from(data);
}

function checkLength(length: unknown): number {
  if (Number.isSafeInteger(length) && (length as number) > 0) return length as number;
  throw fail('source', `of length ${showValue(length)}`, 'at least one sample');
}

export const isIndexed = (source: ArraySource | StreamSource): source is ArraySource => 'get' in source;

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'DataLoader', argument, got, expected, fix });

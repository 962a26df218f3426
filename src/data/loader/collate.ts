/** Batches of samples: tensors of one shape stacked, records by name. */
import { formatShape, GradloomError, showValue } from '../../errors';
import { IGNORED_LABEL } from '../dataset-checks';
import { type HostValues, hostTensor, type TensorData } from '../host-tensor';

/** A tensor, or several by name. */
export type Named<T> = T | Record<string, T>;

/** Input and target of one sample, each a tensor (a number, a list, a typed array, values with a shape) or several by name. */
export interface Sample {
  x: Named<TensorData | number>;
  y: Named<TensorData | number>;
  /** What the sample counts for. Default 1. */
  weight?: number;
}

/** Samples along the first dimension. */
export interface LoadedBatch {
  x: Named<HostValues>;
  y: Named<HostValues>;
  /** [N] */
  weight?: HostValues;
}

/** Whether a value is a record of tensors instead of one tensor. */
export const isNamed = <T>(value: Named<T>): value is Record<string, T> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !('data' in value && 'shape' in value);

/** A class index, as lists of targets hold them. */
export const isClass = (value: number): boolean =>
  Number.isInteger(value) && (value >= 0 || value === IGNORED_LABEL);

export const isTargetName = (name: string): boolean => name === 'y' || name.startsWith('y.');

/** The same of each tensor. */
export function mapNamed<T, U>(value: Named<T>, map: (tensor: T, name: string) => U, name: string): Named<U> {
  if (!isNamed(value)) return map(value, name);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, map(one, `${name}.${key}`)]));
}

/** Tensors with their names: that of a single one is `name`. */
export const entriesOfNamed = <T>(value: Named<T>, name: string): [string, T][] =>
  isNamed(value)
    ? Object.entries(value).map(([key, one]): [string, T] => [`${name}.${key}`, one])
    : [[name, value]];

/**
 * Stacks samples along a new first dimension. A number is a tensor without dimensions: in targets, whole numbers from 0 alone
 * are class indices (int32), as in lists of `ArrayDataset.fromArrays`.
 * @throws GradloomError `data` for samples that differ in shape or names, or are none.
 */
export function collate(samples: readonly Sample[]): LoadedBatch {
  samples.forEach((sample, i) => {
    if (typeof sample === 'object' && sample !== null && 'x' in sample && 'y' in sample) return;
    throw fail(
      `sample ${i}`,
      showValue(sample),
      '{ x, y }',
      'A transform or collate function makes samples of anything else',
    );
  });
  const batch: LoadedBatch = {
    x: stackNamed(
      samples.map(({ x }) => x),
      'x',
    ),
    y: stackNamed(
      samples.map(({ y }) => y),
      'y',
    ),
  };
  if (samples.some(({ weight }) => weight !== undefined)) {
    const data = Float32Array.from(samples, ({ weight = 1 }) => weight);
    batch.weight = { shape: [samples.length], dtype: 'f32', data };
  }
  return batch;
}

function stackNamed(values: readonly Sample['x'][], name: string): Named<HostValues> {
  const [first] = values;
  if (!isNamed(first)) return stack(values as TensorData[], name);
  const names = Object.keys(first).join();
  const odd = values.findIndex((value) => !isNamed(value) || Object.keys(value).join() !== names);
  if (odd >= 0) throw fail(`${name} of sample ${odd}`, 'other names than the samples before', names);
  return mapNamed(
    first,
    (_, path) =>
      stack(
        values.map((value) => (value as Record<string, TensorData>)[path.slice(name.length + 1)]),
        path,
      ),
    name,
  );
}

/** One tensor of tensors of one shape. */
export function stack(values: readonly (TensorData | number)[], name: string): HostValues {
  if (values.every((value) => typeof value === 'number')) {
    const whole = isTargetName(name) && values.every(isClass);
    const shape = [values.length];
    return whole
      ? { shape, dtype: 'i32', data: Int32Array.from(values) }
      : { shape, dtype: 'f32', data: Float32Array.from(values) };
  }
  const tensors = values.map((value, i) =>
    hostTensor(value as TensorData, { op: 'DataLoader', argument: `${name} of sample ${i}` }),
  );
  const [{ shape, dtype }] = tensors;
  const size = tensors[0].data.length;
  const data =
    dtype === 'i32' ? new Int32Array(size * values.length) : new Float32Array(size * values.length);
  tensors.forEach((tensor, i) => {
    if (tensor.shape.join() !== shape.join() || tensor.dtype !== dtype) {
      const fix = 'Give samples one shape, or pad them in a collate function';
      const show = (of: HostValues) => `${formatShape(of.shape)} of ${of.dtype}`;
      throw fail(
        `${name} of sample ${i}`,
        show(tensor),
        `${show(tensors[0])}, as the first of the batch`,
        fix,
      );
    }
    data.set(tensor.data, i * size);
  });
  return { shape: [values.length, ...shape], dtype, data };
}

/**
 * What a source or a collate function gives as a whole batch.
 * @throws GradloomError `data` for what is none, and where the numbers of samples differ.
 */
export function wholeBatch(given: unknown): LoadedBatch {
  const { x, y, weight } = (given ?? {}) as {
    x?: Named<TensorData>;
    y?: Named<TensorData>;
    weight?: TensorData;
  };
  if (x === undefined || y === undefined)
    throw fail('batch', showValue(given), '{ x, y } with the samples along the first dimension');
  const read = (value: TensorData, argument: string) => hostTensor(value, { op: 'DataLoader', argument });
  const batch: LoadedBatch = { x: mapNamed(x, read, 'x'), y: mapNamed(y, read, 'y') };
  if (weight !== undefined) batch.weight = read(weight, 'weight');
  samplesIn(batch);
  return batch;
}

/** The number of samples. @throws GradloomError `data` where tensors of a batch differ in it. */
export function samplesIn({ x, y, weight }: LoadedBatch): number {
  const all = [...entriesOfNamed(x, 'x'), ...entriesOfNamed(y, 'y')];
  if (weight) all.push(['weight', weight]);
  const [
    first,
    {
      shape: [count],
    },
  ] = all[0];
  for (const [name, { shape }] of all) {
    if (shape.length > 0 && shape[0] === count && count > 0) continue;
    throw fail(name, formatShape(shape), `${count} samples along the first dimension, as ${first} has`);
  }
  return count;
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'data', op: 'DataLoader', argument, got, expected, fix });

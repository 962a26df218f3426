/** What the weights' file and the page are told of the data that a model takes. */
import type { ArrayDataset } from '../data/dataset';
import type { LoadedData, TableInfo } from './data';
import type { DatasetRequest } from './protocol';

/** The data that a model was trained on, as the metadata of its weights have it. */
export interface InputDescription {
  xShape: readonly number[];
  scale: number;
  mean: readonly number[];
  std: readonly number[];
  /** Names of the classes; absent for classes without names and for numbers. */
  classes?: readonly string[];
  classCount?: number;
  table?: TableInfo;
}

/** The metadata for weights that are trained on this data. */
export function inputMetadata({ train, table }: Pick<LoadedData, 'train' | 'table'>): Record<string, string> {
  const { xShape, scale, mean, std, classes, classCount } = train;
  const input: InputDescription = { xShape, scale, mean, std, classes, classCount, table };
  return { input: JSON.stringify(input) };
}

/** The bytes of an array, without a copy. */
export function bytesOf(array: Uint8Array | Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A data set without its arrays, which the page fetches by `name`. */
export function describeDataset(name: 'train' | 'test', data: ArrayDataset): DatasetRequest {
  const { x, y, xShape, yShape, classes, classCount, scale, mean, std } = data;
  const xType = x instanceof Uint8Array ? 'uint8' : 'float32';
  const yType = y instanceof Int32Array ? 'int32' : 'float32';
  return { name, xType, yType, xShape, yShape, classes, classCount, scale, mean, std };
}

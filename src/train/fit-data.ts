/** Training data of `fit` and `evaluate`: data sets, loaders, and arrays of samples by name. */
import type { ArrayDataset } from '../data/dataset';
import type { BatchArrays, DataLoader } from '../data/loader';
import type { TokenWindows } from '../data/text/windows';

/** Data sets: samples in arrays, or windows over a text. */
export type TrainingData = ArrayDataset | TokenWindows;

/** Training data of `fit` and `evaluate`. */
export type FitData = TrainingData | DataLoader | BatchArrays;

/** Whether batches come from a loader; told by what it does, so that pages without one do not load it. */
export const isLoader = (data: FitData): data is DataLoader => 'iterate' in data;

/** Whether these are arrays of samples: neither a data set nor a loader. */
export const isArrays = (data: unknown): data is BatchArrays =>
  typeof data === 'object' &&
  data !== null &&
  Object.getPrototypeOf(data) === Object.prototype &&
  'x' in data &&
  'y' in data;

export interface BatchOptions {
  batchSize?: number;
  shuffle?: boolean;
  dropLast?: boolean;
  sampleWeight?: unknown;
  classWeight?: unknown;
}

/** The data that `fit` and `evaluate` were given as what runs take. */
import type { DataLoader } from '../data/loader';
import { type BatchOptions, type FitData, isArrays, isLoader, type TrainingData } from './fit-data';

/**
 * The data as what runs take: a data set that lies on the GPU where that will do, else a loader.
 * @param seed of the orders of loaders that are made here
 */
export async function resolveData(
  op: string,
  data: FitData,
  options: BatchOptions,
  seed: number,
): Promise<TrainingData | DataLoader> {
  const isWeighted = options.sampleWeight !== undefined || options.classWeight !== undefined;
  if (isLoader(data) && !isWeighted) return data.resident ?? data;
  if (!isArrays(data) && !isLoader(data) && !isWeighted) return data;
  const { loaderOf } = await import('./loader-of');
  return loaderOf(op, data, options, seed);
}

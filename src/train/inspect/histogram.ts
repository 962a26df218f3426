/** Statistics and histograms of values on the host. */
import type { TensorStatistics } from './probes';

/** Counts of finite values in bins of equal width. */
export interface Histogram {
  min: number;
  max: number;
  counts: number[];
}

export function statisticsOf(values: Float32Array): TensorStatistics {
  let [nan, infinite, zeros, sum, squares, magnitudes] = [0, 0, 0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      if (value === 0) zeros++;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
      squares += value * value;
      magnitudes += Math.abs(value);
    }
  }
  const finite = values.length - nan - infinite;
  const mean = sum / finite;
  return {
    size: values.length,
    nan,
    infinite,
    zeros,
    min: finite > 0 ? min : Number.NaN,
    max: finite > 0 ? max : Number.NaN,
    mean,
    std: Math.sqrt(Math.max(0, squares / finite - mean * mean)),
    meanMagnitude: magnitudes / finite,
  };
}

export function histogramOf(values: Float32Array, bins = 32): Histogram {
  const { min, max } = statisticsOf(values);
  const counts = Array<number>(bins).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const at = max > min ? Math.floor(((value - min) / (max - min)) * bins) : 0;
    counts[Math.min(bins - 1, at)]++;
  }
  return { min, max, counts };
}

/** Time series to predict: a sine, and two chaotic ones, cut into windows with the value that follows. */
import { checkCount, checkOptions } from '../checks';
import { unknownName } from '../errors';
import { ArrayDataset } from './dataset';

/** Options of {@link makeSeries}. */
export interface SeriesOptions {
  /**
   * `sine`: period 25. `logistic`: the map x' = 4 x (1 - x) (May, 1976). `mackeyGlass`: the delay equation
   * dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x, one value per unit of time (Mackey & Glass, 1977).
   */
  kind?: 'sine' | 'logistic' | 'mackeyGlass';
  /** Number of samples; default 512. */
  length?: number;
  /** Steps of one input; default 16. */
  window?: number;
}

/**
 * Windows `[window, 1]` of a series and the next value `[1]`, in their order: split off the last ones for a test on
 * what comes later. The same options give the same values.
 * @throws GradloomError `argument` for a length or window below 1.
 */
export function makeSeries(options: SeriesOptions = {}): ArrayDataset {
  checkOptions('makeSeries', options, ['kind', 'length', 'window']);
  const { kind = 'sine', length = 512, window = 16 } = options;
  if (!Object.hasOwn(SERIES, kind)) throw unknownName('makeSeries', 'kind', kind, Object.keys(SERIES));
  for (const [argument, value] of Object.entries({ length, window })) {
    checkCount('makeSeries', argument, value);
  }
  const series = SERIES[kind](length + window);
  const x = new Float32Array(length * window);
  const y = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    x.set(series.subarray(i, i + window), i * window);
    y[i] = series[i + window];
  }
  return ArrayDataset.fromArrays({ x, xShape: [window, 1], y, yShape: [1], name: kind });
}

const SERIES: Record<NonNullable<SeriesOptions['kind']>, (count: number) => Float64Array> = {
  sine: (count) => Float64Array.from({ length: count }, (_, t) => Math.sin((2 * Math.PI * t) / 25)),
  logistic(count) {
    let x = 0.3;
    return Float64Array.from({ length: count }, () => {
      x = 4 * x * (1 - x);
      return x;
    });
  },
  mackeyGlass(count) {
    // Euler steps of a tenth; the first values, which depend on the start, are left out.
    const [perUnit, delay, settled] = [10, 170, 1000];
    const total = (settled + count) * perUnit;
    const x = new Float64Array(delay + total + 1).fill(1.2, 0, delay + 1);
    for (let t = delay; t < delay + total; t++) {
      const late = x[t - delay];
      x[t + 1] = x[t] + ((0.2 * late) / (1 + late ** 10) - 0.1 * x[t]) / perUnit;
    }
    return Float64Array.from({ length: count }, (_, t) => x[delay + (settled + t) * perUnit]);
  },
};

/**
 * The one form in which samples reach the trainer: an immutable description of typed arrays, checked once when
 * it is made so that nothing later has to ask whether the data is sound. Loaders make these; the trainer uploads
 * `x` and `y` as they are (bytes stay bytes) and applies the normalization on the GPU.
 */

import { checkOptions } from '../checks';
import { showValue } from '../errors';
import { Random } from '../random';
import { readInputs, readTargets, type SampleValues, sampleShape } from './arrays';
import {
  argumentError,
  checkFinite,
  checkLabels,
  checkLengths,
  checkNormalization,
  checkShape,
  floatLabels,
  IGNORED_LABEL,
  product,
} from './dataset-checks';

export { IGNORED_LABEL } from './dataset-checks';

/** Those of `fromArrays`; a data set itself may be given, with changes. */
const OPTIONS: (keyof ArrayDatasetInit | 'length')[] = [
  'x',
  'xShape',
  'y',
  'yShape',
  'classes',
  'classCount',
  'scale',
  'mean',
  'std',
  'name',
  'length',
];

/** What {@link ArrayDataset.fromArrays} takes. `N` is the number of samples. */
export interface ArrayDatasetInit {
  /**
   * Inputs, sample after sample, row-major: `N * product(xShape)` values, or a list of samples. Bytes (`Uint8Array`,
   * `Uint8ClampedArray`) stay bytes, everything else becomes float32. A `Float32Array` or bytes are kept, not copied.
   */
  x: SampleValues;
  /** Shape of one sample, for example `[1, 28, 28]` (channels, height, width) or `[4]` (features); default that of a list's items. */
  xShape?: readonly number[];
  /**
   * Targets: class indices as typed array of integers ({@link IGNORED_LABEL} does not count), numbers to regress on as one
   * of floats. A list holds class indices where all of it are whole numbers from 0; losses that take numbers take these,
   * too. `Int32Array` and `Float32Array` are kept, not copied.
   */
  y: SampleValues;
  /** Shape of one target; default `[]`, one number per sample, or that of a list's items. */
  yShape?: readonly number[];
  /** Names of the classes; labels must then lie in `0 .. classes.length - 1`. */
  classes?: readonly string[];
  /** Number of classes where they have no names; default: `classes.length`, or the largest label + 1. */
  classCount?: number;
  /** Stored values are multiplied by this first; default 1/255 for bytes and 1 for floats. */
  scale?: number;
  /** Subtracted after scaling: one number, or one per entry of the first axis of `xShape`; default 0. */
  mean?: number | readonly number[];
  /** Divided by after that: one number, or one per entry of the first axis of `xShape`; default 1. */
  std?: number | readonly number[];
  /** Shown in logs and errors; default `data`. */
  name?: string;
}

/**
 * Samples in typed arrays. The model sees `(stored * scale - mean) / std`.
 * Do not write into `x` or `y` afterwards: they were checked when the data set was made.
 */
export class ArrayDataset {
  /** Stored inputs, `length * product(xShape)` values before scaling and normalization. */
  readonly x: Float32Array | Uint8Array;
  /** Shape of one input. */
  readonly xShape: readonly number[];
  /** Targets, `length * product(yShape)` values. Class indices are `Int32Array`. */
  readonly y: Int32Array | Float32Array;
  /** Shape of one target, `[]` for one number per sample. */
  readonly yShape: readonly number[];
  /** Class names, where there are any. */
  readonly classes?: readonly string[];
  /** Number of classes; undefined for regression. */
  readonly classCount?: number;
  /** Factor from stored to plain values. */
  readonly scale: number;
  /** Mean per channel (entry of the first axis of `xShape`), or one for all. */
  readonly mean: readonly number[];
  /** Standard deviation per channel, or one for all. */
  readonly std: readonly number[];
  /** Shown in logs and errors. */
  readonly name: string;
  /** Number of samples. */
  readonly length: number;

  private constructor(fields: DatasetFields) {
    this.x = fields.x;
    this.xShape = fields.xShape;
    this.y = fields.y;
    this.yShape = fields.yShape;
    this.classes = fields.classes;
    this.classCount = fields.classCount;
    this.scale = fields.scale;
    this.mean = fields.mean;
    this.std = fields.std;
    this.name = fields.name;
    this.length = fields.length;
  }

  /**
   * Checks the arrays and wraps them.
   * @throws GradloomError code `argument`: an option that does not exist.
   * @throws GradloomError with code `data`: lengths that disagree, no samples, NaN or Infinity (says sample and
   * position), labels out of range (says value, range and sample); code `argument`: bad shape or normalization.
   */
  static fromArrays(init: ArrayDatasetInit): ArrayDataset {
    checkOptions('ArrayDataset.fromArrays', init, OPTIONS);
    const name = init.name ?? 'data';
    const { classes, classCount: classNumber } = init;
    const { data: x, shape: xFound } = readInputs(init.x, name);
    const areClasses = classes !== undefined || classNumber !== undefined;
    const { data: y, shape: yFound } = readTargets(init.y, name, areClasses, IGNORED_LABEL);
    const xShape = checkShape('xShape', sampleShape('xShape', init.xShape, xFound));
    const yShape = checkShape('yShape', sampleShape('yShape', init.yShape, yFound));
    const length = checkLengths(name, x, xShape, y, yShape);
    if (x instanceof Float32Array) checkFinite(name, 'x', x, length);
    let classCount: number | undefined;
    if (y instanceof Float32Array) {
      checkFinite(name, 'y', y, length);
      if (areClasses) throw floatLabels(name, y);
    } else classCount = checkLabels(name, y, length, init);
    const scale = init.scale ?? (x instanceof Uint8Array ? 1 / 255 : 1);
    if (!Number.isFinite(scale) || scale === 0) {
      throw argumentError('scale', String(scale), 'a finite number other than 0');
    }
    const mean = checkNormalization('mean', init.mean ?? 0, xShape);
    const std = checkNormalization('std', init.std ?? 1, xShape);
    return new ArrayDataset({
      x,
      xShape,
      y,
      yShape,
      classes: classes && [...classes],
      classCount,
      scale,
      mean,
      std,
      name,
      length,
    });
  }

  /** Values per input, `product(xShape)`. */
  get xSize(): number {
    return product(this.xShape);
  }

  /** Values per target, `product(yShape)`. */
  get ySize(): number {
    return product(this.yShape);
  }

  /**
   * Scaling and normalization as one multiplication and one addition per channel: the model sees
   * `stored * multiply[c] + add[c]`, with `c` the index along the first axis of `xShape`. Both arrays have one
   * entry when all channels share it, else `xShape[0]` entries.
   */
  get affine(): { multiply: Float32Array; add: Float32Array } {
    const channels = Math.max(this.mean.length, this.std.length);
    const multiply = new Float32Array(channels);
    const add = new Float32Array(channels);
    for (let c = 0; c < channels; c++) {
      const mean = this.mean[this.mean.length === 1 ? 0 : c];
      const std = this.std[this.std.length === 1 ? 0 : c];
      multiply[c] = this.scale / std;
      add[c] = (0 - mean) / std;
    }
    return { multiply, add };
  }

  /**
   * Inputs `start .. end - 1` as the model sees them: scaled and normalized, shape `[end - start, ...xShape]`.
   */
  inputs(start = 0, end = this.length): Float32Array {
    const { xSize } = this;
    const { multiply, add } = this.affine;
    const inner = multiply.length === 1 ? xSize : xSize / multiply.length;
    if (
      !(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end >= start && end <= this.length)
    ) {
      throw argumentError(
        'range',
        `${start}..${end}`,
        `samples from 0 to ${this.length}`,
        undefined,
        'inputs',
      );
    }
    const out = new Float32Array((end - start) * xSize);
    for (let i = 0, from = start * xSize; i < out.length; i++, from++) {
      const c = multiply.length === 1 ? 0 : Math.floor((i % xSize) / inner);
      out[i] = this.x[from] * multiply[c] + add[c];
    }
    return out;
  }

  /** The samples with the given indices, copied in that order. Throws (code `argument`) on a bad index. */
  subset(indices: ArrayLike<number>, name = this.name): ArrayDataset {
    if (!Number.isInteger(indices?.length)) {
      throw argumentError('indices', showValue(indices), 'a list of indices', undefined, 'subset');
    }
    if (indices.length === 0) {
      throw argumentError('indices', 'empty', 'at least one sample', undefined, 'subset');
    }
    const { xSize, ySize } = this;
    const x =
      this.x instanceof Uint8Array
        ? new Uint8Array(indices.length * xSize)
        : new Float32Array(indices.length * xSize);
    const y =
      this.y instanceof Int32Array
        ? new Int32Array(indices.length * ySize)
        : new Float32Array(indices.length * ySize);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (!Number.isInteger(index) || index < 0 || index >= this.length) {
        throw argumentError(
          `indices[${i}]`,
          String(index),
          `an integer in 0..${this.length - 1}`,
          undefined,
          'subset',
        );
      }
      x.set(this.x.subarray(index * xSize, (index + 1) * xSize), i * xSize);
      y.set(this.y.subarray(index * ySize, (index + 1) * ySize), i * ySize);
    }
    return new ArrayDataset({ ...this, x, y, name, length: indices.length });
  }

  /** The samples `start .. end - 1` (limits as in `Array.slice`), sharing memory with this data set. */
  slice(start = 0, end = this.length, name = this.name): ArrayDataset {
    checkIndices(start, end);
    const from = clampIndex(start, this.length);
    const to = clampIndex(end, this.length);
    if (to <= from) {
      throw argumentError(
        'range',
        `${start}..${end}`,
        `at least one of ${this.length} samples`,
        undefined,
        'slice',
      );
    }
    const { xSize, ySize } = this;
    const x = this.x.subarray(from * xSize, to * xSize);
    const y = this.y.subarray(from * ySize, to * ySize);
    return new ArrayDataset({ ...this, x, y, name, length: to - from });
  }

  /**
   * Shuffles by `seed` and cuts in two: the second part has `round(length * fraction)` samples, the first the
   * rest. `const [train, validation] = data.split(0.1, 0)`. Throws (code `argument`) when a part would be empty.
   */
  split(fraction: number, seed = 0): [ArrayDataset, ArrayDataset] {
    const count = Math.round(this.length * fraction);
    if (!(fraction > 0 && fraction < 1) || count < 1 || count >= this.length) {
      throw argumentError(
        'fraction',
        String(fraction),
        `a number between 0 and 1 that leaves samples in both parts of ${this.length}`,
        this.length < 2 ? 'Use a data set with more samples.' : 'Use for example 0.1.',
        'split',
      );
    }
    const order = new Random(seed, 'ArrayDataset.split').shuffle(
      Uint32Array.from({ length: this.length }, (_, i) => i),
    );
    const first = order.subarray(0, this.length - count).sort();
    const second = order.subarray(this.length - count).sort();
    return [this.subset(first), this.subset(second)];
  }

  /** The same samples with another normalization (see {@link ArrayDatasetInit.mean}), sharing memory. */
  withNormalization(mean: number | readonly number[], std: number | readonly number[]): ArrayDataset {
    return new ArrayDataset({
      ...this,
      mean: checkNormalization('mean', mean, this.xShape),
      std: checkNormalization('std', std, this.xShape),
    });
  }

  /**
   * Mean and (population) standard deviation of the scaled values per entry of the first axis of `xShape`: per
   * channel of images, per feature of tables. A constant channel gets the deviation 1, so that dividing is safe.
   * To standardize: `train.withNormalization(mean, std)`, and the same numbers for the test set.
   */
  statistics(): { mean: number[]; std: number[] } {
    const channels = this.xShape[0] ?? 1;
    const inner = this.xSize / channels;
    const count = this.length * inner;
    const mean = new Array<number>(channels).fill(0);
    const std = new Array<number>(channels).fill(0);
    const visit = (each: (value: number, channel: number) => void): void => {
      for (let i = 0; i < this.length * this.xSize; i++) {
        each(this.x[i] * this.scale, Math.floor(i / inner) % channels);
      }
    };
    visit((value, c) => (mean[c] += value / count));
    // A second pass over the deviations: the textbook one-pass formula loses the variance of large means.
    visit((value, c) => (std[c] += (value - mean[c]) ** 2 / count));
    return { mean, std: std.map((variance, c) => safeDeviation(Math.sqrt(variance), mean[c])) };
  }
}

type DatasetFields = Pick<
  ArrayDataset,
  'x' | 'xShape' | 'y' | 'yShape' | 'classes' | 'classCount' | 'scale' | 'mean' | 'std' | 'name' | 'length'
>;

/** Rounding leaves a constant channel a tiny deviation instead of 0: dividing by it would blow up noise. */
function safeDeviation(std: number, mean: number): number {
  return std > 1e-12 * Math.max(1, Math.abs(mean)) ? std : 1;
}

function checkIndices(...indices: number[]): void {
  const bad = indices.find(
    (index) => !Number.isInteger(index) && Math.abs(index) !== Number.POSITIVE_INFINITY,
  );
  if (bad !== undefined) throw argumentError('range', showValue(bad), 'whole numbers', undefined, 'slice');
}

function clampIndex(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}

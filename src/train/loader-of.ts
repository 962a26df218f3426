/** Loaders over arrays that `fit` and `evaluate` were given, and over data sets whose samples count differently. */
import { ArrayDataset } from '../data/dataset';
import { type HostValues, hostTensor, type TensorData } from '../data/host-tensor';
import { type BatchArrays, DataLoader } from '../data/loader';
import { isNamed } from '../data/loader/collate';
import { formatShape, GradloomError, showValue } from '../errors';
import { type BatchOptions, type FitData, isArrays, type TrainingData } from './fit-data';

/** Data sets of arrays that were given before: the same arrays are uploaded once. */
const known = new WeakMap<BatchArrays, ArrayDataset>();

export function loaderOf(
  op: string,
  data: FitData,
  options: BatchOptions,
  seed: number,
): TrainingData | DataLoader {
  const { batchSize, shuffle = true, dropLast, sampleWeight, classWeight } = options;
  const dataset = isArrays(data) ? datasetOf(data) : data instanceof ArrayDataset ? data : undefined;
  const isWeighted = sampleWeight !== undefined || classWeight !== undefined;
  if (!isWeighted) {
    if (dataset) return dataset;
    const samples = new DataLoader(data as BatchArrays).samples!;
    return new DataLoader(data as BatchArrays, {
      batchSize: Math.min(batchSize ?? 32, samples),
      shuffle,
      dropLast,
      seed,
    });
  }
  if (!dataset) {
    const argument = sampleWeight === undefined ? 'classWeight' : 'sampleWeight';
    throw new GradloomError({
      code: 'argument',
      op,
      argument,
      got: 'given with a loader, a text or several inputs or targets',
      expected: 'an ArrayDataset, or arrays x and y',
      fix: 'Give the weights to the data: { x, y, sampleWeight }, or samples { x, y, weight } of a DataLoader',
    });
  }
  const weights = weightsOf(op, dataset, sampleWeight as TensorData | undefined, classWeight);
  return new DataLoader(dataset, {
    batchSize: Math.min(batchSize ?? 32, dataset.length),
    shuffle,
    dropLast,
    seed,
    sampleWeight: weights,
  });
}

/** Single arrays without weights as a data set, which lies on the GPU. */
function datasetOf(arrays: BatchArrays): ArrayDataset | undefined {
  const { x, y, sampleWeight, ...more } = arrays;
  if (isNamed(x) || isNamed(y) || sampleWeight !== undefined || Object.keys(more).length > 0)
    return undefined;
  const found = known.get(arrays);
  if (found) return found;
  const read = (value: TensorData, argument: string) => hostTensor(value, { op: 'Trainer', argument });
  const [inputs, targets] = [read(x, 'x'), read(y, 'y')];
  // Token indices stay whole numbers, and single numbers have no shape for a data set.
  if (inputs.dtype !== 'f32' || inputs.shape.length < 2) return undefined;
  const values = ({ data }: HostValues, given: TensorData) => (Array.isArray(given) ? given : data);
  const made = ArrayDataset.fromArrays({
    x: inputs.data,
    xShape: inputs.shape.slice(1),
    y: values(targets, y) as Float32Array,
    yShape: targets.shape.slice(1),
  });
  known.set(arrays, made);
  return made;
}

/** What each sample counts for: its own weight times that of its class. */
function weightsOf(
  op: string,
  data: ArrayDataset,
  sampleWeight: TensorData | undefined,
  classWeight: unknown,
): Float32Array {
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got, expected });
  const weights =
    sampleWeight === undefined
      ? new Float32Array(data.length).fill(1)
      : Float32Array.from(hostTensor(sampleWeight, { op, argument: 'sampleWeight' }).data);
  if (weights.length !== data.length)
    throw fail('sampleWeight', `${weights.length} weights`, `${data.length}, one per sample`);
  if (classWeight === undefined) return weights;
  if (!(data.y instanceof Int32Array) || data.ySize !== 1)
    throw fail(
      'classWeight',
      `given for targets ${formatShape(data.yShape)} of floats or several`,
      'a class index per sample',
    );
  const classes = data.classCount ?? Math.max(...data.y) + 1;
  const byClass = classWeights(classWeight, data.y, classes, fail);
  return weights.map((weight, i) => weight * (byClass[data.y[i]] ?? 1));
}

/** A weight per class, of a list, a record of those that are not 1, or by scikit-learn's rule: n / (classes * count). */
function classWeights(
  given: unknown,
  labels: Int32Array,
  classes: number,
  fail: (argument: string, got: string, expected: string) => GradloomError,
): number[] {
  if (given === 'balanced') {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) if (label >= 0) counts[label]++;
    return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)));
  }
  const isList = Array.isArray(given) || ArrayBuffer.isView(given);
  if (!isList && (typeof given !== 'object' || given === null))
    throw fail('classWeight', showValue(given), "a list, a record by class index, or 'balanced'");
  const weights = new Array<number>(classes).fill(1);
  const entries = isList
    ? Array.from(given as unknown as number[]).entries()
    : Object.entries(given as object);
  let count = 0;
  for (const [key, weight] of entries) {
    const index = Number(key);
    if (!(Number.isInteger(index) && index >= 0 && index < classes))
      throw fail('classWeight', `a weight for ${key}`, `classes 0 to ${classes - 1}`);
    if (!(typeof weight === 'number' && weight >= 0 && Number.isFinite(weight)))
      throw fail(`classWeight[${key}]`, showValue(weight), 'a finite number from 0');
    weights[index] = weight;
    count++;
  }
  if (isList && count !== classes) throw fail('classWeight', `${count} weights`, `${classes}, one per class`);
  return weights;
}

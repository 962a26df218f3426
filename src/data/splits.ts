/** Data sets in parts: stratified, in folds; counts and weights of classes; one-hot targets; normalization by the training part. */
import { checkCount, checkOptions, checkSeed } from '../checks';
import { GradloomError, showValue } from '../errors';
import { Random } from '../random';
import { ArrayDataset, IGNORED_LABEL } from './dataset';

const refuse = (op: string, argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got, expected, fix });

/** The label of each sample. @throws GradloomError `argument` for targets that are no class index per sample. */
function labelsOf(op: string, data: ArrayDataset): Int32Array {
  if (!(data instanceof ArrayDataset)) throw refuse(op, 'data', showValue(data), 'an ArrayDataset');
  if (data.y instanceof Int32Array && data.ySize === 1) return data.y;
  const got = data.y instanceof Int32Array ? `${data.ySize} targets per sample` : 'targets that are numbers';
  throw refuse(op, 'data', got, 'one class index per sample');
}

/** Places of the samples by class, shuffled within each; samples without a label are a class of their own. */
function placesByClass(labels: Int32Array, random: Random | undefined): number[][] {
  const byClass = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    const places = byClass.get(label);
    if (places) places.push(i);
    else byClass.set(label, [i]);
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b);
  return classes.map((label) => random?.shuffle(byClass.get(label)!) ?? byClass.get(label)!);
}

/**
 * Two parts with the same mix of classes, chosen by `seed`: `[train, validation]`, the second with `fraction` of each class. As
 * in scikit-learn's `train_test_split(stratify=y)`, the parts together have the size that `ArrayDataset.split` gives them.
 * @throws GradloomError `argument` for a fraction that leaves a part empty, a class with one sample, and targets that are no classes.
 */
export function stratifiedSplit(
  data: ArrayDataset,
  fraction: number,
  seed = 0,
): [ArrayDataset, ArrayDataset] {
  const op = 'stratifiedSplit';
  const labels = labelsOf(op, data);
  checkSeed(op, seed);
  const wanted = Math.round(data.length * fraction);
  if (!(fraction > 0 && fraction < 1) || wanted < 1 || wanted >= data.length) {
    const expected = `a number between 0 and 1 that leaves samples in both parts of ${data.length}`;
    throw refuse(op, 'fraction', showValue(fraction), expected);
  }
  const classes = placesByClass(labels, new Random(seed, op));
  const single = classes.find((places) => places.length < 2);
  if (single) {
    const got = `one sample of class ${labels[single[0]]}`;
    throw refuse(op, 'data', got, 'two of each class at least', 'Leave that class out, or use split');
  }
  // Largest remainders: whole samples of each class, and the rest where most is cut off.
  const exact = classes.map((places) => (places.length * wanted) / data.length);
  const counts = exact.map(Math.floor);
  const order = exact.map((value, i) => [value - counts[i], i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const missing = wanted - counts.reduce((sum, count) => sum + count, 0);
  for (const [, i] of order.slice(0, missing)) counts[i]++;
  const held = classes.flatMap((places, i) => places.slice(0, counts[i])).sort((a, b) => a - b);
  const rest = classes.flatMap((places, i) => places.slice(counts[i])).sort((a, b) => a - b);
  return [data.subset(rest), data.subset(held)];
}

export interface KFoldOptions {
  /** Whether each fold has the mix of classes of all data. Default false. */
  stratified?: boolean;
  /** Default true; else folds are runs of neighbouring samples, as scikit-learn's KFold. */
  shuffle?: boolean;
  seed?: number;
}

/** One of the folds of a cross-validation. */
export interface Fold {
  train: ArrayDataset;
  validation: ArrayDataset;
}

/**
 * The `k` folds of a cross-validation: each sample is in the validation part of one of them. The first folds have one sample
 * more where `k` does not divide the number of samples.
 * @throws GradloomError `argument` for more folds than samples, or with `stratified` than samples of a class.
 */
export function kFold(data: ArrayDataset, k: number, options: KFoldOptions = {}): Fold[] {
  checkOptions('kFold', options, ['stratified', 'shuffle', 'seed']);
  const { stratified = false, shuffle = true, seed = 0 } = options;
  checkCount('kFold', 'k', k);
  checkSeed('kFold', seed);
  if (!(data instanceof ArrayDataset)) throw refuse('kFold', 'data', showValue(data), 'an ArrayDataset');
  if (k < 2 || k > data.length)
    throw refuse('kFold', 'k', String(k), `2 to ${data.length}, the number of samples`);
  const random = shuffle ? new Random(seed, 'kFold') : undefined;
  const fold = new Uint32Array(data.length);
  if (stratified) {
    const labels = labelsOf('kFold', data);
    const classes = placesByClass(labels, random);
    const small = classes.find((places) => places.length < k);
    if (small) {
      const got = `${small.length} samples of class ${labels[small[0]]}`;
      throw refuse('kFold', 'data', got, `${k} of each class at least`, 'Ask for fewer folds');
    }
    // Classes go round the folds one after the other, so that folds differ by one sample at most.
    let next = 0;
    for (const place of classes.flat()) fold[place] = next++ % k;
  } else {
    const order = Array.from({ length: data.length }, (_, i) => i);
    random?.shuffle(order);
    const [size, more] = [Math.floor(data.length / k), data.length % k];
    let start = 0;
    for (let i = 0; i < k; i++) {
      const end = start + size + (i < more ? 1 : 0);
      for (const place of order.slice(start, end)) fold[place] = i;
      start = end;
    }
  }
  const placesWhere = (test: (of: number) => boolean) =>
    Array.from(fold.keys()).filter((place) => test(fold[place]));
  return Array.from({ length: k }, (_, i) => ({
    train: data.subset(placesWhere((of) => of !== i)),
    validation: data.subset(placesWhere((of) => of === i)),
  }));
}

/** How many samples each class has; those without a label do not count. */
export function classCounts(data: ArrayDataset): number[] {
  const counts = new Array<number>(data.classCount ?? 0).fill(0);
  for (const label of labelsOf('classCounts', data)) if (label !== IGNORED_LABEL) counts[label]++;
  return counts;
}

/**
 * Weights that make up for rare classes, as scikit-learn's `class_weight='balanced'`: samples / (classes * samples of the class),
 * counted over the classes that there are; 0 for a class without samples. For the `weight` of a loss:
 * `{ type: 'crossEntropy', weight: classWeights(train) }`.
 */
export function classWeights(data: ArrayDataset): number[] {
  const counts = classCounts(data);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (present * count) : 0));
}

/**
 * The same samples with targets `[classes]` of 0 and 1 in place of class indices, for losses of numbers.
 * @throws GradloomError `argument` for targets that are no classes, `data` for samples without a label.
 */
export function oneHot(data: ArrayDataset): ArrayDataset {
  const labels = labelsOf('oneHot', data);
  const classes = data.classCount!;
  const y = new Float32Array(labels.length * classes);
  for (const [i, label] of labels.entries()) {
    if (label === IGNORED_LABEL) {
      const got = `sample ${i} without a label (${IGNORED_LABEL})`;
      throw new GradloomError({
        code: 'data',
        op: 'oneHot',
        argument: data.name,
        got,
        expected: 'a class for each',
      });
    }
    y[i * classes + label] = 1;
  }
  const { x, xShape, scale, mean, std, name } = data;
  return ArrayDataset.fromArrays({ x, xShape, y, yShape: [classes], scale, mean, std, name });
}

/**
 * The parts with the mean and standard deviation of the first, per entry of the first axis of `xShape` (channel, column): no part
 * but the training data tells anything of itself. `const [train, test] = standardized(trainRaw, testRaw)`.
 */
export function standardized<const D extends readonly [ArrayDataset, ...ArrayDataset[]]>(
  ...parts: D
): { [K in keyof D]: ArrayDataset } {
  const bad = parts.find((part) => !(part instanceof ArrayDataset));
  if (parts.length === 0 || bad !== undefined) {
    throw refuse('standardized', 'parts', showValue(bad), 'data sets, the training part first');
  }
  const { mean, std } = parts[0].statistics();
  return parts.map((part) => part.withNormalization(mean, std)) as { [K in keyof D]: ArrayDataset };
}

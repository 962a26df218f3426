import { describe, expect, it } from 'vitest';
import { ArrayDataset } from './dataset';
import { classCounts, classWeights, kFold, oneHot, standardized, stratifiedSplit } from './splits';

/** Samples that know their place: class 0 six times, 1 three times, 2 twelve times. */
const labels = [...Array(6).fill(0), ...Array(3).fill(1), ...Array(12).fill(2)];
const data = ArrayDataset.fromArrays({ x: labels.map((_, i) => [i, 2 * i]), y: labels });
const placesOf = (part: ArrayDataset) => Array.from({ length: part.length }, (_, i) => part.x[2 * i]);

describe('stratifiedSplit', () => {
  it('keeps the mix of classes in both parts, and every sample once', () => {
    const [train, held] = stratifiedSplit(data, 1 / 3, 5);
    expect([classCounts(train), classCounts(held)]).toEqual([
      [4, 2, 8],
      [2, 1, 4],
    ]);
    expect([...placesOf(train), ...placesOf(held)].sort((a, b) => a - b)).toEqual([...labels.keys()]);
    expect(placesOf(stratifiedSplit(data, 1 / 3, 5)[1])).toEqual(placesOf(held));
    expect(placesOf(stratifiedSplit(data, 1 / 3, 6)[1])).not.toEqual(placesOf(held));
  });
  it('has the size of an ordinary split', () => {
    for (const fraction of [0.1, 0.25, 0.5, 0.77]) {
      expect(stratifiedSplit(data, fraction)[1].length).toBe(data.split(fraction)[1].length);
    }
  });
  it('refuses what cannot be split', () => {
    expect(() => stratifiedSplit(data, 1)).toThrow(/fraction is 1.*both parts of 21/);
    const single = ArrayDataset.fromArrays({ x: [[1], [2], [3]], y: [0, 0, 1] });
    expect(() => stratifiedSplit(single, 0.4)).toThrow(/one sample of class 1/);
    const numbers = ArrayDataset.fromArrays({ x: [[1], [2]], y: Float32Array.of(0.5, 1) });
    expect(() => stratifiedSplit(numbers, 0.5)).toThrow(/targets that are numbers/);
  });
});

describe('kFold', () => {
  it.each([true, false])('validates every sample once (stratified: %s)', (stratified) => {
    const folds = kFold(data, 3, { stratified, seed: 2 });
    const held = folds.flatMap(({ validation }) => placesOf(validation));
    expect(held.sort((a, b) => a - b)).toEqual([...labels.keys()]);
    for (const { train, validation } of folds) {
      expect([train.length, validation.length]).toEqual([14, 7]);
      if (stratified) expect(classCounts(validation)).toEqual([2, 1, 4]);
    }
  });
  it('cuts runs of neighbours without shuffle, the first ones longer, as scikit-learn', () => {
    const folds = kFold(data.slice(0, 7), 3, { shuffle: false });
    expect(folds.map(({ validation }) => placesOf(validation))).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
  });
  it('refuses impossible folds and unknown options', () => {
    expect(() => kFold(data, 22)).toThrow(/k is 22.*2 to 21/);
    expect(() => kFold(data, 4, { stratified: true })).toThrow(/3 samples of class 1/);
    expect(() => kFold(data, 3, { stratify: true } as object)).toThrow(/Did you mean stratified/);
  });
});

describe('classes', () => {
  it('have balanced weights as in scikit-learn', () => {
    // compute_class_weight('balanced', classes=[0, 1, 2], y=labels)
    expect(classWeights(data)).toEqual([21 / 18, 21 / 9, 21 / 36]);
    const gap = ArrayDataset.fromArrays({ x: [[1], [2]], y: [0, 2] });
    expect(classWeights(gap)).toEqual([1, 0, 1]);
  });
  it('become one-hot targets', () => {
    const { y, yShape } = oneHot(data.subset([0, 6, 20]));
    expect([yShape, Array.from(y)]).toEqual([[3], [1, 0, 0, 0, 1, 0, 0, 0, 1]]);
    const unlabelled = ArrayDataset.fromArrays({ x: [[1], [2]], y: Int32Array.of(0, -100) });
    expect(() => oneHot(unlabelled)).toThrow(/sample 1 without a label/);
  });
});

it('standardized goes by the training part alone', () => {
  const [train, test] = standardized(data.slice(0, 10), data.slice(10));
  expect(train.statistics().mean[0]).toBeCloseTo(4.5);
  expect(test.mean).toEqual(train.mean);
  expect(test.inputs(0, 1)[0]).toBeCloseTo((10 - 4.5) / Math.sqrt(8.25), 5);
});

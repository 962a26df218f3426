// ArrayDataset: what it accepts, what it refuses and with which words, and how it cuts and normalizes.
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { ArrayDataset, type ArrayDatasetInit } from './dataset';

const bytes = () =>
  ArrayDataset.fromArrays({
    name: 'tiny',
    x: Uint8Array.from({ length: 20 }, (_, i) => i),
    xShape: [2, 1],
    y: Int32Array.from({ length: 10 }, (_, i) => i % 3),
    classes: ['a', 'b', 'c'],
  });

function refusal(init: Partial<ArrayDatasetInit>): GradloomError {
  try {
    ArrayDataset.fromArrays({
      name: 't',
      x: new Float32Array(6),
      xShape: [3],
      y: new Int32Array(2),
      ...init,
    });
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    return error as GradloomError;
  }
  throw new Error('accepted');
}

describe('ArrayDataset.fromArrays', () => {
  it('keeps the arrays and derives length, classes and scale', () => {
    const data = bytes();
    expect([data.length, data.xSize, data.ySize, data.classCount, data.scale]).toEqual([
      10,
      2,
      1,
      3,
      1 / 255,
    ]);
    expect(data.classes).toEqual(['a', 'b', 'c']);
    const floats = ArrayDataset.fromArrays({ x: new Float32Array(4), xShape: [2], y: Int32Array.of(0, 4) });
    expect([floats.scale, floats.classCount, floats.name]).toEqual([1, 5, 'data']);
    const numbers = ArrayDataset.fromArrays({
      x: new Float32Array(4),
      xShape: [2],
      y: Float32Array.of(1, 2, 3, 4),
      yShape: [2],
    });
    expect([numbers.classCount, numbers.ySize, numbers.length]).toEqual([undefined, 2, 2]);
  });

  it.each<[string, Partial<ArrayDatasetInit>, string, RegExp]>([
    [
      'no samples',
      { x: new Float32Array(0), y: new Int32Array(0) },
      'data',
      /t is empty; expected at least one/,
    ],
    ['NaN', { x: Float32Array.of(0, 0, 0, 0, Number.NaN, 0) }, 'data', /x of sample 1, position 1, is NaN/],
    [
      'Infinity',
      { x: Float32Array.of(0, 0, Number.NEGATIVE_INFINITY, 0, 0, 0) },
      'data',
      /sample 0, position 2, is -Infinity/,
    ],
    ['NaN target', { y: Float32Array.of(0, Number.NaN) }, 'data', /y of sample 1, position 0, is NaN/],
    [
      'negative label',
      { y: Int32Array.of(0, -1) },
      'data',
      /label of sample 1 is -1; expected a class index, 0 or/,
    ],
    ['large label', { y: Int32Array.of(2, 0), classes: ['a', 'b'] }, 'data', /sample 0 is 2; .*in 0\.\.1/],
    ['half a sample', { x: new Float32Array(7) }, 'data', /x is 7 values; expected a multiple of 3/],
    ['a target too few', { y: new Int32Array(1) }, 'data', /y is 1 targets; expected 2/],
    ['targets only', { x: new Float32Array(0) }, 'data', /expected 0, one for every input/],
    ['zero extent', { xShape: [0] }, 'argument', /xShape is \[0\]/],
    ['zero deviation', { std: 0 }, 'argument', /std is 0/],
    ['means of other channels', { mean: [0, 0] }, 'argument', /2 numbers; expected 1 or 3/],
    [
      'contradicting class counts',
      { classes: ['a'], classCount: 2 },
      'argument',
      /classCount is 2; expected 1/,
    ],
    ['zero scale', { scale: 0 }, 'argument', /scale is 0/],
  ])('refuses %s', (_, init, code, message) => {
    const error = refusal(init);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    if (code === 'data') expect(error.fix).toBeTruthy();
  });
});

describe('cutting', () => {
  it('subset copies the named samples in order and refuses bad indices', () => {
    const part = bytes().subset([9, 0]);
    expect([...part.x]).toEqual([18, 19, 0, 1]);
    expect([...part.y]).toEqual([0, 0]);
    expect(part.classCount).toBe(3);
    expect(() => bytes().subset([10])).toThrow(/indices\[0\] is 10; expected an integer in 0\.\.9/);
    expect(() => bytes().subset([])).toThrow(/empty/);
  });

  it('slice shares memory and takes limits like Array.slice', () => {
    const data = bytes();
    const part = data.slice(-2);
    expect([...part.x]).toEqual([16, 17, 18, 19]);
    expect(part.x.buffer).toBe(data.x.buffer);
    expect(data.slice(0, 99).length).toBe(10);
    expect(() => data.slice(5, 5)).toThrow(/at least one of 10 samples/);
  });

  it('split is a partition that depends on the seed alone', () => {
    const firsts = (data: ArrayDataset) => [...data.x].filter((_, i) => i % 2 === 0);
    const [train, rest] = bytes().split(0.3, 7);
    expect([train.length, rest.length]).toEqual([7, 3]);
    expect([...firsts(train), ...firsts(rest)].sort((a, b) => a - b)).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
    ]);
    expect(firsts(bytes().split(0.3, 7)[1])).toEqual(firsts(rest));
    const others = [1, 2, 3, 4].map((seed) => firsts(bytes().split(0.3, seed)[1]).join());
    expect(new Set(others).size).toBeGreaterThan(1);
    for (const bad of [0, 1, 0.01, Number.NaN]) expect(() => bytes().split(bad)).toThrow(/fraction is/);
  });
});

describe('normalization', () => {
  it('scales, then subtracts the mean and divides by the deviation, per channel', () => {
    const data = bytes().withNormalization([0, 0.5], [1, 2]);
    const inputs = data.inputs(3, 5);
    const expected = [6 / 255, (7 / 255 - 0.5) / 2, 8 / 255, (9 / 255 - 0.5) / 2];
    expected.forEach((value, i) => {
      expect(inputs[i]).toBeCloseTo(value, 6);
    });
    expect(data.affine.multiply).toHaveLength(2);
    expect(bytes().affine.add).toEqual(Float32Array.of(0));
  });

  it('statistics standardize each feature, also with a large mean and a constant one', () => {
    const x = Float32Array.from(
      { length: 300 },
      (_, i) => [10000 + ((i / 3) % 2 < 1 ? -1 : 1), 0.1, i][i % 3],
    );
    const data = ArrayDataset.fromArrays({ x, xShape: [3], y: new Float32Array(100) });
    const { mean, std } = data.statistics();
    expect(mean[0]).toBeCloseTo(10000, 6);
    expect(std[0]).toBeCloseTo(1, 6);
    expect(std[1]).toBe(1);
    const third = data
      .withNormalization(mean, std)
      .inputs()
      .filter((_, i) => i % 3 === 2);
    expect(third.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 3);
    expect(third.reduce((sum, value) => sum + value * value, 0) / 100).toBeCloseTo(1, 4);
  });
});

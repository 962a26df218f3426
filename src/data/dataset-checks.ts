/** What a data set checks when it is made, so that nothing later has to ask whether the data is sound. */
import { formatShape, GradloomError, showValue } from '../errors';

/** The label of a target that losses and accuracies do not count: the default of `ignore_index` in PyTorch. */
export const IGNORED_LABEL = -100;

/** Number of values of a shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

export function argumentError(
  argument: string,
  got: string,
  expected: string,
  fix?: string,
  op = 'fromArrays',
): GradloomError {
  return new GradloomError({ code: 'argument', op: `ArrayDataset.${op}`, argument, got, expected, fix });
}

export function dataError(argument: string, got: string, expected: string, fix: string): GradloomError {
  return new GradloomError({ code: 'data', op: 'ArrayDataset', argument, got, expected, fix });
}

export function checkShape(argument: string, shape: readonly number[]): number[] {
  if (!Array.isArray(shape) || !shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
    throw argumentError(argument, showValue(shape), 'positive integers, the shape of one sample');
  }
  return [...shape];
}

export function checkLengths(
  name: string,
  x: Float32Array | Uint8Array,
  xShape: readonly number[],
  y: Int32Array | Float32Array,
  yShape: readonly number[],
): number {
  if (x.length === 0 && y.length === 0) {
    throw dataError(name, 'empty', 'at least one sample', 'Check that the right file was loaded.');
  }
  const count = (argument: string, values: number, shape: readonly number[]): number => {
    const size = product(shape);
    if (values % size === 0) return values / size;
    const fix = `Check ${argument}Shape, and that the data is complete.`;
    throw dataError(
      `${name}: ${argument}`,
      `${values} values`,
      `a multiple of ${size}, the size of ${formatShape(shape)}`,
      fix,
    );
  };
  const inputs = count('x', x.length, xShape);
  const targets = count('y', y.length, yShape);
  if (inputs !== targets) {
    const fix = 'Pass one target for every input, in the same order.';
    throw dataError(`${name}: y`, `${targets} targets`, `${inputs}, one for every input`, fix);
  }
  return inputs;
}

export function checkFinite(name: string, argument: string, values: Float32Array, length: number): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const size = values.length / length;
  const where = `${argument} of sample ${Math.floor(bad / size)}, position ${bad % size},`;
  throw dataError(
    `${name}: ${where}`,
    String(values[bad]),
    'a finite number',
    'Remove or repair that sample.',
  );
}

/** Class names for numbers: a mistake that training would show as an error about shapes. */
export function floatLabels(name: string, y: Float32Array): GradloomError {
  const at = Math.max(
    0,
    y.findIndex((value) => !Number.isInteger(value)),
  );
  const fix = 'Pass class indices as Int32Array or a list; leave classes out for numbers to regress on.';
  const got = `${y[at]} in a Float32Array`;
  return dataError(`${name}: label of sample ${at}`, got, 'a class index, since there are classes', fix);
}

export function checkLabels(
  name: string,
  labels: Int32Array,
  length: number,
  init: { classes?: readonly string[]; classCount?: number },
): number {
  const { classes, classCount } = init;
  if (classCount !== undefined && !(Number.isInteger(classCount) && classCount > 0)) {
    throw argumentError('classCount', String(classCount), 'a positive integer');
  }
  if (classes && classCount !== undefined && classes.length !== classCount) {
    throw argumentError('classCount', String(classCount), `${classes.length}, the number of class names`);
  }
  const known = classCount ?? classes?.length;
  const limit = known ?? Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label !== IGNORED_LABEL && (label < 0 || label >= limit)) {
      const sample = Math.floor(i / (labels.length / length));
      const range = known === undefined ? 'a class index, 0 or more' : `a class index in 0..${known - 1}`;
      const fix = 'Number the classes from 0, or pass the right classes.';
      throw dataError(`${name}: label of sample ${sample}`, String(label), range, fix);
    }
    if (label > largest) largest = label;
  }
  return known ?? largest + 1;
}

export function checkNormalization(
  argument: 'mean' | 'std',
  value: number | readonly number[],
  xShape: readonly number[],
): readonly number[] {
  if (typeof value !== 'number' && !Array.isArray(value)) {
    throw argumentError(argument, showValue(value), 'a number, or a list of them');
  }
  const list = typeof value === 'number' ? [value] : [...value];
  const channels = xShape[0] ?? 1;
  if (list.length !== 1 && list.length !== channels) {
    throw argumentError(
      argument,
      `${list.length} numbers`,
      `1 or ${channels}, one per entry of the first axis`,
    );
  }
  const good = argument === 'mean' ? Number.isFinite : (std: number) => Number.isFinite(std) && std > 0;
  const bad = list.find((entry) => !good(entry));
  if (bad !== undefined) {
    throw argumentError(argument, String(bad), argument === 'mean' ? 'finite' : 'finite and above 0');
  }
  return list;
}

/** The arrays of a data set, from values as people have them: typed arrays of every kind, or nested lists. */
import { formatShape, GradloomError } from '../errors';
import {
  type AnyTypedArray,
  attached,
  flattened,
  floatsOf,
  holdsFloats,
  isTypedArray,
  kindOf,
  type NestedArray,
  wholesOf,
} from '../numbers';

/** Inputs or targets of all samples: a typed array, a list of their values, or a list of samples. */
export type SampleValues = AnyTypedArray | readonly NestedArray[];

/** A typed array, or a list as one with the shape of its items. */
interface Read<T> {
  data: T;
  /** Shape of one sample, where lists have one. */
  shape?: number[];
}

/** Inputs: bytes stay bytes, all else becomes float32. @throws GradloomError `data` for what are no numbers. */
export function readInputs(values: SampleValues, name: string): Read<Float32Array | Uint8Array> {
  const place = { op: 'ArrayDataset', argument: `${name}: x` };
  if (!isTypedArray(values)) {
    const { shape, numbers } = lists(values, place);
    return { data: floatsOf(numbers, place), shape };
  }
  const own = attached(values, place);
  if (own instanceof Uint8Array) return { data: own };
  if (kindOf(own) === 'Uint8ClampedArray') {
    return { data: new Uint8Array(own.buffer, own.byteOffset, own.byteLength) };
  }
  return { data: floatsOf(own, place) };
}

/**
 * Targets: class indices from typed arrays of integers, and from lists of whole numbers from 0 (or -100, which does not
 * count); numbers to regress on from floats and other lists.
 * @param areClasses whether names or the number of classes are given, so that nothing else than indices will do
 */
export function readTargets(
  values: SampleValues,
  name: string,
  areClasses: boolean,
  ignored: number,
): Read<Float32Array | Int32Array> {
  const place = { op: 'ArrayDataset', argument: `${name}: ${areClasses ? 'labels' : 'y'}` };
  if (isTypedArray(values)) {
    return { data: holdsFloats(values) ? floatsOf(values, place) : wholesOf(values, place) };
  }
  const { shape, numbers } = lists(values, place);
  const isIndex = (value: number | bigint | boolean) =>
    typeof value !== 'number' || (Number.isInteger(value) && (value >= 0 || value === ignored));
  const whole = areClasses || numbers.every(isIndex);
  return { data: whole ? wholesOf(numbers, place) : floatsOf(numbers, place), shape };
}

function lists(values: unknown, place: { op: string; argument: string }) {
  if (!Array.isArray(values)) {
    // Names the kind of what is no list.
    floatsOf(values, place);
  }
  const { shape, values: numbers } = flattened(values as readonly NestedArray[], place);
  return { shape: shape.slice(1), numbers };
}

/**
 * The shape of one sample: the one that is given, where a list has as many values, or that of a list's items.
 * @throws GradloomError `argument` when neither says it, or both say different things.
 */
export function sampleShape(
  argument: 'xShape' | 'yShape',
  given: readonly number[] | undefined,
  found: readonly number[] | undefined,
): readonly number[] {
  const fail = (got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'argument', op: 'ArrayDataset.fromArrays', argument, got, expected, fix });
  if (given === undefined) {
    if (argument === 'yShape') return found ?? [];
    if (found && found.length > 0) return found;
    throw fail(
      'missing',
      'the shape of one sample, for example [4] for 4 features',
      'Or give x as a list of samples',
    );
  }
  const sizeOf = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);
  if (!Array.isArray(given) || !found || found.length === 0 || sizeOf(found) === sizeOf(given)) return given;
  throw fail(formatShape(given), `as many values as the samples ${formatShape(found)} have`);
}

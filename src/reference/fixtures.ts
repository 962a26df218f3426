/**
 * The format of the PyTorch goldens in `e2e/goldens/fixtures`, shared by the exporter (cases to Python) and by the
 * tests that read the fixtures. Arrays are base64 of little-endian float32; NaN and infinities survive that.
 */
import { hashString } from '../random';
import { isSpecList } from '../synthetic';
import { makeArray, size } from './ndarray';
import type { NamedArrays, NdArray, OpCase } from './types';

/** Cases whose inputs have more elements than this have no golden: the folder stays small. */
const MAX_GOLDEN_ELEMENTS = 4096;

/** An array in a JSON file. */
export interface EncodedArray {
  shape: number[];
  /** Base64 of little-endian float32 values, row-major. */
  data: string;
}

/** PyTorch's answer for one case. */
export interface GoldenCase {
  /** See `caseKey`. */
  key: string;
  outputs: Record<string, EncodedArray>;
  /**
   * Gradients for the output gradients of `makeGradOutputs`; inputs for which PyTorch defines none are left out.
   * Cases with `gradient: false` have them too where PyTorch has an answer (its subgradients at kinks).
   */
  gradInputs?: Record<string, EncodedArray | EncodedArray[]>;
}

/** A fixture file: all goldens of one op. */
export interface GoldenFile {
  op: string;
  cases: GoldenCase[];
}

/** Whether a case is small enough for a golden. The larger ones are there for the GPU, against the reference. */
export function hasGolden(opCase: OpCase): boolean {
  const specs = Object.values(opCase.inputs).flatMap((spec) => (isSpecList(spec) ? spec : [spec]));
  const counts = specs.map((spec) => size(Array.isArray(spec) ? spec : spec.shape));
  return counts.reduce((sum, count) => sum + count, 0) <= MAX_GOLDEN_ELEMENTS;
}

/** Attrs as JSON text; numbers that JSON lacks become the strings 'NaN', 'Infinity' and '-Infinity'. */
export function encodeAttrs(attrs: Record<string, unknown>): string {
  return JSON.stringify(attrs, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/**
 * Identifies a case with everything its golden depends on: op, position in the list, and a hash of attrs, mode and
 * input values. A golden whose key is gone was made from other numbers.
 */
export function caseKey(op: string, index: number, opCase: OpCase, inputs: NamedArrays): string {
  const parts = [encodeAttrs(opCase.attrs ?? {}), String(opCase.training ?? false)];
  for (const [name, input] of Object.entries(inputs)) {
    const arrays = Array.isArray(input) ? input : [input];
    parts.push(name, ...arrays.map((a) => `[${a.shape}] ${Array.from(a.data).join(' ')}`));
  }
  return `${op}/${index}/${hashString(parts.join('|')).toString(16).padStart(8, '0')}`;
}

/** Float32 little-endian base64 of an array. */
export function encodeArray(array: NdArray): EncodedArray {
  const bytes = new Uint8Array(array.data.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of array.data.entries()) view.setFloat32(i * 4, value, true);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return { shape: array.shape, data: btoa(text) };
}

/** The inverse of `encodeArray`. */
export function decodeArray({ shape, data }: EncodedArray): NdArray {
  const text = atob(data);
  const view = new DataView(Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer);
  const result = makeArray(shape);
  for (let i = 0; i < size(shape); i++) result.data[i] = view.getFloat32(i * 4, true);
  return result;
}

/** Strided views and byte order of raw elements, before any conversion. */

/**
 * Gathers a strided view into a row-major copy of its own. Works on bytes, so that files need no alignment.
 * @param size bytes of an element
 * @param strides in elements, from 0; the caller has checked that the view lies within `raw`
 * @param offset of the first element, in elements
 */
export function gatherStrided(
  raw: Uint8Array,
  size: number,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  // A typed array of its own, not Buffer.slice, which would share the memory.
  if (isContiguous(shape, strides))
    return new Uint8Array(raw.subarray(offset * size, (offset + count) * size));
  const out = new Uint8Array(count * size);
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < out.length; to += size) {
    for (let byte = 0; byte < size; byte++) out[to + byte] = raw[from * size + byte];
    // Odometer: the last dimension counts fastest.
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      from += strides[dim];
      if (++index[dim] < shape[dim]) break;
      from -= strides[dim] * shape[dim];
      index[dim] = 0;
    }
  }
  return out;
}

/** Whether elements follow each other row by row; strides of dimensions of one element do not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    if (shape[dim] !== 1 && strides[dim] !== expected) return false;
    expected *= shape[dim];
  }
  return true;
}

/** Reverses the bytes of each element in place: from big-endian to little-endian. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; size > 1 && at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

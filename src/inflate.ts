/** Unpacks zlib (`deflate`) or bare DEFLATE, at most one byte more than wanted; undefined for damaged data. */
export async function inflate(
  packed: readonly Uint8Array[],
  format: 'deflate' | 'deflate-raw',
  wanted: number,
): Promise<Uint8Array | undefined> {
  const stream = new Blob(packed as Uint8Array<ArrayBuffer>[])
    .stream()
    .pipeThrough(new DecompressionStream(format));
  const reader = stream.getReader();
  const out = new Uint8Array(wanted);
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.subarray(0, size);
      if (size + value.length > wanted) {
        await reader.cancel();
        return new Uint8Array(wanted + 1);
      }
      out.set(value, size);
      size += value.length;
    }
  } catch {
    return undefined;
  }
}

/** The order of an epoch on the host, as shaders/data/shuffle.permute.wgsl computes it on the device. */

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A permutation of 0 .. length - 1: six rounds of a Feistel network, walked until the position is below the length. */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  const bits = Math.max(2, Math.ceil(Math.log2(Math.max(2, length))));
  const half = Math.ceil(bits / 2);
  const mask = 2 ** half - 1;
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  const keys = Array.from({ length: 6 }, (_, round) => mix(low ^ mix(high ^ mix((8 * epoch + round) >>> 0))));
  const permuted = (value: number): number => {
    let [left, right] = [Math.floor(value / 2 ** half), value & mask];
    for (const key of keys) [left, right] = [right, (left ^ (mix(right ^ key) & mask)) >>> 0];
    return left * 2 ** half + right;
  };
  return Uint32Array.from({ length }, (_, i) => {
    let position = permuted(i);
    while (position >= length) position = permuted(position);
    return position;
  });
}

/**
 * Philox4x32-10, the counter-based generator used on the host and (in `shaders/lib/philox.wgsl`) on the GPU:
 * the same key and counter give the same four 32-bit words everywhere.
 * Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
 */
export function philox4x32(
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): [number, number, number, number] {
  let [k0, k1] = key;
  let [c0, c1, c2, c3] = counter;
  for (let round = 0; round < 10; round++) {
    const [hi0, lo0] = mulHiLo(0xd2511f53, c0);
    const [hi1, lo1] = mulHiLo(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(hi1 ^ c1 ^ k0) >>> 0, lo1, (hi0 ^ c3 ^ k1) >>> 0, lo0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

function mulHiLo(a: number, b: number): [number, number] {
  const aLo = a & 0xffff;
  const aHi = a >>> 16;
  const bLo = b & 0xffff;
  const bHi = b >>> 16;
  const ll = aLo * bLo;
  const middle = aHi * bLo + (ll >>> 16);
  const middle2 = aLo * bHi + (middle & 0xffff);
  const hi = aHi * bHi + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000);
  return [hi >>> 0, Math.imul(a, b) >>> 0];
}

/** A 32-bit FNV-1a hash of a string: gives each named parameter its own random stream. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A seeded stream of random numbers on the host; the same seed and stream give the same numbers everywhere. */
export class Random {
  private readonly key: readonly [number, number];
  private block = 0;
  private words: number[] = [];

  /** @param seed any integer up to 2^53. @param stream tells independent streams of one seed apart (a name or a number). */
  constructor(
    seed: number,
    private readonly stream: string | number = 0,
  ) {
    this.key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  }

  /** The next unsigned 32-bit integer. */
  nextUint32(): number {
    if (this.words.length === 0) {
      const stream = typeof this.stream === 'string' ? hashString(this.stream) : this.stream >>> 0;
      this.words = philox4x32(this.key, [this.block++, 0, stream, 0]).reverse();
    }
    return this.words.pop()!;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.nextUint32() / 2 ** 32);
  }

  /** Normal by Box-Muller. */
  normal(mean = 0, std = 1): number {
    const radius = Math.sqrt(-2 * Math.log((this.nextUint32() + 1) / 2 ** 32));
    return mean + std * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Fisher-Yates shuffle, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

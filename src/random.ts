/**
 * Philox4x32-10, the counter-based generator used on the host and (in `shaders/lib/philox.wgsl`) on the GPU:
 * the same key and counter give the same four 32-bit words everywhere.
 * Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
 */
import { checkSeed } from './checks';

/** Four words of the stream. */
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

  /**
   * @param stream tells independent streams of one seed apart (a name or a number)
   * @throws GradloomError `argument` for a seed that is no whole number from 0 to 2^53 - 1.
   */
  constructor(
    readonly seed: number,
    private readonly stream: string | number = 0,
  ) {
    checkSeed('Random', seed);
    this.key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  }

  /** The next unsigned 32-bit integer. */
  nextUint32(): number {
    if (this.words.length === 0) {
      this.words = philox4x32(this.key, [this.block++, 0, this.streamWord(), 0]).reverse();
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

  /** Fills `data` with the numbers that as many calls of `uniform` would give, several times as fast. */
  fillUniform(data: Float32Array, low = 0, high = 1): void {
    let i = 0;
    while (this.words.length > 0 && i < data.length) data[i++] = this.uniform(low, high);
    const whole = i + 4 * Math.floor((data.length - i) / 4);
    const scale = (high - low) / 2 ** 32;
    const [stream, [key0, key1]] = [this.streamWord(), this.key];
    for (; i < whole; i += 4) {
      // philox4x32 without tuples: a block is 20 products of 32 bits.
      let [k0, k1, c0, c1, c2, c3] = [key0, key1, this.block++, 0, stream, 0];
      for (let round = 0; round < 10; round++) {
        const low0 = Math.imul(0xd2511f53, c0);
        const low1 = Math.imul(0xcd9e8d57, c2);
        const n0 = highProduct(0xd2511f53, c0 >>> 0);
        const n2 = highProduct(0xcd9e8d57, c2 >>> 0);
        c0 = n2 ^ c1 ^ k0;
        c2 = n0 ^ c3 ^ k1;
        c1 = low1;
        c3 = low0;
        k0 = (k0 + 0x9e3779b9) | 0;
        k1 = (k1 + 0xbb67ae85) | 0;
      }
      data[i] = low + scale * (c0 >>> 0);
      data[i + 1] = low + scale * (c1 >>> 0);
      data[i + 2] = low + scale * (c2 >>> 0);
      data[i + 3] = low + scale * (c3 >>> 0);
    }
    for (; i < data.length; i++) data[i] = this.uniform(low, high);
  }

  /**
   * Fills `data` with normal numbers by the ziggurat method over a small fast counter generator (sfc32) that this stream
   * seeds: for arrays of millions. Sources: Marsaglia & Tsang 2000, Doornik 2005 (ZIGNOR); sfc32 of PractRand.
   */
  fillNormal(data: Float32Array, mean = 0, std = 1): void {
    const { edges, ratios } = zigguratTables();
    let [a, b, c, counter] = [this.nextUint32() | 0, this.nextUint32() | 0, this.nextUint32() | 0, 1];
    const next = () => {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return sum;
    };
    for (let warmUp = 0; warmUp < 12; warmUp++) next();
    const unit = () => ((next() >>> 0) + 1) / 2 ** 32;
    for (let i = 0; i < data.length; ) {
      const word = next();
      const layer = word & (LAYERS - 1);
      const u = (word >> 7) / 2 ** 24;
      const x = u * edges[layer];
      if (Math.abs(u) < ratios[layer]) data[i++] = mean + std * x;
      else if (layer === 0) {
        // The tail beyond the first layer.
        let [distance, height] = [0, 0];
        do {
          distance = -Math.log(unit()) / TAIL;
          height = -Math.log(unit());
        } while (2 * height < distance * distance);
        data[i++] = mean + std * (u < 0 ? -1 : 1) * (TAIL + distance);
      } else {
        const above = Math.exp(-0.5 * (edges[layer] ** 2 - x * x));
        const below = Math.exp(-0.5 * (edges[layer + 1] ** 2 - x * x));
        if (below + unit() * (above - below) < 1) data[i++] = mean + std * x;
      }
    }
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

  private streamWord(): number {
    return typeof this.stream === 'string' ? hashString(this.stream) : this.stream >>> 0;
  }
}

/** The high word of a product of unsigned 32-bit integers. */
function highProduct(a: number, b: number): number {
  const low = (b & 0xffff) * a;
  // Both summands are below 2^48, so that the division is exact up to the truncation that is wanted.
  return Math.floor(((b >>> 16) * a + Math.floor(low / 0x10000)) / 0x10000) | 0;
}

/** Layers of the ziggurat, where its tail begins, and the area of each layer. */
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

/** Right edges of the layers, and for each the share of its width that lies below the curve everywhere. */
function zigguratTables(): { edges: Float64Array; ratios: Float64Array } {
  const edges = new Float64Array(LAYERS + 1);
  let height = Math.exp(-0.5 * TAIL * TAIL);
  edges[0] = AREA / height;
  edges[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    edges[i] = Math.sqrt(-2 * Math.log(AREA / edges[i - 1] + height));
    height = Math.exp(-0.5 * edges[i] * edges[i]);
  }
  const ratios = Float64Array.from({ length: LAYERS }, (_, i) => edges[i + 1] / edges[i]);
  return { edges, ratios };
}

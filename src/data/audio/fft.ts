/**
 * Discrete Fourier transform of any length: mixed-radix Cooley-Tukey, with a plain transform for each prime factor.
 * Source: Cooley & Tukey 1965.
 */

/** Twiddle factors and factors of one length, reused from frame to frame. */
export class Fft {
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;

  constructor(readonly size: number) {
    this.cos = Float64Array.from({ length: size }, (_, k) => Math.cos((-2 * Math.PI * k) / size));
    this.sin = Float64Array.from({ length: size }, (_, k) => Math.sin((-2 * Math.PI * k) / size));
  }

  /** Real and imaginary parts of X[k] = sum over n of x[n] exp(-2 pi i k n / size). */
  transform(real: ArrayLike<number>): { re: Float64Array; im: Float64Array } {
    const { size } = this;
    return this.part(Float64Array.from(real), new Float64Array(size), size, 0, 1);
  }

  /** The transform of the `n` values from `start` on, `stride` apart. */
  private part(re: Float64Array, im: Float64Array, n: number, start: number, stride: number) {
    const out = { re: new Float64Array(n), im: new Float64Array(n) };
    if (n === 1) {
      out.re[0] = re[start];
      out.im[0] = im[start];
      return out;
    }
    const radix = smallestFactor(n);
    const m = n / radix;
    const parts = Array.from({ length: radix }, (_, r) =>
      this.part(re, im, m, start + r * stride, stride * radix),
    );
    const turn = this.size / n;
    for (let k = 0; k < n; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let r = 0; r < radix; r++) {
        const at = ((k * r) % n) * turn;
        const [a, b, c, s] = [parts[r].re[k % m], parts[r].im[k % m], this.cos[at], this.sin[at]];
        sumRe += a * c - b * s;
        sumIm += a * s + b * c;
      }
      out.re[k] = sumRe;
      out.im[k] = sumIm;
    }
    return out;
  }
}

function smallestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return factor;
  return n;
}

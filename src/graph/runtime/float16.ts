/** float16 on the host: values cross to and from the GPU as bits of IEEE 754 binary16. */

/** The float16 nearest to `value` (ties to even) as bits; from 65520 on Infinity. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below the least normal float16, 2^-14, all steps are 2^-24 wide.
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const steps = magnitude * 2 ** (10 - exponent);
  const whole = Math.floor(steps);
  const rest = steps - whole;
  const rounded = rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
  return sign | ((exponent + 14) * 1024 + rounded);
}

/** The value of a float16 from its bits; exact. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Bits of all values; one 0 more where the count is odd, since GPU copies move 4 bytes. */
export function toHalf(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(values.length + (values.length % 2));
  for (let i = 0; i < values.length; i++) bits[i] = halfBits(values[i]);
  return bits;
}

/** The values of float16 bits. */
export const fromHalf = (bits: Uint16Array): Float32Array => Float32Array.from(bits, halfValue);

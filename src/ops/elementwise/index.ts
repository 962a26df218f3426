/** The ops of the family `elementwise`. */
export * from './binary';
export * from './cast';
export { clamp, clampMax, clampMin } from './clamp';
export {
  addcdiv,
  addcmul,
  atanh,
  copysign,
  deg2rad,
  floatPower,
  floorDivide,
  fmax,
  fmin,
  frac,
  heaviside,
  isclose,
  isfinite,
  isneginf,
  isposinf,
  ldexp,
  lerp,
  log10,
  logaddexp,
  logaddexp2,
  logit,
  nanToNum,
  rad2deg,
  sinc,
  xlog1py,
  xlogy,
} from './derived';
export { dequantize, fakeQuantize, quantize } from './quantize';
export * from './special';
export * from './unary';
export * from './where';

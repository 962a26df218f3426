/** The ops of the family `elementwise`. */
export * from './binary';
export * from './cast';
export {
  addcdiv,
  addcmul,
  atanh,
  exp2,
  floorDivide,
  frac,
  hypot,
  isfinite,
  lerp,
  log10,
  logaddexp,
  logit,
  nanToNum,
} from './derived';
export * from './unary';
export * from './where';

/** The ops of the family `statistics`. */
export * from './counts';
export { corrcoef, cov } from './covariance';
export { cumulativeTrapezoid, trapezoid } from './integrals';
export { mode, msort, nanmedian, nanquantile } from './order';
export { renorm, vander } from './vectors';

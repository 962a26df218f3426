/** The ops of the family `reduce`. */
export { cumprod, cumsum } from './cumulative';
export { cummax, cummin, logcumsumexp } from './cumulative-extremes';
export * from './derived';
export { all, amax, amin, any } from './extremes';
export { argmax, argmin, max, min } from './extremum';
export { logsumexp, norm } from './norm';
export { sort, topk } from './order';
export { prod } from './prod';
export { mean, sum, sumTo } from './sum';
export { std, var } from './variance';

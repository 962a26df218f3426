/** The ops of the family `attention`. */
export { projectedAttention, scaledDotProductAttention } from './attention';
export { appendToCache, attendToCache } from './cache';

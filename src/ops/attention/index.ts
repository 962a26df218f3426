/** The ops of the family `attention`. */
export { scaledDotProductAttention } from './attention';
export { appendToCache, attendToCache } from './cache';

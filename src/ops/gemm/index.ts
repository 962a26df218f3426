/** The ops of the family `gemm`. */
export { bilinear } from './bilinear';
export { einsum } from './einsum';
export { addmm, baddbmm, linear } from './linear';
export { bmm, dot, matmul, mm, outer } from './matmul';
export * from './vectors';

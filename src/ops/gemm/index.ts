/** The ops of the family `gemm`. */
export { addmm, baddbmm, linear } from './linear';
export { bmm, dot, matmul, mm, outer } from './matmul';

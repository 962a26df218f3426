/** The ops of the family `gemm`. */
export {};

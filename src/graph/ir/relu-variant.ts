/** A form of an op's kernels with relu, chosen by an attribute `relu`; the rules in `compiler/fusion/relu.ts` use it. */
export interface ReluVariant {
  /**
   * `y`: computes relu(op(x)), or relu(op(x) + residual) with a further input `residual`. The backward op tells its
   * forward by the output `stats`, takes attributes `relu` and `residual` and the input `y`, and gives `dresidual`.
   * `x`: computes op(relu(x)), where each element of y is one of x. The output `index`, which the backward op reads,
   * then says where no gradient passes.
   */
  on: 'x' | 'y';
  /** Name of the backward op. */
  backward: string;
}

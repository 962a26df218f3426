/**
 * What a float64 reference reference is: the plainest possible implementation of an op, used only by tests and the
 * conformance page, together with the list of cases on which the op is tested.
 */

import type { InputSpec, InputSpecs, NamedArrays, NdArray } from '../synthetic';

export type { InputSpec, NamedArrays, NdArray };

export interface OpCase {
  /** Names the case in reports when shapes and attrs do not say enough. */
  name?: string;
  attrs?: Record<string, unknown>;
  /** By argument name, as the op declares them; an optional input that is absent is left out. */
  inputs: InputSpecs;
  training?: boolean;
  /** false: only the forward values are compared (special values, kinks), with the reason in `name`. */
  gradient?: boolean;
  /**
   * Size of the terms of the gradients where these are tiny differences of large terms, which float32 cannot give to
   * a relative precision: errors are then relative to this.
   */
  gradientScale?: number;
}

export interface Reference {
  /**
   * The op in float64, with PyTorch's defaults for attrs that a case leaves out (an independent check of ours).
   * Inputs are by argument name; a list input (`tensors`) is an array. Outputs are named as the op names them.
   */
  forward(inputs: Record<string, any>, attrs: any, context: { training: boolean }): Record<string, NdArray>;
  cases: OpCase[];
  /** Number of operands of an elementwise op, `x` and `other`: random cases are then drawn like the cases above. */
  elementwise?: 1 | 2;
}

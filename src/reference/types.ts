/**
 * What a float64 reference reference is: the plainest possible implementation of an op, used only by tests and the
 * conformance page, together with the list of cases on which the op is tested.
 */

/** A dense row-major array of float64 (integers and masks are plain numbers too). */
export interface NdArray {
  shape: number[];
  data: Float64Array;
}

export type NamedArrays = Record<string, NdArray | NdArray[]>;

/** How to make one input of a case. A bare shape means standard normal values. */
export type InputSpec =
  | number[]
  | {
      shape: number[];
      /** 'f32' (default) takes part in gradients; 'i32' and 'bool' do not. */
      dtype?: 'f32' | 'i32' | 'bool';
      /** false: a float that PyTorch treats as a constant (class weights, labels of +1 and -1). */
      differentiable?: false;
      /**
       * normal: mean 0, std 1 (default for f32). uniform: in `range`. distinct: a shuffled grid over `range`, so
       * that no two values are near each other (max, sort). awayFromZero: |v| in `range` (kinks at 0; default
       * [0.2, 2]). integer: integers in [range[0], range[1]) (default for i32; bool defaults to [0, 2)).
       */
      fill?: 'normal' | 'uniform' | 'distinct' | 'awayFromZero' | 'integer';
      range?: [number, number];
      /** Exact values instead of random ones; strings for 'NaN', 'Infinity', '-Infinity', '-0'. */
      values?: (number | string)[];
    };

export interface OpCase {
  /** Names the case in reports when shapes and attrs do not say enough. */
  name?: string;
  attrs?: Record<string, unknown>;
  /** By argument name, as the op declares them; an optional input that is absent is left out. */
  inputs: Record<string, InputSpec | InputSpec[]>;
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

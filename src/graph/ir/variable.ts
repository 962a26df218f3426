/** Variables: the named state of a model that outlives a step. Trainable ones are parameters, the others buffers. */
import type { Random } from '../../random';

/** Element types. float16 is a way to store: ops compute with it in float32. */
export type DType = 'f32' | 'f16' | 'i32' | 'bool';

/** Whether values of a type take part in gradients. */
export const isFloat = (dtype: DType): boolean => dtype === 'f32' || dtype === 'f16';

/** Fills the initial values of a variable. */
export type Initializer = (data: Float32Array, shape: readonly number[], random: Random) => void;

/**
 * A parameter or buffer of a model. `data` holds the host copy: the initial values, or those of the last
 * `download`. On a device its values live in an arena of the `VariableStore`.
 */
export class Variable {
  /** The state_dict key; modules set it when the model is collected. */
  name = '';
  /** Host values in float32, row-major; undefined until initialized or loaded. */
  data: Float32Array | undefined;
  /** Whether it gets gradients: false freezes a parameter. */
  requiresGrad: boolean;

  constructor(
    readonly shape: readonly number[],
    /** A module that others are part of may put another in its place. */
    public initialize: Initializer,
    readonly trainable = true,
  ) {
    this.requiresGrad = trainable;
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }
}

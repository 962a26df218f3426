/** Variables: the named state of a model that outlives a step. Trainable ones are parameters, the others buffers. */
import { formatShape, GradloomError, showValue } from '../../errors';
import { floatsOf } from '../../numbers';
import { Random } from '../../random';

/** Element types. float16 is a storage format: ops compute with it in float32. */
export type DType = 'f32' | 'f16' | 'i32' | 'bool';

/** Whether values of a type take part in gradients. */
export const isFloat = (dtype: DType): boolean => dtype === 'f32' || dtype === 'f16';

/** Fills the initial values of a variable. */
export type Initializer = (data: Float32Array, shape: readonly number[], random: Random) => void;

/**
 * A parameter or buffer of a model. While it is placed on a device (`VariableStore`) its values there are the current
 * ones, and the host copy `data` is as of the last assignment or download.
 */
export class Variable {
  /** The state_dict key; modules set it when the model is collected. */
  name = '';
  /** Counts assignments to `data`, so that a download under way does not overwrite newer values. */
  version = 0;
  /** Whether it gets gradients: false freezes a parameter. */
  requiresGrad: boolean;
  private values: Float32Array | undefined;
  private readonly followers = new Set<() => void>();

  constructor(
    readonly shape: readonly number[],
    /** A module that others are part of may put another in its place. */
    public initialize: Initializer,
    readonly trainable = true,
  ) {
    const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!isShape || typeof initialize !== 'function') {
      const got = isShape ? showValue(initialize) : showValue(shape);
      const expected = isShape ? 'a function that fills an array' : 'sizes that are whole numbers from 0';
      const argument = isShape ? 'initialize' : 'shape';
      throw new GradloomError({ code: 'argument', op: 'Variable', argument, got, expected });
    }
    this.requiresGrad = trainable;
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /**
   * Host values in float32, row-major; undefined until initialized or loaded. Other typed arrays and lists of numbers may
   * be assigned, and are converted by value (error `data` for what are none). An assignment reaches every device that
   * the variable is placed on; a change within the array does not, until it is assigned again.
   */
  get data(): Float32Array | undefined {
    return this.values;
  }

  set data(given: Float32Array | undefined) {
    // Bytes go to the device as they are: other arrays become float32 here.
    const values =
      given === undefined
        ? undefined
        : floatsOf(given, { op: 'Variable.data', argument: this.name || 'data' });
    if (values && values.length !== this.size) {
      throw new GradloomError({
        code: 'shape',
        op: 'Variable.data',
        argument: this.name || 'data',
        got: `${values.length} values`,
        expected: `${this.size} for ${formatShape(this.shape)}`,
      });
    }
    this.values = values;
    this.version++;
    if (values) for (const upload of this.followers) upload();
  }

  /** Host values; those that do not exist yet are drawn from the stream of this seed and the variable's name. */
  ensureData(seed = 0): Float32Array {
    if (!this.values) {
      const data = this.allocate();
      this.initialize(data, this.shape, new Random(seed, this.name));
      this.data = data;
    }
    return this.values!;
  }

  /** @throws GradloomError `out-of-memory` for more values than an array can hold here. */
  private allocate(): Float32Array {
    try {
      return new Float32Array(this.size);
    } catch (cause) {
      throw new GradloomError({
        code: 'out-of-memory',
        op: 'Variable',
        argument: this.name || 'data',
        got: `${formatShape(this.shape)}, ${4 * this.size} bytes`,
        expected: 'what this machine can hold in one array',
        fix: 'Use a smaller layer',
        cause,
      });
    }
  }

  /** Takes values that a device computed. */
  receive(values: Float32Array): void {
    this.values = values;
  }

  /** Calls `upload` after every assignment to `data`, until the returned function is called. */
  follow(upload: () => void): () => void {
    this.followers.add(upload);
    return () => this.followers.delete(upload);
  }
}

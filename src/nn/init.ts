/** Initializers, with the formulas of torch.nn.init. */
import type { Initializer } from '../graph/ir/variable';

/** Uniform in [low, high). */
export const uniform =
  (low: number, high: number): Initializer =>
  (data, _shape, random) => {
    random.fillUniform(data, low, high);
  };

export const normal =
  (mean = 0, std = 1): Initializer =>
  (data, _shape, random) => {
    random.fillNormal(data, mean, std);
  };

export const constant =
  (value: number): Initializer =>
  (data) => {
    data.fill(value);
  };

export const zeros = constant(0);
export const ones = constant(1);

/**
 * Default of PyTorch's Linear and Conv for weight and bias: uniform within 1/sqrt(fanIn), which is
 * kaiming_uniform with a = sqrt(5) for the weight.
 */
export const fanInUniform = (fanIn: number): Initializer => {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform(-bound, bound);
};

/** Inputs and outputs that one unit sees, from a weight `[out, in, ...kernel]`. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const field = shape.slice(2).reduce((product, n) => product * n, 1);
  return { fanIn: (shape[1] ?? 1) * field, fanOut: shape[0] * field };
}

/** Glorot & Bengio 2010: uniform within gain * sqrt(6 / (fanIn + fanOut)). */
export const xavierUniform =
  (gain = 1): Initializer =>
  (data, shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    uniform(-bound, bound)(data, shape, random);
  };

export const xavierNormal =
  (gain = 1): Initializer =>
  (data, shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)))(data, shape, random);
  };

/** He et al. 2015, mode fan_out, for ReLU: normal with std sqrt(2 / fanOut). */
export const kaimingNormalFanOut = (): Initializer => (data, shape, random) => {
  normal(0, Math.sqrt(2 / fans(shape).fanOut))(data, shape, random);
};

/** Normalization written with ops, for second derivatives. */
import { gradientsOf } from '../../graph/compiler/autodiff';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { add, mul, sub } from '../elementwise/binary';
import { rsqrt, square } from '../elementwise/unary';
import { narrowed } from '../layout/slice';
import { mean, sum, viewAs } from '../reduce/sum';

/** x as [outer, parameters, inner]: a parameter in the middle, such as a channel. */
export interface ParameterView {
  outer: number;
  parameters: number;
  inner: number;
}

/** Reduced dimensions: `dims` of x seen as `shape`. */
export interface Statistics {
  shape: readonly number[];
  dims: readonly number[];
  eps: number;
  /** Divide by the root mean square, without subtracting the mean. */
  rms?: boolean;
}

/** (x - mean) / sqrt(variance + eps), of the shape of `parameters`. */
export function normalized(x: Tensor, { shape, dims, eps, rms }: Statistics, view: ParameterView): Tensor {
  const over = { dim: [...dims], keepdim: true };
  const seen = viewAs(x, shape);
  // Shifted first, so that float32 keeps the variance of values far from 0.
  const near = rms ? seen : sub(seen, x.graph.detach(mean(seen, over)));
  const distance = rms ? seen : sub(near, mean(near, over));
  const variance = mean(square(distance), over);
  return inParameters(mul(distance, rsqrt(add(variance, eps))), view);
}

/** (x - mean) / deviation by given statistics per channel, rows of (shift, mean - shift, 1 / deviation, ...). */
export function normalizedBy(x: Tensor, stats: Tensor, view: ParameterView): Tensor {
  const column = (at: number) => viewAs(narrowed(stats, 1, at, 1), [1, view.parameters, 1]);
  return mul(sub(sub(inParameters(x, view), column(0)), column(1)), column(2));
}

const inParameters = (x: Tensor, { outer, parameters, inner }: ParameterView): Tensor =>
  viewAs(x, [outer, parameters, inner]);

/** dx for y = z(x) * weight + bias. */
export function inputGradient(
  x: Tensor,
  weight: Tensor | undefined,
  dy: Tensor,
  view: ParameterView,
  normalize: (x: Tensor) => Tensor,
): Tensor | undefined {
  const gradient = inParameters(dy, view);
  const scaled = weight ? mul(gradient, viewAs(weight, [1, view.parameters, 1])) : gradient;
  return gradientsOf([x], () => normalize(x), scaled)[0];
}

/** dweight = sum of dy * z and dbias = sum of dy, of the shape `shape`. */
export function parameterSums(z: Tensor, dy: Tensor, view: ParameterView, shape: readonly number[]) {
  const gradient = inParameters(dy, view);
  const total = (value: Tensor) =>
    sizeOf(shape) === 0 ? undefined : viewAs(sum(value, { dim: [0, 2] }), shape);
  return { dweight: total(mul(gradient, z)), dbias: total(gradient) };
}

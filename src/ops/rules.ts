/**
 * Rules for summaries that several ops share. Multiply-adds are counted as torchinfo does: each parameter times the
 * number of positions at which it is used. Three counts are nearer to the work done than torchinfo's: linear layers
 * count every position of a sequence, transposed convolutions count input positions, and the products of attention
 * count although they have no parameters. All else, such as activations, pooling and lookups, counts as nothing.
 */
import type { OpRules, Tensor } from '../graph/ir/graph';

type MultAdds = NonNullable<OpRules['multAdds']>;
type ReceptiveField = NonNullable<OpRules['receptiveField']>;
type Call = Parameters<ReceptiveField>[0];

const sizeOf = (tensor: Tensor | undefined) => tensor?.size ?? 0;

/** y = a b with `a` [.., rows, inner]. */
export const productMultAdds =
  (a: string): MultAdds =>
  (tensors) =>
    tensors.y.size * tensors[a].shape.at(-1);

/** Weight [out, in, ..] and bias at each position of `x` [.., in]. */
export const linearMultAdds =
  (x: string): MultAdds =>
  ({ weight, bias, ...others }) =>
    (others[x].size / weight.shape[1]) * (weight.size + sizeOf(bias));

/** Weight and bias once per sample: norms. */
export const multAddsPerSample: MultAdds = ({ x, weight, bias }) =>
  x.shape[0] * (sizeOf(weight) + sizeOf(bias));

/** Weights and biases of all layers at every step of x [.., steps, features]. */
export const recurrentMultAdds: MultAdds = ({ x, ...others }) => {
  const parameters = Object.entries<Tensor>(others).filter(([name]) => /^(weight|bias)/.test(name));
  return (x.size / x.shape.at(-1)) * parameters.reduce((sum, [, { size }]) => sum + size, 0);
};

/** The value of an attribute along a spatial dimension. */
const along = (value: number | readonly number[], dim: number): number =>
  typeof value === 'number' ? value : (value[dim] ?? value[0]);

const sizesOf = ({ inputs, outputs }: Call, dim: number) => ({
  from: inputs.x.shape[2 + dim] as number,
  to: outputs.y.shape[2 + dim],
});

const dilated = (kernel: number, dilation: number) => dilation * (kernel - 1) + 1;

export const convRules: OpRules = {
  /** Weight [O, ..] at each position of y [.., O, ...positions]. */
  multAdds: ({ weight, bias, y }) => (weight.size + sizeOf(bias)) * (y.size / weight.shape[0]),
  receptiveField: ({ inputs, attrs }, dim) => ({
    kernel: dilated(inputs.weight.shape[2 + dim], along(attrs.dilation, dim)),
    stride: along(attrs.stride, dim),
  }),
};

export const convTransposeRules: OpRules = {
  /** Weight [C, ..] at each position of x [.., C, ...positions]; the bias is added at each position of y. */
  multAdds: ({ x, weight, bias, y }) => weight.size * (x.size / weight.shape[0]) + (bias ? y.size : 0),
  /** Of the positions in between, an output sees those whose kernel reaches it. */
  receptiveField({ inputs, attrs }, dim) {
    const stride = along(attrs.stride, dim);
    const reach = dilated(inputs.weight.shape[2 + dim], along(attrs.dilation, dim));
    return { kernel: Math.ceil(reach / stride), stride: 1 / stride };
  },
};

/** Windows of `kernelSize`, by default side by side. */
export const poolField: ReceptiveField = ({ attrs }, dim) => ({
  kernel: dilated(along(attrs.kernelSize, dim), along(attrs.dilation ?? 1, dim)),
  stride: along(attrs.stride ?? attrs.kernelSize, dim),
});

/** Windows by the sizes of x and y; one window is all of the input. */
export const adaptiveField: ReceptiveField = (call, dim) => {
  const { from, to } = sizesOf(call, dim);
  return to > 1 ? { kernel: Math.ceil(from / to), stride: from / to } : undefined;
};

/** Images in another size. */
export const resizeField: ReceptiveField = (call, dim) => {
  const { from, to } = sizesOf(call, dim);
  return { kernel: 1, stride: from / to };
};

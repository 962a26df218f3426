/**
 * Multiply-adds of the ops with parameters and of matrix products, counted as torchinfo does: each parameter times the
 * number of positions at which it is used. Three counts are nearer to the work done than torchinfo's: linear layers
 * count every position of a sequence, transposed convolutions count input positions, and the products of attention
 * count although they have no parameters. All else, such as activations, pooling and lookups, counts as nothing.
 */
import type { OpCall, Tensor } from '../../graph/ir/graph';

type Formula = (inputs: Record<string, Tensor>, outputs: Record<string, Tensor>) => number;

const sizeOf = (tensor: Tensor | undefined) => tensor?.size ?? 0;

/** Weight [O, ..] at each position of y [.., O, ...positions]. */
const conv: Formula = ({ weight, bias }, { y }) => (weight.size + sizeOf(bias)) * (y.size / weight.shape[0]);

/** Weight [C, ..] at each position of x [.., C, ...positions]; the bias is added at each position of y. */
const convTranspose: Formula = ({ x, weight, bias }, { y }) =>
  weight.size * (x.size / weight.shape[0]) + (bias ? y.size : 0);

/** y = a b with `a` [.., rows, inner]. */
const product =
  (a: string): Formula =>
  (inputs, { y }) =>
    y.size * inputs[a].shape.at(-1)!;

/** Weights and biases of all layers at every step of x [.., steps, features]. */
const recurrent: Formula = ({ x, ...others }) => {
  const parameters = Object.entries(others).filter(([name]) => /^(weight|bias)/.test(name));
  return (x.size / x.shape.at(-1)!) * parameters.reduce((sum, [, { size }]) => sum + size, 0);
};

/** Weight and bias once per sample. */
const perSample: Formula = ({ x, weight, bias }) => x.shape[0] * (sizeOf(weight) + sizeOf(bias));

const FORMULAS: Readonly<Record<string, Formula>> = {
  conv1d: conv,
  conv2d: conv,
  conv3d: conv,
  convTranspose1d: convTranspose,
  convTranspose2d: convTranspose,
  convTranspose3d: convTranspose,
  linear: ({ x, weight, bias }) => (x.size / weight.shape[1]) * (weight.size + sizeOf(bias)),
  bilinear: ({ x1, weight, bias }) => (x1.size / weight.shape[1]) * (weight.size + sizeOf(bias)),
  matmul: product('x'),
  mm: product('x'),
  bmm: product('x'),
  addmm: product('mat1'),
  baddbmm: product('batch1'),
  dot: ({ x }) => x.size,
  scaledDotProductAttention: ({ query, key }, { y }) => key.shape.at(-2)! * (query.size + y.size),
  lstm: recurrent,
  gru: recurrent,
  rnn: recurrent,
  batchNorm: perSample,
  instanceNorm: perSample,
  groupNorm: perSample,
  layerNorm: perSample,
  rmsNorm: perSample,
  prelu: perSample,
};

/** Multiply-adds of each call; what a call with a formula calls itself counts as nothing. */
export function multAddsOf(calls: readonly OpCall[]): number[] {
  const counts = new Array<number>(calls.length).fill(0);
  for (let i = calls.length - 1; i >= 0; i--) {
    const { op, inputs, outputs, first } = calls[i];
    const formula = FORMULAS[op];
    if (!formula) continue;
    counts[i] = formula(inputs, outputs);
    i = first;
  }
  return counts;
}

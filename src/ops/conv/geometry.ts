/**
 * Shapes of convolutions: what PyTorch accepts, the output that it gives, and the errors about the rest. A transposed
 * convolution is described by the convolution that it is the gradient of.
 */
import { formatShape, GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { shapeError } from '../common';
import { splitImages, type Triple, triple, volume } from '../spatial';

/** A convolution of x [batch, channels, size] with weight [outChannels, channels / groups, kernel] to y [.., out]. */
export interface ConvGeometry {
  batch: number;
  channels: number;
  outChannels: number;
  groups: number;
  size: Triple;
  out: Triple;
  kernel: Triple;
  stride: Triple;
  dilation: Triple;
  /** Zeros before the first element; those behind the last follow from `out`. */
  padding: Triple;
}

/** The geometry together with the shape of the op's output. */
export interface ConvPlan {
  geometry: ConvGeometry;
  shape: Shape;
}

/** Greatest common divisor. */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

interface ConvAttrs {
  stride: number | number[];
  padding: number | number[] | 'same' | 'valid';
  dilation: number | number[];
  groups: number;
}

interface ConvInputs {
  x: Tensor;
  weight: Tensor;
  bias?: Tensor;
}

/** Checks the arguments of conv1d, conv2d or conv3d (`rank` spatial dimensions). */
export function planConv(
  op: string,
  rank: number,
  { x, weight, bias }: ConvInputs,
  attrs: ConvAttrs,
): ConvPlan {
  const { batch, channels, spatial } = splitImages(op, x, rank);
  const { groups } = attrs;
  checkWeight(op, rank, weight, '[O, C / groups, ...kernel]');
  const [outChannels, groupIn] = weight.shape;
  if (groupIn * groups !== channels || outChannels % groups !== 0) {
    throw mismatch(
      op,
      x,
      weight,
      groupIn * groups !== channels
        ? `a weight for ${channels} channels${groups > 1 ? ` in ${groups} groups` : ''}: [O, ${channels / groups}, ...]`
        : `output channels in ${groups} equal groups, got ${outChannels}`,
    );
  }
  checkBias(op, bias, outChannels);
  const size = volume(spatial);
  const kernel = volume(weight.shape.slice(2));
  const stride = triple(op, 'stride', attrs.stride, rank, 1);
  const dilation = triple(op, 'dilation', attrs.dilation, rank, 1);
  const reach = kernel.map((k, i) => dilation[i] * (k - 1));
  let padding: Triple;
  let total: readonly number[];
  if (attrs.padding === 'same') {
    if (stride.some((s) => s !== 1)) {
      throw new GradloomError({
        code: 'argument',
        op,
        argument: 'padding',
        got: `'same' with stride ${formatShape(stride.slice(3 - rank))}`,
        expected: `stride 1 when padding is 'same'`,
      });
    }
    // Of an odd number of zeros, the odd one goes behind, as in PyTorch.
    padding = reach.map((r) => Math.floor(r / 2)) as unknown as Triple;
    total = reach;
  } else {
    padding = triple(op, 'padding', attrs.padding === 'valid' ? 0 : attrs.padding, rank, 0);
    total = padding.map((p) => 2 * p);
  }
  const room = size.map((s, i) => s + total[i] - reach[i] - 1);
  if (room.some((r) => r < 0)) {
    throw mismatch(op, x, weight, 'a kernel (with its dilation) no larger than the padded input');
  }
  const out = room.map((r, i) => Math.floor(r / stride[i]) + 1) as unknown as Triple;
  const geometry = {
    ...{ batch: sizeOf(batch), channels, outChannels, groups },
    ...{ size, out, kernel, stride, dilation, padding },
  };
  return { geometry, shape: [...batch, outChannels, ...out.slice(3 - rank)] };
}

interface TransposeAttrs {
  stride: number | number[];
  padding: number | number[];
  outputPadding: number | number[];
  groups: number;
  dilation: number | number[];
}

/**
 * Checks the arguments of convTranspose1d, 2d or 3d. The geometry is that of the convolution from y to x: its
 * input is the op's output.
 */
export function planConvTranspose(
  op: string,
  rank: number,
  { x, weight, bias }: ConvInputs,
  attrs: TransposeAttrs,
): ConvPlan {
  const { batch, channels, spatial } = splitImages(op, x, rank);
  const { groups } = attrs;
  checkWeight(op, rank, weight, '[C, O / groups, ...kernel]');
  if (weight.shape[0] !== channels || channels % groups !== 0) {
    throw mismatch(
      op,
      x,
      weight,
      channels % groups === 0
        ? `weight [${channels}, O / groups, ...]`
        : `channels in ${groups} equal groups`,
    );
  }
  const outChannels = weight.shape[1] * groups;
  checkBias(op, bias, outChannels);
  const from = volume(spatial);
  const kernel = volume(weight.shape.slice(2));
  const stride = triple(op, 'stride', attrs.stride, rank, 1);
  const dilation = triple(op, 'dilation', attrs.dilation, rank, 1);
  const padding = triple(op, 'padding', attrs.padding, rank, 0);
  const outputPadding = triple(op, 'outputPadding', attrs.outputPadding, rank, 0);
  if (outputPadding.some((p, i) => p >= Math.max(stride[i], dilation[i]))) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'outputPadding',
      got: formatShape(outputPadding.slice(3 - rank)),
      expected: 'less than the stride or the dilation',
    });
  }
  const to = from.map(
    (n, i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + outputPadding[i] + 1,
  ) as unknown as Triple;
  if (to.some((n) => n < 1))
    throw mismatch(op, x, weight, `sizes that give an output, got ${formatShape(to)}`);
  const geometry = {
    ...{ batch: sizeOf(batch), channels: outChannels, outChannels: channels, groups },
    ...{ size: to, out: from, kernel, stride, dilation, padding },
  };
  return { geometry, shape: [...batch, outChannels, ...to.slice(3 - rank)] };
}

function checkWeight(op: string, rank: number, weight: Tensor, expected: string): void {
  if (weight.rank !== rank + 2)
    throw shapeError(op, 'weight', weight, `${expected} with ${rank + 2} dimensions`);
  if (weight.size === 0) throw shapeError(op, 'weight', weight, 'no size of 0');
}

function checkBias(op: string, bias: Tensor | undefined, outChannels: number): void {
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outChannels)) {
    throw shapeError(op, 'bias', bias, `[${outChannels}], one per output channel`);
  }
}

function mismatch(op: string, x: Tensor, weight: Tensor, expected: string): GradloomError {
  const got = `x is ${formatShape(x.shape)}, weight is ${formatShape(weight.shape)}`;
  return new GradloomError({ code: 'shape', op, got, expected });
}

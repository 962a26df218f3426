/**
 * The three passes of a convolution as dispatches. conv and convTranspose of every rank are made of them; which
 * variant of a kernel runs is decided here and nowhere else.
 */
import backwardInputKernel from '../../../shaders/conv/conv.backward_input.wgsl';
import backwardWeightKernel from '../../../shaders/conv/conv.backward_weight.wgsl';
import forwardKernel from '../../../shaders/conv/conv.forward.wgsl';
import reduceWeightKernel from '../../../shaders/conv/conv.reduce_weight.wgsl';
import { defineInternal, type Lowering } from '../../graph/op';
import { type Shape, sizeOf, type Tensor } from '../../graph/tensor';
import { grid } from '../common';
import { type Triple, volumeSize } from '../spatial';
import { type ConvGeometry, type ConvPlan, gcd } from './geometry';

/** Threads that keep a large GPU busy; the weight gradient's sum is split until there are about so many. */
const THREADS = 16384;
/** The same for a software adapter. */
const SOFTWARE_THREADS = 512;
/** Blocks of four columns that are worth a slice of that sum. */
const MIN_ITEMS = 8;
/** Most slices of that sum: the second pass adds them up one after the other. */
const MAX_SLICES = 512;

type Variant = 'dense' | 'depthwise';

/** The kernel variant for a block of channels out of `channels` in a group, and the channels of its block. */
function blockOf(channels: number): { variant: Variant; blocks: number } {
  return channels === 1
    ? { variant: 'depthwise', blocks: 1 }
    : { variant: 'dense', blocks: Math.ceil(channels / 4) };
}

/** Taps of a chunk for which the kernels are unrolled (TAPS in shaders/lib/conv_taps.wgsl). */
const CHUNKS = [7, 5, 4, 3, 2, 1];

/** The longest chunk that divides a row of `taps`. */
const chunkOf = (taps: number): number => CHUNKS.find((chunk) => taps % chunk === 0) ?? 1;

/**
 * How a row of taps is cut into chunks that share their inputs. Where the stride is a multiple of the dilation, taps
 * meet the inputs of their neighbours; at other strides, and above 2, they are taken one by one.
 */
function forwardChunks({ kernel, stride, dilation }: ConvGeometry) {
  const step = stride[2] / dilation[2];
  const taps = step === 1 || step === 2 ? chunkOf(kernel[2]) : 1;
  return taps > 1
    ? { constants: { TAPS: taps, STRIDE: step }, spacing: dilation[2] }
    : { constants: { TAPS: 1, STRIDE: 1 }, spacing: stride[2] };
}

/** The same for the input gradient, where the taps of a phase are stride / dilation apart. */
function backwardChunk({ kernel, stride, dilation }: ConvGeometry): number {
  const step = stride[2] / dilation[2];
  return Number.isInteger(step) ? chunkOf(Math.ceil(kernel[2] / step)) : 1;
}

/** The uniform struct of shaders/lib/conv.wgsl. */
function paramsOf(geometry: ConvGeometry, bias: boolean, spacing = 1, slices = 1) {
  const { channels, outChannels, groups, stride, dilation, batch, size, out, kernel, padding } = geometry;
  return {
    size,
    channels,
    out,
    out_channels: outChannels,
    kernel,
    group_in: channels / groups,
    stride,
    group_out: outChannels / groups,
    dilation,
    batch,
    padding,
    bias,
    step: stride.map((s, i) => s / gcd(s, dilation[i])),
    spacing,
    slices,
  };
}

/**
 * Whether three rows of taps are taken at a time, whose inputs overlap. A row of taps must be one chunk, and there must
 * be rows enough to share them.
 */
function isTall({ kernel, stride, dilation, out }: ConvGeometry, taps: number): boolean {
  const rows = kernel[1] % 3 === 0 && stride[1] === 1 && dilation[1] === 1;
  return rows && taps === kernel[2] && taps <= 3 && out[1] > 2;
}

/** y = conv(x, weight) + bias. */
export function runForward(
  k: Lowering,
  geometry: ConvGeometry,
  { x, weight, bias, y }: { x: Tensor; weight: Tensor; bias?: Tensor; y: Tensor },
): void {
  const { batch, groups, outChannels, out } = geometry;
  const { variant, blocks } = blockOf(outChannels / groups);
  const { constants, spacing } = forwardChunks(geometry);
  const threads = batch * groups * blocks * Math.ceil((out[0] * out[1] * Math.ceil(out[2] / 4)) / 2);
  const params = paramsOf(geometry, bias !== undefined, spacing);
  const reads = { x, weight, bias: bias ?? k.none };
  k.run(forwardKernel[variant], reads, { y }, params, grid(threads, 64), {
    constants: { ...constants, ACCUMULATE: k.accumulate('y') },
  });
}

/** dx = the gradient of conv(x, weight) for dy, plus bias. */
export function runBackwardInput(
  k: Lowering,
  geometry: ConvGeometry,
  { dy, weight, bias, dx }: { dy: Tensor; weight: Tensor; bias?: Tensor; dx: Tensor },
  output: string,
): void {
  const { batch, groups, channels, size, stride } = geometry;
  const { variant, blocks } = blockOf(channels / groups);
  const [depth, rows, columns] = size.map((n, i) => Math.ceil(n / stride[i]));
  const pairs = Math.ceil((depth * rows * Math.ceil(columns / 4)) / 2);
  const threads = batch * groups * blocks * volumeSize(stride) * pairs;
  const params = paramsOf(geometry, bias !== undefined);
  k.run(
    backwardInputKernel[variant],
    { dy, weight, bias: bias ?? k.none },
    { dx },
    params,
    grid(threads, 64),
    {
      constants: { TAPS: backwardChunk(geometry), ACCUMULATE: k.accumulate(output) },
    },
  );
}

/** dweight = the gradient of conv(x, weight) for dy, dbias = dy summed over batch and space. */
function runBackwardWeight(
  k: Lowering,
  geometry: ConvGeometry,
  { x, dy, dweight, dbias }: { x: Tensor; dy: Tensor; dweight: Tensor; dbias: Tensor },
): void {
  const { batch, groups, channels, outChannels, out, kernel } = geometry;
  const { variant, blocks } = blockOf(outChannels / groups);
  const bias = dbias.size > 0;
  const weights = (channels / groups) * volumeSize(kernel);
  const columns = weights + Number(bias);
  const { constants, spacing } = forwardChunks(geometry);
  const tall = isTall(geometry, constants.TAPS);
  const bundles = Math.ceil((weights / kernel[2] + Number(bias)) / (tall ? 3 : 2));
  const tiles = groups * blocks * bundles * (kernel[2] / constants.TAPS);
  const items = batch * out[0] * Math.ceil(out[1] / (tall ? 2 : 1)) * Math.ceil(out[2] / 4);
  const wanted = Math.ceil((k.device.isSoftware ? SOFTWARE_THREADS : THREADS) / tiles);
  const slices = Math.max(1, Math.min(wanted, MAX_SLICES, Math.ceil(items / MIN_ITEMS)));
  const partial = k.temp([slices, outChannels, columns]);
  k.run(
    backwardWeightKernel[variant],
    { x, dy },
    { partial },
    paramsOf(geometry, bias, spacing, slices),
    grid(tiles * slices, 64),
    { constants: { ...constants, TALL: Number(tall) } },
  );
  const params = {
    ...{ channels: outChannels, columns, weights, slices },
    accumulate_weight: k.accumulate('dweight'),
    accumulate_bias: k.accumulate('dbias'),
  };
  k.run(reduceWeightKernel, { partial }, { dweight, dbias }, params, grid(outChannels * columns, 64));
}

/** y = conv(x, weight) as a gradient: that of a transposed convolution's input. */
export const convForward = defineInternal({
  name: 'convForward',
  inputs: ['x', 'weight'],
  outputs: ['y'],
  accumulates: ['y'],
  shape: (_, { shape }: ConvPlan) => ({ y: shape }),
  lower: (tensors, { geometry }: ConvPlan, k) => runForward(k, geometry, tensors),
});

/** dx of a convolution. */
export const convBackwardInput = defineInternal({
  name: 'convBackwardInput',
  inputs: ['dy', 'weight'],
  outputs: ['dx'],
  accumulates: ['dx'],
  shape: (_, { shape }: ConvPlan) => ({ dx: shape }),
  lower: (tensors, { geometry }: ConvPlan, k) => runBackwardInput(k, geometry, tensors, 'dx'),
});

interface WeightAttrs {
  geometry: ConvGeometry;
  /** Shape of the weight. */
  shape: Shape;
  /** Whether dbias is wanted; it is empty otherwise. */
  bias: boolean;
}

/** dweight and dbias of a convolution. */
export const convBackwardWeight = defineInternal({
  name: 'convBackwardWeight',
  inputs: ['x', 'dy'],
  outputs: ['dweight', 'dbias'],
  accumulates: ['dweight', 'dbias'],
  shape: (_, { geometry, shape, bias }: WeightAttrs) => ({
    dweight: shape,
    dbias: [bias ? geometry.outChannels : 0],
  }),
  lower: (tensors, { geometry }: WeightAttrs, k) => runBackwardWeight(k, geometry, tensors),
});

const POINT: Triple = [1, 1, 1];

/** dy [N, C, ...spatial] or [C, ...spatial] summed over all but the channels: a weight gradient without weights. */
export function sumChannels(dy: Tensor, rank: number): Tensor {
  const lead = dy.rank - rank;
  const out: Triple = [1, 1, sizeOf(dy.shape.slice(lead))];
  const geometry: ConvGeometry = {
    ...{
      batch: sizeOf(dy.shape.slice(0, lead - 1)),
      channels: 0,
      outChannels: dy.shape[lead - 1],
      groups: 1,
    },
    ...{ size: out, out, kernel: POINT, stride: POINT, dilation: POINT, padding: [0, 0, 0] },
  };
  return convBackwardWeight({ x: dy, dy }, { geometry, shape: [0], bias: true }).dbias;
}

/**
 * The three passes of a convolution as dispatches. conv and convTranspose of every rank are made of them; which
 * variant of a kernel runs is decided here and nowhere else.
 */
import backwardWeightKernel from '../../../shaders/conv/conv.backward_weight.wgsl';
import forwardKernel from '../../../shaders/conv/conv.forward.wgsl';
import reduceWeightKernel from '../../../shaders/conv/conv.reduce_weight.wgsl';
import type { Device } from '../../gpu/device';
import { convCandidates, convParallelism } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { defineInternal, type Lowering } from '../../graph/ir/op';
import { loopRanges } from '../common';
import { add } from '../elementwise/binary';
import { expanded } from '../layout/repeat';
import { viewAs } from '../reduce/sum';
import { type Triple, volumeSize } from '../spatial';
import { type ConvGeometry, type ConvPlan, gcd } from './geometry';

/** Blocks of four columns that are worth a slice of the weight gradient's sum. */
const MIN_ITEMS = 8;
/** Most slices of that sum: the second pass adds them up one after the other. */
const MAX_SLICES = 512;

const roundUp = (n: number, step: number) => Math.ceil(n / step) * step;

/**
 * The kernel variant for a block of channels out of `channels` in a group, how many blocks there are, and how many
 * threads share one.
 */
function blockOf(channels: number, device: Device) {
  if (channels === 1) return { variant: 'depthwise', blocks: 1, lanes: 1 } as const;
  const variant = device.variants.select('conv', convCandidates(device));
  return { variant, blocks: Math.ceil(channels / 4), lanes: forwardKernel[variant].constants.LANES };
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

const POINT: Triple = [1, 1, 1];

/** Every so many taps, a tap reads the same phase of the input. */
const stepOf = (stride: Triple, dilation: Triple) =>
  stride.map((s, i) => s / gcd(s, dilation[i])) as unknown as Triple;

/** The uniform struct of shaders/lib/conv.wgsl. */
function paramsOf(geometry: ConvGeometry, bias: boolean, spacing: number, slices: number) {
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

/** Rows and columns that a thread computes. */
const TALL_TILE = [2, 4];
const WIDE_TILE = [1, 8];

/**
 * How rows of taps share rows of the input (SHARED in the kernel): three short ones are written out, unless some phases
 * have fewer; others have a loop of their own, which pays from three on.
 */
function sharing(rows: number, taps: number, phases: Triple): number {
  return rows === 3 && taps <= 3 && volumeSize(phases) === 1 ? 3 : Number(rows >= 3);
}

/** Sizes of the convolution in shaders/conv/conv.forward.wgsl: `rows` output channels, sums over `inner` channels and taps. */
interface Correlation {
  /** Spatial sizes of what is read and of what is written. */
  size: Triple;
  out: Triple;
  /** Channels of a group that are written and that are summed, and the distances in the weight between them. */
  rows: number;
  row_step: number;
  inner: number;
  inner_step: number;
  /** What is written consists of so many images, whose positions lie so far apart in what is read. */
  phases: Triple;
  stride: Triple;
  /** Distance in what is read between the taps of a phase. */
  shift: Triple;
  /** Where the first tap of the first position lies in it; with several phases, the zeros before the first element. */
  origin: Triple;
  /** Whether taps run backwards. */
  backwards: boolean;
  chunks: { constants: { TAPS: number; STRIDE: number }; spacing: number };
}

/** Runs it; `output` is the node's name of y. */
function runCorrelation(
  k: Lowering,
  { batch, groups, kernel, dilation, channels, outChannels, stride }: ConvGeometry,
  { size, out, chunks, ...spec }: Correlation,
  reads: { x: Tensor; weight: Tensor; bias?: Tensor },
  y: Tensor,
  output: string,
): void {
  const { phases, rows } = spec;
  const { variant, blocks: tiles, lanes } = blockOf(rows, k.device);
  const image = out.map((n, i) => Math.ceil(n / phases[i]));
  const parts = groups * tiles * volumeSize(phases);
  const threadsOf = ([h, w]: readonly number[]) =>
    parts * roundUp(batch * image[0] * Math.ceil(image[1] / h) * Math.ceil(image[2] / w), lanes);
  const step = stepOf(stride, dilation);
  const chain = spec.backwards ? Math.ceil(kernel[1] / step[1]) : kernel[1];
  const tall = threadsOf(TALL_TILE) <= threadsOf(WIDE_TILE);
  const tile = tall ? TALL_TILE : WIDE_TILE;
  const params = {
    ...spec,
    ...{ size, batch, out, groups, image, kernel, dilation, tile, step },
    group_step: (channels / groups) * (outChannels / groups) * volumeSize(kernel),
    spacing: chunks.spacing,
  };
  const { TAPS, STRIDE } = chunks.constants;
  const canShare = tall && spec.shift[1] === spec.stride[1] && chain <= LONGEST_LOOP / 2;
  const SHARED = canShare ? sharing(chain, TAPS, phases) : 0;
  const rounds = Math.ceil((spec.inner * volumeSize(kernel)) / (TAPS * (SHARED ? kernel[1] : 1)));
  // Where rounds are long or there is but one; dense kernels with short ones share a pipeline whatever their channels.
  const LEAVES = Number(SHARED === 1 || (variant === 'depthwise' && rounds === 1));
  const PHASES = Number(volumeSize(phases) > 1);
  const constants = { TAPS, STRIDE, SHARED, LEAVES, PHASES, ACCUMULATE: k.accumulate(output) };
  const all = { ...reads, bias: reads.bias ?? k.emptyBuffer };
  const ranges = loopRanges(rounds, SHARED === 1 ? chain + 2 : 1);
  ranges.forEach(({ first, end }, i) => {
    const range = { first_round: first, most_rounds: end - first, bias: i === 0 && reads.bias !== undefined };
    k.dispatch(
      forwardKernel[variant],
      all,
      { y },
      { ...params, ...range },
      { threads: threadsOf(tile) },
      {
        constants: {
          ...constants,
          IN_PARTS: Number(ranges.length > 1),
          ...(i > 0 && { ACCUMULATE: 1 }),
        },
      },
    );
  });
}

/** y = conv(x, weight) + bias. */
export function runForward(
  k: Lowering,
  geometry: ConvGeometry,
  { x, weight, bias, y }: { x: Tensor; weight: Tensor; bias?: Tensor; y: Tensor },
): void {
  const { groups, channels, outChannels, size, out, stride, dilation, padding, kernel } = geometry;
  const taps = volumeSize(kernel);
  const inner = channels / groups;
  const correlation = {
    ...{ size, out, stride, shift: dilation, phases: POINT, backwards: false },
    origin: padding.map((p) => -p) as unknown as Triple,
    ...{ rows: outChannels / groups, row_step: inner * taps, inner, inner_step: taps },
    chunks: forwardChunks(geometry),
  };
  runCorrelation(k, geometry, correlation, { x, weight, bias }, y, 'y');
}

/** dx = the gradient of conv(x, weight) for dy, plus bias. */
export function runBackwardInput(
  k: Lowering,
  geometry: ConvGeometry,
  { dy, weight, bias, dx }: { dy: Tensor; weight: Tensor; bias?: Tensor; dx: Tensor },
  output: string,
): void {
  const { groups, channels, outChannels, size, out, stride, dilation, padding, kernel } = geometry;
  const taps = volumeSize(kernel);
  const rows = channels / groups;
  const step = stepOf(stride, dilation);
  const shift = step.map((s, i) => (dilation[i] * s) / stride[i]) as unknown as Triple;
  // Taps of a phase are neighbours in dy where the dilation divides the stride.
  const TAPS = shift[2] === 1 ? chunkOf(Math.ceil(kernel[2] / step[2])) : 1;
  const correlation = {
    ...{ size: out, out: size, stride: POINT, shift, phases: stride, backwards: true },
    origin:
      volumeSize(stride) > 1
        ? padding
        : (padding.map((p, i) => p - dilation[i] * (kernel[i] - 1)) as unknown as Triple),
    ...{ rows, row_step: taps, inner: outChannels / groups, inner_step: rows * taps },
    chunks: { constants: { TAPS, STRIDE: 1 }, spacing: 1 },
  };
  runCorrelation(k, geometry, correlation, { x: dy, weight, bias }, dx, output);
}

/** dweight = the gradient of conv(x, weight) for dy, dbias = dy summed over batch and space. */
function runBackwardWeight(
  k: Lowering,
  geometry: ConvGeometry,
  { x, dy, dweight, dbias }: { x: Tensor; dy: Tensor; dweight: Tensor; dbias: Tensor },
): void {
  const { batch, groups, channels, outChannels, out, kernel } = geometry;
  const { variant, blocks, lanes } = blockOf(outChannels / groups, k.device);
  const bias = dbias.size > 0;
  const weights = (channels / groups) * volumeSize(kernel);
  const columns = weights + Number(bias);
  const { constants, spacing } = forwardChunks(geometry);
  const tall = isTall(geometry, constants.TAPS);
  const bundles = Math.ceil((weights / kernel[2] + Number(bias)) / (tall ? 3 : 2));
  const tiles = groups * blocks * roundUp(bundles * (kernel[2] / constants.TAPS), lanes);
  const items = batch * out[0] * Math.ceil(out[1] / (tall ? 2 : 1)) * Math.ceil(out[2] / 4);
  const wanted = Math.ceil(convParallelism(k.device) / tiles);
  const least = Math.ceil(items / LONGEST_LOOP);
  const slices = Math.max(1, least, Math.min(wanted, MAX_SLICES, Math.ceil(items / MIN_ITEMS)));
  const partial = k.scratch([slices, outChannels, columns]);
  k.dispatch(
    backwardWeightKernel[variant],
    { x, dy },
    { partial },
    paramsOf(geometry, bias, spacing, slices),
    { threads: tiles * slices },
    { constants: { ...constants, TALL: Number(tall) } },
  );
  const params = {
    ...{ channels: outChannels, columns, weights, slices },
    accumulate_weight: k.accumulate('dweight'),
    accumulate_bias: k.accumulate('dbias'),
  };
  k.dispatch(reduceWeightKernel, { partial }, { dweight, dbias }, params, { threads: outChannels * columns });
}

/** y = conv(x, weight) as a gradient: that of a transposed convolution's input. */
export const convForward: (inputs: Record<'x' | 'weight', Tensor>, plan: ConvPlan) => { y: Tensor } =
  defineInternal({
    name: 'convForward',
    inputs: ['x', 'weight'],
    outputs: ['y'],
    fusion: { accumulates: ['y'] },
    shape: (_, { shape }: ConvPlan) => ({ y: shape }),
    lower: (tensors, { geometry }: ConvPlan, k) => runForward(k, geometry, tensors),
    backward: ({ x, weight, dy }, { geometry }, needs) => ({
      x: needs.x ? convBackwardInput({ dy, weight }, { geometry, shape: x.shape }).dx : undefined,
      weight: needs.weight
        ? convBackwardWeight({ x, dy }, { geometry, shape: weight.shape, bias: false }).dweight
        : undefined,
    }),
  });

/** dx of a convolution. */
export const convBackwardInput: (inputs: Record<'dy' | 'weight', Tensor>, plan: ConvPlan) => { dx: Tensor } =
  defineInternal({
    name: 'convBackwardInput',
    inputs: ['dy', 'weight'],
    outputs: ['dx'],
    fusion: { accumulates: ['dx'] },
    shape: (_, { shape }: ConvPlan) => ({ dx: shape }),
    lower: (tensors, { geometry }: ConvPlan, k) => runBackwardInput(k, geometry, tensors, 'dx'),
    backward: ({ dy, weight, ddx }, { geometry }, needs) => ({
      dy: needs.dy ? convForward({ x: ddx, weight }, { geometry, shape: dy.shape }).y : undefined,
      weight: needs.weight
        ? convBackwardWeight({ x: ddx, dy }, { geometry, shape: weight.shape, bias: false }).dweight
        : undefined,
    }),
  });

interface WeightAttrs {
  geometry: ConvGeometry;
  /** Shape of the weight. */
  shape: Shape;
  /** Whether dbias is wanted; it is empty otherwise. */
  bias: boolean;
}

/** dweight and dbias of a convolution. */
export const convBackwardWeight: (
  inputs: Record<'x' | 'dy', Tensor>,
  attrs: WeightAttrs,
) => Record<'dweight' | 'dbias', Tensor> = defineInternal({
  name: 'convBackwardWeight',
  inputs: ['x', 'dy'],
  outputs: ['dweight', 'dbias'],
  fusion: { accumulates: ['dweight', 'dbias'] },
  shape: (_, { geometry, shape, bias }: WeightAttrs) => ({
    dweight: shape,
    dbias: [bias ? geometry.outChannels : 0],
  }),
  lower: (tensors, { geometry }: WeightAttrs, k) => runBackwardWeight(k, geometry, tensors),
  backward({ x, dy, ddweight, ddbias }, { geometry }, needs) {
    const weight = ddweight?.size ? ddweight : undefined;
    const channels = [geometry.batch, geometry.outChannels, volumeSize(geometry.out)];
    const bias = ddbias?.size
      ? viewAs(expanded(viewAs(ddbias, [1, ddbias.size, 1]), channels), dy.shape)
      : undefined;
    const fromWeight =
      weight && needs.dy ? convForward({ x, weight }, { geometry, shape: dy.shape }).y : undefined;
    return {
      x: weight && needs.x ? convBackwardInput({ dy, weight }, { geometry, shape: x.shape }).dx : undefined,
      dy: fromWeight && bias ? add(fromWeight, bias) : (fromWeight ?? bias),
    };
  },
});

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

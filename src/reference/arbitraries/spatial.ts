/**
 * Random cases of convolution, pooling and resampling. Sizes of the input follow from kernel, padding and dilation,
 * so that there is always an output.
 */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import { type Arbitraries, casesOf, count, distinct, oneOf, product, size, uniform } from './common';

/** What a window does along one dimension. */
interface Side {
  kernel: number;
  stride: number;
  dilation: number;
  padding: number;
  /** Input beyond the least that gives an output. */
  extra: number;
  outputPadding: number;
}

/** One side per spatial dimension; more dimensions make smaller ones. */
function sides(rank: number): fc.Arbitrary<Side[]> {
  const side = fc.record({
    kernel: count([5, 4, 2][rank - 1]),
    stride: oneOf(1, 1, 2, 3),
    dilation: oneOf(1, 1, 2, 3),
    padding: fc.nat(2),
    extra: fc.nat([18, 6, 2][rank - 1]),
    outputPadding: fc.nat(2),
  });
  return fc.array(side, { minLength: rank, maxLength: rank });
}

/** One attribute of every side: as a list, or as a number when it is the same for all. */
const listOf = (all: Side[], key: keyof Side): number | number[] => {
  const values = all.map((side) => side[key]);
  return values.every((value) => value === values[0]) ? values[0] : values;
};

const reachOf = ({ kernel, dilation }: Side) => dilation * (kernel - 1) + 1;
/** The input along one dimension. */
const lengthOf = (side: Side) => Math.max(1, reachOf(side) - 2 * side.padding) + side.extra;
/** Also with a tap inside the input for every window: a window of padding alone has no largest value. */
const reachedLengthOf = (side: Side) => Math.max(side.dilation, lengthOf(side));

const channels = {
  batch: count(2),
  groups: oneOf(1, 1, 2, 3, 5),
  /** Channels, about; every group has at least one. */
  ins: oneOf(1, 2, 3, 4, 9),
  outs: oneOf(1, 2, 3, 5, 17),
  bias: fc.boolean(),
};

/** Channels per group: all of them, or their share. One per group is a depthwise convolution. */
const share = (channels: number, groups: number) => Math.max(1, Math.floor(channels / groups));

function conv(rank: number) {
  return casesOf(
    { ...channels, sides: sides(rank), mode: oneOf('list', 'list', 'same', 'valid') },
    ({ batch, groups, bias, sides, mode, ...all }): OpCase => {
      const [ins, outs] = [share(all.ins, groups), share(all.outs, groups)];
      // 'same' allows no stride, 'valid' is no padding.
      const used = sides.map((side) => ({
        ...side,
        stride: mode === 'same' ? 1 : side.stride,
        padding: mode === 'valid' ? 0 : side.padding,
      }));
      const attrs: Record<string, unknown> = {
        stride: listOf(used, 'stride'),
        padding: mode === 'list' ? listOf(used, 'padding') : mode,
        dilation: listOf(used, 'dilation'),
        groups,
      };
      const inputs: OpCase['inputs'] = {
        x: [batch, groups * ins, ...used.map(lengthOf)],
        weight: [groups * outs, ins, ...used.map(({ kernel }) => kernel)],
      };
      if (bias) inputs.bias = [groups * outs];
      return { attrs, inputs };
    },
  );
}

function convTranspose(rank: number) {
  return casesOf({ ...channels, sides: sides(rank) }, ({ batch, groups, bias, sides, ...all }): OpCase => {
    const [ins, outs] = [share(all.ins, groups), share(all.outs, groups)];
    const used = sides.map((side) => {
      const length = 1 + Math.floor(side.extra / 2);
      const whole = (length - 1) * side.stride + reachOf(side);
      return {
        ...side,
        extra: length,
        // Padding cuts the output on both sides and must leave something.
        padding: Math.min(side.padding, Math.floor((whole - 1) / 2)),
        outputPadding: side.outputPadding % Math.max(side.stride, side.dilation),
      };
    });
    const attrs = {
      stride: listOf(used, 'stride'),
      padding: listOf(used, 'padding'),
      outputPadding: listOf(used, 'outputPadding'),
      dilation: listOf(used, 'dilation'),
      groups,
    };
    const inputs: OpCase['inputs'] = {
      x: [batch, groups * ins, ...used.map(({ extra }) => extra)],
      weight: [groups * ins, outs, ...used.map(({ kernel }) => kernel)],
    };
    if (bias) inputs.bias = [groups * outs];
    return { attrs, inputs };
  });
}

const planes = { batch: count(2), channels: count(3) };
const columnAttrs = (used: Side[]) => ({
  kernelSize: listOf(used, 'kernel'),
  stride: listOf(used, 'stride'),
  padding: listOf(used, 'padding'),
  dilation: listOf(used, 'dilation'),
});

const unfold = casesOf(
  { ...planes, sides: sides(2) },
  ({ batch, channels, sides }): OpCase => ({
    attrs: columnAttrs(sides),
    inputs: { x: [batch, channels, ...sides.map(lengthOf)] },
  }),
);

const fold = casesOf({ ...planes, sides: sides(2) }, ({ batch, channels, sides }): OpCase => {
  const windows = sides.map(
    (side) => Math.floor((lengthOf(side) + 2 * side.padding - reachOf(side)) / side.stride) + 1,
  );
  const kernels = product(sides.map(({ kernel }) => kernel));
  return {
    attrs: { outputSize: sides.map(lengthOf), ...columnAttrs(sides) },
    inputs: { x: [batch, channels * kernels, product(windows)] },
  };
});

/** Pooling allows padding of half the kernel. */
const halfPadded = (all: Side[], dilated: boolean): Side[] =>
  all.map((side) => ({
    ...side,
    dilation: dilated ? side.dilation : 1,
    padding: Math.min(side.padding, Math.floor(side.kernel / 2)),
  }));

function maxPool(rank: number) {
  return casesOf(
    { ...planes, sides: sides(rank), ceilMode: fc.boolean() },
    ({ batch, channels, sides, ceilMode }): OpCase => {
      const used = halfPadded(sides, true);
      return {
        attrs: { ...columnAttrs(used), ceilMode },
        inputs: { x: distinct([batch, channels, ...used.map(reachedLengthOf)]) },
      };
    },
  );
}

function avgPool(rank: number) {
  return casesOf(
    {
      ...planes,
      sides: sides(rank),
      ceilMode: fc.boolean(),
      countIncludePad: fc.boolean(),
      divisorOverride: oneOf(undefined, undefined, 1, 3, 7),
      dilated: oneOf(false, false, true),
    },
    ({ batch, channels, sides, ceilMode, countIncludePad, divisorOverride, dilated }): OpCase => {
      const used = halfPadded(sides, dilated);
      const attrs: Record<string, unknown> = { ...columnAttrs(used), ceilMode, countIncludePad };
      if (divisorOverride !== undefined && rank > 1) attrs.divisorOverride = divisorOverride;
      return { attrs, inputs: { x: [batch, channels, ...used.map(dilated ? reachedLengthOf : lengthOf)] } };
    },
  );
}

function lpPool(rank: number) {
  return casesOf(
    { ...planes, sides: sides(rank), normType: count(4), ceilMode: fc.boolean() },
    ({ batch, channels, sides, normType, ceilMode }): OpCase => {
      const used = sides.map((side) => ({ ...side, padding: 0, dilation: 1 }));
      return {
        attrs: { normType, kernelSize: listOf(used, 'kernel'), stride: listOf(used, 'stride'), ceilMode },
        inputs: { x: uniform(0.2, 3, [batch, channels, ...used.map(lengthOf)]) },
      };
    },
  );
}

const lengths = (rank: number) => fc.array(size([40, 15, 6][rank - 1]), { minLength: rank, maxLength: rank });

function adaptivePool(rank: number, fill: (shape: number[]) => InputSpec) {
  const bin = rank === 1 ? count(9) : fc.oneof({ weight: 5, arbitrary: count(9) }, fc.constant(null));
  return casesOf(
    {
      ...planes,
      lengths: lengths(rank),
      bins: fc.array(bin, { minLength: rank, maxLength: rank }),
      number: fc.boolean(),
    },
    ({ batch, channels, lengths, bins, number }): OpCase => ({
      attrs: { outputSize: number ? (bins[0] ?? 2) : bins },
      inputs: { x: fill([batch, channels, ...lengths]) },
    }),
  );
}

const globalPool = fc.integer({ min: 1, max: 3 }).chain((rank) =>
  casesOf(
    { ...planes, lengths: lengths(rank) },
    ({ batch, channels, lengths }): OpCase => ({
      inputs: { x: { shape: [batch, channels, ...lengths], fill: 'distinct', range: [-2.5, 4] } },
    }),
  ),
);

const interpolate = fc.integer({ min: 1, max: 3 }).chain((rank) =>
  casesOf(
    {
      ...planes,
      lengths: fc.array(size(rank === 3 ? 5 : 13), { minLength: rank, maxLength: rank }),
      mode: oneOf('nearest', ['linear', 'bilinear', 'trilinear'][rank - 1], rank === 2 ? 'bicubic' : 'area'),
      antialias: oneOf(false, false, true),
      alignCorners: fc.boolean(),
      sizes: fc.array(size(rank === 3 ? 6 : 19), { minLength: rank, maxLength: rank }),
      factors: fc.array(oneOf(0.5, 0.6, 1, 1.3, 1.7, 2, 2.5, 3), { minLength: rank, maxLength: rank }),
      bySize: fc.boolean(),
    },
    ({ batch, channels, lengths, mode, antialias, alignCorners, sizes, factors, bySize }): OpCase => {
      const attrs: Record<string, unknown> = {
        mode,
        ...(bySize ? { size: sizes } : { scaleFactor: factors }),
      };
      if (alignCorners && mode !== 'nearest' && mode !== 'area') attrs.alignCorners = true;
      if (antialias && (mode === 'bilinear' || mode === 'bicubic')) attrs.antialias = true;
      // Half of one position would be none.
      return { attrs, inputs: { x: [batch, channels, ...lengths.map((n) => (bySize ? n : n + 1))] } };
    },
  ),
);

const shuffled = { batch: count(3), channels: count(3), factor: count(3), height: size(9), width: size(9) };

/** Random cases of these families. */
export const spatial: Arbitraries = {
  conv1d: conv(1),
  conv2d: conv(2),
  conv3d: conv(3),
  convTranspose1d: convTranspose(1),
  convTranspose2d: convTranspose(2),
  convTranspose3d: convTranspose(3),
  unfold,
  fold,
  maxPool1d: maxPool(1),
  maxPool2d: maxPool(2),
  maxPool3d: maxPool(3),
  avgPool1d: avgPool(1),
  avgPool2d: avgPool(2),
  avgPool3d: avgPool(3),
  lpPool1d: lpPool(1),
  lpPool2d: lpPool(2),
  lpPool3d: lpPool(3),
  adaptiveAvgPool1d: adaptivePool(1, (shape) => shape),
  adaptiveAvgPool2d: adaptivePool(2, (shape) => shape),
  adaptiveAvgPool3d: adaptivePool(3, (shape) => shape),
  adaptiveMaxPool1d: adaptivePool(1, distinct),
  adaptiveMaxPool2d: adaptivePool(2, distinct),
  adaptiveMaxPool3d: adaptivePool(3, distinct),
  globalAvgPool: globalPool,
  globalMaxPool: globalPool,
  interpolate,
  pixelShuffle: casesOf(
    shuffled,
    ({ batch, channels, factor, height, width }): OpCase => ({
      attrs: { upscaleFactor: factor },
      inputs: { x: [batch, channels * factor * factor, height, width] },
    }),
  ),
  pixelUnshuffle: casesOf(
    shuffled,
    ({ batch, channels, factor, height, width }): OpCase => ({
      attrs: { downscaleFactor: factor },
      inputs: { x: [batch, channels, height * factor, width * factor] },
    }),
  ),
};

/** unfold and fold: the windows of images as columns, and columns summed back; each is the other's gradient. */
import foldKernel from '../../../shaders/conv/fold.forward.wgsl';
import unfoldKernel from '../../../shaders/conv/unfold.forward.wgsl';
import { GradloomError } from '../../errors';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineOp } from '../../graph/ir/op';
import * as z from '../../schema';
import { loopBoxes, shapeError } from '../common';
import { notNegative, positive, splitImages, type Triple, triple, volumeSize } from '../spatial';
import { gcd } from './geometry';

const windowAttrs = {
  kernelSize: positive,
  dilation: positive.default(1),
  padding: notNegative.default(0),
  stride: positive.default(1),
};
const unfoldAttrs = z.strictObject(windowAttrs);
const foldAttrs = z.strictObject({ outputSize: positive, ...windowAttrs });

interface Columns {
  kernel: Triple;
  /** Windows per dimension. */
  out: Triple;
  /** The uniforms that both kernels read. */
  params: Record<'size' | 'out' | 'kernel' | 'stride' | 'dilation' | 'padding', readonly number[]>;
}

/** The windows of an image whose rows and columns are the last two of `size`. */
function columnsOf(op: string, size: Triple, attrs: z.output<typeof unfoldAttrs>): Columns {
  const kernel = triple(op, 'kernelSize', attrs.kernelSize, 2, 1);
  const stride = triple(op, 'stride', attrs.stride, 2, 1);
  const dilation = triple(op, 'dilation', attrs.dilation, 2, 1);
  const padding = triple(op, 'padding', attrs.padding, 2, 0);
  const out = size.map(
    (n, i) => Math.floor((n + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
  ) as unknown as Triple;
  if (out.some((n) => n < 1)) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'kernelSize',
      got: `[${kernel.slice(1)}] for an image [${size.slice(1)}]`,
      expected: 'a kernel (with its dilation) no larger than the padded image',
    });
  }
  const last = (sizes: Triple) => sizes.slice(1);
  return {
    kernel,
    out,
    params: {
      size: last(size),
      out: last(out),
      kernel: last(kernel),
      stride: last(stride),
      dilation: last(dilation),
      padding: last(padding),
    },
  };
}

function planUnfold(x: Tensor, attrs: z.output<typeof unfoldAttrs>) {
  const { batch, channels, spatial } = splitImages('unfold', x, 2);
  const columns = columnsOf('unfold', [1, spatial[0], spatial[1]], attrs);
  const shape = [...batch, channels * volumeSize(columns.kernel), volumeSize(columns.out)];
  return { ...columns, planes: sizeOf(batch) * channels, spatial, shape };
}

function planFold(x: Tensor, attrs: z.output<typeof foldAttrs>) {
  if (x.rank !== 2 && x.rank !== 3) {
    throw shapeError('fold', 'x', x, '[N, C * kh * kw, windows] or [C * kh * kw, windows]');
  }
  const size = triple('fold', 'outputSize', attrs.outputSize, 2, 1);
  const columns = columnsOf('fold', size, attrs);
  const taps = volumeSize(columns.kernel);
  const windows = volumeSize(columns.out);
  const [rows, length] = x.shape.slice(-2);
  if (rows % taps !== 0 || length !== windows) {
    throw shapeError('fold', 'x', x, `[N, C * ${taps}, ${windows}] for ${windows} windows of ${taps} values`);
  }
  const batch = x.shape.slice(0, -2);
  const channels = rows / taps;
  return { ...columns, planes: sizeOf(batch) * channels, shape: [...batch, channels, size[1], size[2]] };
}

export const unfold = defineOp({
  name: 'unfold',
  exact: true,
  module: { name: 'Unfold', positional: ['kernelSize'] },
  doc: 'The windows of x [N, C, H, W] as columns [N, C * kh * kw, windows], zeros where they reach into the padding.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: unfoldAttrs,
  shape: ({ x }, attrs) => ({ y: { shape: planUnfold(x, attrs).shape, dtype: x.dtype } }),
  lower({ x, y }, attrs, k) {
    const { planes, params } = planUnfold(x, attrs);
    k.dispatch(unfoldKernel, { x }, { y }, { planes, ...params }, { threads: y.size });
  },
  backward({ x, dy }, attrs): { x: Tensor } {
    return { x: fold(dy, { ...attrs, outputSize: x.shape.slice(-2) }) };
  },
});

export const fold = defineOp({
  name: 'fold',
  module: { name: 'Fold', positional: ['outputSize', 'kernelSize'] },
  doc: 'Columns x [N, C * kh * kw, windows] summed back into images [N, C, H, W] of outputSize: the transpose of unfold.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: foldAttrs,
  fusion: { accumulates: ['y'] },
  shape: ({ x }, attrs) => ({ y: planFold(x, attrs).shape }),
  lower({ x, y }, attrs, k) {
    const { planes, params } = planFold(x, attrs);
    const step = params.stride.map((s, i) => s / gcd(s, params.dilation[i]));
    const box = params.kernel.map((n, i) => Math.ceil(n / step[i]));
    loopBoxes(box).forEach((part, i) => {
      const constants = { ACCUMULATE: i > 0 ? 1 : k.accumulate('y') };
      k.dispatch(
        foldKernel,
        { x },
        { y },
        { planes, ...params, step, ...part },
        { threads: y.size },
        {
          constants,
        },
      );
    });
  },
  backward({ dy }, { outputSize: _, ...attrs }): { x: Tensor } {
    return { x: unfold(dy, attrs) };
  },
});

/** softmax, softmin and logSoftmax over any dimension. */
import backwardKernels from '../../../shaders/softmax/softmax.backward.wgsl';
import forwardKernels from '../../../shaders/softmax/softmax.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { softmaxCandidates } from '../../graph/compiler/heuristics';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, perItem, splitAt } from '../common';
import { exp, mul, neg, sub } from '../elementwise';
import { sum } from '../reduce/sum';

type Variant = 'softmax' | 'softmin' | 'logSoftmax';
interface Attrs {
  variant: Variant;
  dim: number;
}

/** The lines along `dim` as the kernels see them: `lines` of `size` elements, `inner` apart. */
function linesOf(shape: Shape, { variant, dim }: Attrs, { device }: Lowering) {
  const { outer, size, inner } = splitAt(shape, normalizeDim(variant, dim, shape.length));
  const lines = outer * inner;
  const strategy = device.variants.select(variant, softmaxCandidates(size, inner, lines, device));
  return {
    kernel: strategy === 'group' ? (`${variant}Group` as const) : variant,
    params: { lines, size, inner },
    grid: perItem(size === 0 ? 0 : lines, strategy),
  };
}

const softmaxBackward = defineInternal({
  name: 'softmaxBackward',
  inputs: ['y', 'dy'],
  outputs: ['dx'],
  shape: ({ y }) => ({ dx: y }),
  fusion: { accumulates: ['dx'] },
  lower({ y, dy, dx }, attrs: Attrs, k) {
    const { kernel, params, grid } = linesOf(y.shape, attrs, k);
    const accumulate = k.accumulate('dx');
    k.dispatch(backwardKernels[kernel], { y, dy }, { dx }, { ...params, accumulate }, grid);
  },
  backward: throughDecomposition(({ y, dy }: Record<'y' | 'dy', Tensor>, { variant, dim }: Attrs) => {
    const total = (x: Tensor) => sum(x, { dim, keepdim: true });
    if (variant === 'logSoftmax') return { dx: sub(dy, mul(exp(y), total(dy))) };
    const dx = mul(y, sub(dy, total(mul(dy, y))));
    return { dx: variant === 'softmin' ? neg(dx) : dx };
  }),
});

function defineSoftmax(variant: Variant, declaration: { doc: string; source: string; module: string }) {
  return defineOp({
    ...declaration,
    name: variant,
    module: { name: declaration.module, positional: ['dim'] },
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({ dim: z.int().default(-1) }),
    shape({ x }, { dim }) {
      normalizeDim(variant, dim, x.rank);
      return { y: x.shape };
    },
    lower({ x, y }, { dim }, k) {
      const { kernel, params, grid } = linesOf(x.shape, { variant, dim }, k);
      k.dispatch(forwardKernels[kernel], { x }, { y }, params, grid);
    },
    backward: ({ y, dy }, { dim }) => ({ x: softmaxBackward({ y, dy }, { variant, dim }).dx }),
  });
}

/** Numbers above 0 that add up to 1. */
export const softmax = defineSoftmax('softmax', {
  module: 'Softmax',
  doc: 'Softmax along `dim`: y = exp(x - max) / sum(exp(x - max)).',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html',
});

/** The softmax of -x. */
export const softmin = defineSoftmax('softmin', {
  module: 'Softmin',
  doc: 'Softmax of -x along `dim`: y = exp(-x) / sum(exp(-x)).',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html',
});

/** The logarithm of the softmax. */
export const logSoftmax = defineSoftmax('logSoftmax', {
  module: 'LogSoftmax',
  doc: 'Logarithm of the softmax along `dim`: y = x - max - log(sum(exp(x - max))).',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html',
});

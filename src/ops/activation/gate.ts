/** Gated linear units: one half of x along a dimension gates the other. */
import gateBackwardKernel from '../../../shaders/activation/gate.backward.wgsl';
import gateForward from '../../../shaders/activation/gate.forward.wgsl';
import { gradientsOf, throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type ModuleName } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, normalizeDim, shapeError, splitAt } from '../common';
import { mul } from '../elementwise/binary';
import { narrowed } from '../layout/slice';
import { viewAs } from '../reduce/sum';
import { sigmoid, silu } from './activation';

type Variant = keyof typeof gateForward;

const gateBackward = defineInternal({
  name: 'gateBackward',
  inputs: ['x', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x.shape }),
  fusion: { accumulates: ['dx'] },
  lower({ x, dy, dx }, { variant, half }: { variant: Variant; half: number }, k) {
    const params = { n: dy.size, half, accumulate: k.accumulate('dx') };
    k.dispatch(gateBackwardKernel[variant], { x, dy }, { dx }, params, elementThreads(dy.size, k.device));
  },
  backward: throughDecomposition(
    ({ x, dy }: Record<'x' | 'dy', Tensor>, { variant, half }: { variant: Variant; half: number }) => {
      const lines = half === 0 ? 0 : x.size / (2 * half);
      const gated = () => {
        const pairs = viewAs(x, [lines, 2, half]);
        const [a, b] = [narrowed(pairs, 1, 0, 1), narrowed(pairs, 1, 1, 1)];
        return variant === 'glu' ? mul(a, sigmoid(b)) : mul(silu(a), b);
      };
      return { dx: gradientsOf([x], gated, viewAs(dy, [lines, 1, half]))[0] };
    },
  ),
});

function gated(
  name: Variant,
  declaration: { doc: string; source: string; aliases?: string[]; module: ModuleName },
) {
  const halfOf = (shape: readonly number[], dim: number) => {
    const { size, inner } = splitAt(shape, normalizeDim(name, dim, shape.length));
    return (size / 2) * inner;
  };
  return defineOp({
    ...declaration,
    name,
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({ dim: z.int().default(-1) }),
    shape({ x }, { dim }) {
      const axis = normalizeDim(name, dim, x.rank);
      if (x.rank === 0 || x.shape[axis] % 2 !== 0) {
        throw shapeError(name, 'x', x, `an even size of dimension ${dim}, which is split into halves`);
      }
      return { y: x.shape.map((n, d) => (d === axis ? n / 2 : n)) };
    },
    lower: ({ x, y }, { dim }, k) =>
      k.dispatch(
        gateForward[name],
        { x },
        { y },
        { n: y.size, half: halfOf(x.shape, dim) },
        elementThreads(y.size, k.device),
      ),
    backward: ({ x, dy }, { dim }) => ({
      x: gateBackward({ x, dy }, { variant: name, half: halfOf(x.shape, dim) }).dx,
    }),
  });
}

/** Gated linear unit. */
export const glu = gated('glu', {
  module: { name: 'GLU', positional: ['dim'] },
  doc: 'y = a * sigmoid(b) with the halves a and b of x along `dim`.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html',
});

/** Gated linear unit with silu as the gate. */
export const swiglu = gated('swiglu', {
  module: { name: 'SwiGLU', positional: ['dim'] },
  aliases: ['swiGLU'],
  doc: 'y = silu(a) * b with the halves a and b of x along `dim`.',
  source: 'Shazeer, "GLU Variants Improve Transformer", 2020, https://arxiv.org/abs/2002.05202',
});

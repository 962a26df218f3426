/** norm (vector norms of any power) and logsumexp. */
import reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { div, eq, mul, pow, sub } from '../elementwise/binary';
import { abs, exp, sign } from '../elementwise/unary';
import { where } from '../elementwise/where';
import { extremeBackward } from './extremes';
import { reducedDims, reducedShape } from './layout';
import { type Reduction, reduce, reduceBackward } from './reduce';
import { dimAttrs, shapeAfter, viewAs } from './sum';

/** The p of a p-norm. */
export const power = z
  .union([z.number(), z.enum(['inf', '-inf', 'Infinity', '-Infinity', 'fro'])])
  .default(2);

const normAttrs = z.strictObject({ p: power, ...dimAttrs.shape });

/** The power as a number. */
function powerOf(p: z.output<typeof power>): number {
  if (p === 'fro') return 2;
  return typeof p === 'number' ? p : p.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function normReduction(p: number): Reduction {
  const combine = reduceForward.sum;
  if (p === Number.POSITIVE_INFINITY) return { kernel: reduceForward.max_abs, combine: reduceForward.max };
  if (p === Number.NEGATIVE_INFINITY) return { kernel: reduceForward.min_abs, combine: reduceForward.min };
  if (p === 0) return { kernel: reduceForward.count, combine };
  if (p === 1) return { kernel: reduceForward.abs, combine };
  if (p === 2) return { kernel: reduceForward.square, combine, finish: 'divideRoot', value: 1 };
  return { kernel: reduceForward.power, combine, power: p, finish: 'power', value: 1 / p };
}

interface NormAttrs {
  dims: readonly number[];
  p: number;
}

const normBackward = defineInternal({
  name: 'normBackward',
  inputs: ['x', 'y', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ x, y, dy, dx }, { dims, p }: NormAttrs, k) {
    const { abs, square, power } = reduceBackwardKernels;
    const kernel = p === 1 ? abs : p === 2 ? square : power;
    reduceBackward(k, kernel, dy, dx, x.shape, dims, { x, y, power: p, accumulate: k.accumulate('dx') });
  },
  backward: throughDecomposition(({ x, y, dy }: Record<'x' | 'y' | 'dy', Tensor>, { dims, p }: NormAttrs) => {
    const kept = reducedShape(x.shape, dims, true);
    const [norms, gradient] = [viewAs(y, kept), viewAs(dy, kept)];
    if (p === 1) return { dx: mul(gradient, sign(x)) };
    // x |x|^(p - 2) / y^(p - 1), and 0 where the norm is: no gradient divides by it there.
    const isZero = eq(norms, 0);
    const safe = where(isZero, 1, norms);
    const powers = p === 2 ? div(x, safe) : mul(sign(x), pow(div(abs(x), safe), p - 1));
    return { dx: where(isZero, 0, mul(gradient, powers)) };
  }),
});

export const norm = defineOp({
  name: 'norm',
  doc: "Norm over `dim`: (sum |x|^p)^(1/p); p 'inf' and '-inf' give the largest and smallest |x|, 0 counts what is not 0.",
  source: 'https://pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: normAttrs,
  shape: ({ x }, attrs) => ({ y: shapeAfter('norm', x, attrs) }),
  lower: ({ x, y }, { dim, p }, k) => {
    // The norm of nothing is 0, whatever the power.
    const reduction = normReduction(x.size === 0 ? 1 : powerOf(p));
    reduce(k, 'norm', x, y, reducedDims('norm', x.rank, dim), reduction);
  },
  backward({ x, y, dy }, attrs) {
    const dims = reducedDims('norm', x.rank, attrs.dim);
    const p = powerOf(attrs.p);
    if (p === 0) return {};
    if (!Number.isFinite(p)) return { x: extremeBackward({ x, y, dy }, { dims, magnitude: true }).dx };
    return { x: normBackward({ x, y, dy }, { dims, p }).dx };
  },
});

/** The sum of exponentials. */
const expShifted = { kernel: reduceForward.exp_shifted, combine: reduceForward.sum };

/** The largest values, by which exponents are shifted; 0 where they are infinite. */
function shiftInto(k: Lowering, x: Tensor, shift: Tensor, dims: readonly number[]): void {
  reduce(k, 'logsumexp', x, shift, dims, { kernel: reduceForward.max, finish: 'finite' });
}

/** A softmax from x itself: y, the logarithm, has lost digits where it is large. */
const logsumexpBackward: (
  inputs: Record<'x' | 'dy', Tensor>,
  attrs: { dims: readonly number[] },
) => { dx: Tensor } = defineInternal({
  name: 'logsumexpBackward',
  inputs: ['x', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ x, dy, dx }, { dims }: { dims: readonly number[] }, k) {
    const [shift, total] = [k.scratch([dy.size]), k.scratch([dy.size])];
    shiftInto(k, x, shift, dims);
    reduce(k, 'logsumexp', x, total, dims, { ...expShifted, shift });
    const accumulate = k.accumulate('dx');
    reduceBackward(k, reduceBackwardKernels.exp_shifted, dy, dx, x.shape, dims, {
      x,
      y: shift,
      aux: total,
      accumulate,
    });
  },
  backward: throughDecomposition(
    ({ x, dy }: Record<'x' | 'dy', Tensor>, { dims }: { dims: readonly number[] }) => {
      const total = logsumexp(x, { dim: [...dims], keepdim: true });
      return { dx: mul(viewAs(dy, total.shape), exp(sub(x, total))) };
    },
  ),
});

export const logsumexp = defineOp({
  name: 'logsumexp',
  aliases: ['logSumExp'],
  doc: 'log(sum(exp(x))) over `dim`, shifted by the largest value so that nothing overflows.',
  source: 'https://pytorch.org/docs/stable/generated/torch.logsumexp.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: dimAttrs,
  shape: ({ x }, attrs) => ({ y: shapeAfter('logsumexp', x, attrs) }),
  lower({ x, y }, { dim }, k) {
    const dims = reducedDims('logsumexp', x.rank, dim);
    const shift = k.scratch([y.size]);
    shiftInto(k, x, shift, dims);
    reduce(k, 'logsumexp', x, y, dims, { ...expShifted, shift, finish: 'logShifted' });
  },
  backward: ({ x, dy }, { dim }) => ({
    x: logsumexpBackward({ x, dy }, { dims: reducedDims('logsumexp', x.rank, dim) }).dx,
  }),
});

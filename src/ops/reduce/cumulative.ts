/** cumsum and cumprod along a dimension. */
import cumprodBackwardKernel from '../../../shaders/reduce/cumprod.backward.wgsl';
import scanForward from '../../../shaders/reduce/scan.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, normalizeDim, splitAt } from '../common';
import { mul } from '../elementwise/binary';
import { asIntegers } from '../elementwise/integer';
import { where } from '../elementwise/where';
import { partsOfLine } from './layout';
import { sum, viewAs } from './sum';
import { counted } from './whole';

/** How the running totals of blocks are combined, by the variant. */
const COMBINATION = {
  sum: 'sum',
  prod: 'prod',
  zeros: 'sum',
  weighted: 'sum',
  prod_past_zero: 'prod',
  sum_integer: 'sum_integer',
  prod_integer: 'prod_integer',
  log_sum: 'log_sum',
} as const satisfies Record<keyof typeof scanForward, keyof typeof scanForward>;

type ScanVariant = keyof typeof COMBINATION;

export interface ScanOptions {
  variant: ScanVariant;
  /** The second factor of `weighted`, or the zeros so far of `prod_past_zero`. */
  other?: Tensor;
  reverse?: boolean;
  accumulate?: 0 | 1;
}

/** Writes the running totals along dimension `dim` of `shape`. */
export function scan(
  k: Lowering,
  x: Tensor,
  y: Tensor,
  shape: Shape,
  dim: number,
  options: ScanOptions,
): void {
  const { outer, size, inner } = splitAt(shape, dim);
  const lines = outer * inner;
  const wanted = partsOfLine(lines, size, k.device);
  const blockSize = Math.ceil(size / wanted);
  const blocks = Math.ceil(size / Math.max(1, blockSize));
  const n = lines * blocks;
  const params = { n, size, inner, blocks, block_size: blockSize, reverse: options.reverse ?? false };
  // Only the variants that read `other` have that binding.
  const kernel = scanForward[options.variant] as typeof scanForward.weighted;
  const other = options.other ? { other: options.other } : {};
  const run = (before: Tensor, target: Tensor, more: { totals: 0 | 1; accumulate: 0 | 1 }) => {
    const reads = { x, before, ...other } as Record<'x' | 'before' | 'other', Tensor>;
    k.dispatch(kernel, reads, { y: target }, { ...params, ...more }, { threads: n });
  };
  let before = k.emptyBuffer;
  if (blocks > 1) {
    const dtype = y.dtype === 'i32' ? 'i32' : 'f32';
    const totals = k.scratch([n], dtype);
    run(k.emptyBuffer, totals, { totals: 1, accumulate: 0 });
    before = k.scratch([n], dtype);
    scan(k, totals, before, [outer, blocks, inner], 1, { variant: COMBINATION[options.variant] });
  }
  run(before, y, { totals: 0, accumulate: options.accumulate ?? 0 });
}

/** The running totals of floats, or of whole numbers and masks as int32. */
function scanTyped(k: Lowering, x: Tensor, y: Tensor, dim: number, variant: 'sum' | 'prod'): void {
  if (y.dtype === 'i32') scan(k, asIntegers(k, x), y, x.shape, dim, { variant: `${variant}_integer` });
  else scan(k, x, y, x.shape, dim, { variant });
}

const attrs = z.strictObject({ dim: z.int() });

const cumsumBackward: (inputs: { dy: Tensor }, attrs: { dim: number }) => { dx: Tensor } = defineInternal({
  name: 'cumsumBackward',
  inputs: ['dy'],
  outputs: ['dx'],
  shape: ({ dy }) => ({ dx: dy }),
  fusion: { accumulates: ['dx'] },
  lower({ dy, dx }, { dim }: { dim: number }, k) {
    scan(k, dy, dx, dy.shape, dim, { variant: 'sum', reverse: true, accumulate: k.accumulate('dx') });
  },
  backward: ({ ddx }, { dim }): { dy: Tensor } => ({ dy: cumsum(ddx, { dim }) }),
});

export const cumsum = defineOp({
  name: 'cumsum',
  doc: 'Running sum along `dim`: y[i] = x[0] + .. + x[i].',
  source: 'https://pytorch.org/docs/stable/generated/torch.cumsum.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs,
  shape({ x }, { dim }) {
    normalizeDim('cumsum', dim, x.rank);
    return { y: counted(x, x.shape) };
  },
  lower: ({ x, y }, { dim }, k) => scanTyped(k, x, y, normalizeDim('cumsum', dim, x.rank), 'sum'),
  backward: ({ x, dy }, { dim }) => ({
    x: cumsumBackward({ dy }, { dim: normalizeDim('cumsum', dim, x.rank) }).dx,
  }),
});

/** 1 where `holds(row, column)`: [1, size, size, 1], for every pair of positions of lines [outer, size, inner]. */
export function pairMask(
  { graph }: Tensor,
  size: number,
  holds: (row: number, column: number) => boolean,
): Tensor {
  const mask = Float32Array.from({ length: size * size }, (_, i) =>
    Number(holds(Math.floor(i / size), i % size)),
  );
  return graph.constant(mask, [1, size, size, 1], 'bool');
}

const cumprodBackward: (inputs: Record<'x' | 'y' | 'dy', Tensor>, attrs: { dim: number }) => { dx: Tensor } =
  defineInternal({
    name: 'cumprodBackward',
    inputs: ['x', 'y', 'dy'],
    outputs: ['dx'],
    shape: ({ x }) => ({ dx: x }),
    fusion: { accumulates: ['dx'] },
    lower({ x, y, dy, dx }, { dim }: { dim: number }, k) {
      const [zeros, pastZero, sums, sumsPastZero] = [0, 1, 2, 3].map(() => k.scratch(x.shape));
      const run = (from: Tensor, to: Tensor, options: ScanOptions) =>
        scan(k, from, to, x.shape, dim, options);
      run(x, zeros, { variant: 'zeros' });
      run(x, pastZero, { variant: 'prod_past_zero', other: zeros });
      run(y, sums, { variant: 'weighted', other: dy, reverse: true });
      run(pastZero, sumsPastZero, { variant: 'weighted', other: dy, reverse: true });
      const params = { n: x.size, accumulate: k.accumulate('dx') };
      const reads = { x, zeros, sums, sums_past_zero: sumsPastZero };
      k.dispatch(cumprodBackwardKernel, reads, { dx }, params, elementThreads(x.size, k.device));
    },
    // dx[k] = sum over i >= k of dy[i] times the product of x[j], j <= i and j != k: right for zeros, with size^2 elements.
    backward: throughDecomposition(({ x, dy }: Record<'x' | 'dy', Tensor>, { dim }: { dim: number }) => {
      const { outer, size, inner } = splitAt(x.shape, dim);
      const line = (value: Tensor) => viewAs(value, [outer, 1, size, inner]);
      const others = where(
        pairMask(x, size, (k, j) => k === j),
        1,
        line(x),
      );
      const terms = mul(line(dy), cumprod(others, { dim: 2 }));
      const counted = where(
        pairMask(x, size, (k, i) => i >= k),
        terms,
        0,
      );
      return { dx: viewAs(sum(counted, { dim: 2 }), x.shape) };
    }),
  });

export const cumprod = defineOp({
  name: 'cumprod',
  doc: 'Running product along `dim`: y[i] = x[0] * .. * x[i].',
  source: 'https://pytorch.org/docs/stable/generated/torch.cumprod.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs,
  shape({ x }, { dim }) {
    normalizeDim('cumprod', dim, x.rank);
    return { y: counted(x, x.shape) };
  },
  lower: ({ x, y }, { dim }, k) => scanTyped(k, x, y, normalizeDim('cumprod', dim, x.rank), 'prod'),
  backward: ({ x, y, dy }, { dim }) => ({
    x: cumprodBackward({ x, y, dy }, { dim: normalizeDim('cumprod', dim, x.rank) }).dx,
  }),
});

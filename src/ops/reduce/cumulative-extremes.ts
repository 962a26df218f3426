/** cummax, cummin and logcumsumexp: running extremes with their places, and running sums in logarithms. */
import extremeScan from '../../../shaders/reduce/extreme_scan.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, type Lowering, viewOf } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, splitAt } from '../common';
import { add, gt, lt, mul, sub } from '../elementwise/binary';
import { asFloats } from '../elementwise/integer';
import { exp, log, neg } from '../elementwise/unary';
import { where } from '../elementwise/where';
import { takeAlongDim } from '../indexing/gather';
import { softmax } from '../softmax/softmax';
import { pairMask, scan } from './cumulative';
import { partsOfLine } from './layout';
import { sum, viewAs } from './sum';

const attrs = z.strictObject({ dim: z.int() });
const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

type Extreme = keyof typeof extremeScan;

/** Writes the running positions of extremes along the middle of `shape`, of candidates in lines of `line` elements. */
function runExtremes(
  k: Lowering,
  which: Extreme,
  x: Tensor,
  candidates: Tensor | undefined,
  positions: Tensor,
  { outer, size, inner, line }: { outer: number; size: number; inner: number; line: number },
): void {
  const lines = outer * inner;
  const block_size = Math.ceil(size / partsOfLine(lines, size, k.device));
  const blocks = Math.ceil(size / Math.max(1, block_size));
  const n = lines * blocks;
  const params = { n, size, inner, blocks, block_size, line, has_candidates: candidates !== undefined };
  const run = (before: Tensor, target: Tensor, totals: 0 | 1) =>
    k.dispatch(
      extremeScan[which],
      { x, candidates: candidates ?? k.emptyBuffer, before },
      { positions: target },
      { ...params, totals },
      { threads: n },
    );
  if (blocks <= 1) {
    run(k.emptyBuffer, positions, 0);
    return;
  }
  const [totals, before] = [k.scratch([n], 'i32'), k.scratch([n], 'i32')];
  run(k.emptyBuffer, totals, 1);
  runExtremes(k, which, x, totals, before, { outer, size: blocks, inner, line });
  run(before, positions, 0);
}

const runningPlaces = defineInternal({
  name: 'runningPlaces',
  inputs: ['x'],
  outputs: ['indices'],
  shape: ({ x }) => ({ indices: { shape: x.shape, dtype: 'i32' as const } }),
  lower({ x, indices }, { which, dim }: { which: Extreme; dim: number }, k) {
    const { outer, size, inner } = splitAt(x.shape, dim);
    runExtremes(k, which, asFloats(k, x), undefined, indices, { outer, size, inner, line: size });
  },
  backward: () => ({}),
});

function defineRunning(name: 'cummax' | 'cummin', which: Extreme, kind: string) {
  return defineComposite({
    name,
    doc: `The ${kind} value up to each place along \`dim\`, and where it is: of equals the last. NaN stays from where it comes.`,
    source: source(name),
    inputs: ['x'],
    outputs: ['values', 'indices'],
    attrs,
    compose({ x: given }, { dim }) {
      const at = normalizeDim(name, dim, given.rank);
      const x = given.rank === 0 ? viewAs(given, [1]) : given;
      const { indices } = runningPlaces({ x }, { which, dim: at });
      const values = takeAlongDim(x, indices, { dim: at });
      return { values: viewAs(values, given.shape), indices: viewAs(indices, given.shape) };
    },
  });
}

export const cummax = defineRunning('cummax', 'max', 'largest');
export const cummin = defineRunning('cummin', 'min', 'smallest');

interface LogScanAttrs {
  dim: number;
  reverse: boolean;
}

/** log(exp(x[0]) + .. + exp(x[i])) along a dimension, from its end when `reverse`. */
const logScan: (inputs: { x: Tensor }, attrs: LogScanAttrs) => { y: Tensor } = defineInternal({
  name: 'logScan',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }): { y: Shape } => ({ y: x.shape }),
  lower: ({ x, y }, { dim, reverse }: LogScanAttrs, k) =>
    scan(k, x, y, x.shape, dim, { variant: 'log_sum', reverse }),
  backward: (tensors, attributes, needs) =>
    throughScan({ x: tensors.x, y: tensors.y, dy: tensors.dy }, attributes, needs),
});

/**
 * dx as it was computed. It is differentiated as a sum over all pairs of positions, without the logarithms of dy, which
 * have no gradient at 0.
 */
const logScanBackward = defineInternal({
  name: 'logScanBackward',
  inputs: ['computed', 'x', 'dy'],
  outputs: ['dx'],
  shape: ({ computed }) => ({ dx: viewOf(computed, computed.shape) }),
  backward: throughDecomposition(({ x, dy }: Record<'x' | 'dy', Tensor>, { dim, reverse }: LogScanAttrs) => {
    const { outer, size, inner } = splitAt(x.shape, dim);
    const counts = pairMask(x, size, (j, i) => (reverse ? i <= j : i >= j));
    const scores = where(counts, viewAs(x, [outer, size, 1, inner]), Number.NEGATIVE_INFINITY);
    const terms = mul(viewAs(dy, [outer, 1, size, inner]), softmax(scores, { dim: 1 }));
    return { dx: viewAs(sum(terms, { dim: 2 }), x.shape) };
  }),
});

/**
 * dx[i] = sum over j from i on of dy[j] exp(x[i] - y[j]), in logarithms, those of positive and of negative dy apart, so
 * that nothing overflows.
 */
function throughScan(
  { x, y, dy }: Record<'x' | 'y' | 'dy', Tensor>,
  { dim, reverse }: LogScanAttrs,
  needs: { x: boolean },
): { x?: Tensor } {
  if (!needs.x) return {};
  const part = (magnitude: Tensor) =>
    exp(add(x, logScan({ x: sub(log(magnitude), y) }, { dim, reverse: !reverse }).y));
  const dx = sub(part(where(gt(dy, 0), dy, 0)), part(where(lt(dy, 0), neg(dy), 0)));
  return { x: logScanBackward({ computed: dx, x, dy }, { dim, reverse }).dx };
}

/** Running sum in logarithms. */
export const logcumsumexp = defineComposite({
  name: 'logcumsumexp',
  doc: 'y[i] = ln(exp(x[0]) + .. + exp(x[i])) along `dim`, without overflow in between.',
  source: source('logcumsumexp'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs,
  compose({ x: given }, { dim }) {
    const at = normalizeDim('logcumsumexp', dim, given.rank);
    const x = given.rank === 0 ? viewAs(given, [1]) : given;
    return viewAs(logScan({ x }, { dim: at, reverse: false }).y, given.shape);
  },
});

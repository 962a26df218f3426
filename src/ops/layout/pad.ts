/** Padding: with a constant, or with the tensor's own elements. */
import padBackwardKernel from '../../../shaders/layout/pad.backward.wgsl';
import padForward from '../../../shaders/layout/pad.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { anyFloat, elementThreads, splitAt, stridesOf } from '../common';
import { add } from '../elementwise';
import { sum } from '../reduce/sum';
import { integers, withEntry } from './attrs';
import { narrowed } from './slice';
import { runCopy, runFill, type StridedView, strided, wholeView } from './strided';

interface ConstantAttrs {
  /** Positions added per dimension. */
  before: readonly number[];
  after: readonly number[];
  /** The 32 bits of the constant. */
  bits: number;
}

/** Where x lies in the padded tensor y. */
function interior(x: Tensor, y: Tensor, before: readonly number[]): StridedView {
  const strides = stridesOf(y.shape);
  return { shape: x.shape, offset: before.reduce((sum, n, d) => sum + n * strides[d], 0), strides };
}

const padConstant = defineInternal({
  name: 'padConstant',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, { before, after }: ConstantAttrs) => ({
    y: { shape: x.shape.map((n, d) => before[d] + n + after[d]), dtype: x.dtype },
  }),
  lower({ x, y }, { before, bits }, k) {
    runFill(k, y, bits);
    runCopy(k, x, wholeView(x.shape), y, interior(x, y, before), 0);
  },
  backward: ({ x, dy }, { before }) => ({ x: strided(dy, interior(x, dy, before)) }),
});

type Mirror = keyof typeof padForward;

interface MirrorAttrs {
  dim: number;
  before: number;
  after: number;
  mode: Mirror;
}

const padMirrorBackward = defineInternal({
  name: 'padBackward',
  inputs: ['x', 'dy'],
  outputs: ['dx'],
  shape: ({ x }, _: MirrorAttrs) => ({ dx: x.shape }),
  fusion: { accumulates: ['dx'] },
  lower({ dy, dx }, { dim, before, mode }, k) {
    const { size, inner } = splitAt(dx.shape, dim);
    const params = { n: dx.size, size, padded: dy.shape[dim], inner, before, accumulate: k.accumulate('dx') };
    k.dispatch(padBackwardKernel[mode], { dy }, { dx }, params, elementThreads(dx.size, k.device));
  },
  backward: ({ ddx }, attrs) => ({ dy: padMirror({ x: ddx }, attrs).y }),
});

/** Padding on a side up to which a thread of the gradient's kernel adds up what shows its element (16 of them each). */
const LONGEST_EDGE = LONGEST_LOOP / 32;

/** The gradient of a long replicated edge: the sums of dy over both paddings join the first and the last position. */
function edgeSums(x: Tensor, dy: Tensor, { dim, before, after }: MirrorAttrs): Tensor {
  const size = x.shape[dim];
  const behind = 2 * (x.rank - 1 - dim);
  const edge = (start: number, length: number, at: number): Tensor => {
    const total = sum(narrowed(dy, dim, start, length), { dim, keepdim: true });
    const amounts = [...new Array<number>(behind).fill(0), at, size - 1 - at];
    return pad(total, { pad: amounts });
  };
  const edges = add(edge(0, before, 0), edge(before + size, after, size - 1));
  return add(narrowed(dy, dim, before, size), edges);
}

const padMirror: (inputs: { x: Tensor }, attrs: MirrorAttrs) => { y: Tensor } = defineInternal({
  name: 'pad',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, { dim, before, after }: MirrorAttrs) => ({
    y: { shape: withEntry(x.shape, dim, before + x.shape[dim] + after), dtype: x.dtype },
  }),
  lower({ x, y }, { dim, before, mode }, k) {
    const { size, inner } = splitAt(x.shape, dim);
    const params = { n: y.size, size, padded: y.shape[dim], inner, before };
    k.dispatch(padForward[mode], { x }, { y }, params, elementThreads(y.size, k.device));
  },
  backward: ({ x, dy }, attrs) => ({
    x:
      attrs.mode === 'replicate' && Math.max(attrs.before, attrs.after) > LONGEST_EDGE
        ? edgeSums(x, dy, attrs)
        : padMirrorBackward({ x, dy }, attrs).dx,
  }),
});

/** Most positions that a mode can add on one side of a dimension of n elements. */
const MOST: Record<Mirror, (n: number) => number> = {
  reflect: (n) => n - 1,
  replicate: (n) => (n > 0 ? Number.POSITIVE_INFINITY : 0),
  circular: (n) => n,
};

/** Padding of the last dimensions. */
export const pad = defineComposite({
  name: 'pad',
  exact: true,
  receptiveField: () => ({ kernel: 1, stride: 1 }),
  doc: 'pad = [left, right, top, bottom, ...] positions added before and after, last dimension first; negative ones crop. mode: constant (value), reflect (mirrored without the edge), replicate (the edge) or circular.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    pad: integers,
    mode: z.enum(['constant', 'reflect', 'replicate', 'circular']).default('constant'),
    value: anyFloat.default(0),
  }),
  compose({ x }, { pad: amounts, mode, value }) {
    const before = x.shape.map((_, d) => amounts[2 * (x.rank - 1 - d)] ?? 0);
    const after = x.shape.map((_, d) => amounts[2 * (x.rank - 1 - d) + 1] ?? 0);
    const fail = (got: string, expected: string) =>
      new GradloomError({ code: 'argument', op: 'pad', argument: 'pad', got, expected });
    if (amounts.length % 2 !== 0 || amounts.length > 2 * x.rank) {
      throw fail(`${amounts.length} numbers`, `two for each of at most ${x.rank} dimensions`);
    }
    let y = x;
    x.shape.forEach((n, d) => {
      const [start, end] = [Math.max(-before[d], 0), n - Math.max(-after[d], 0)];
      if (n + before[d] + after[d] < 0 || start > n || end < 0) {
        throw fail(JSON.stringify(amounts), `to leave something of dimension ${d}, which has size ${n}`);
      }
      if (end - start !== n) y = narrowed(y, d, start, Math.max(end - start, 0));
      const room = mode === 'constant' ? Number.POSITIVE_INFINITY : MOST[mode](n);
      if (Math.max(before[d], after[d]) > room) {
        throw fail(
          JSON.stringify(amounts),
          `at most ${room} on a side of dimension ${d} of size ${n} with mode ${mode}`,
        );
      }
    });
    const [added, behind] = [before.map((n) => Math.max(n, 0)), after.map((n) => Math.max(n, 0))];
    const wanted = x.shape.map((_, d) => d).filter((d) => added[d] + behind[d] > 0);
    if (mode !== 'constant') {
      return wanted.reduce(
        (z, dim) => padMirror({ x: z }, { dim, before: added[dim], after: behind[dim], mode }).y,
        y,
      );
    }
    if (wanted.length === 0) return y;
    return padConstant(
      { x: y },
      { before: added, after: behind, bits: bitsOf(Number(value), x.dtype === 'i32') },
    ).y;
  },
});

/** The 32 bits of a float32 or int32. */
function bitsOf(value: number, integer: boolean): number {
  const view = new DataView(new ArrayBuffer(4));
  if (integer) view.setInt32(0, value);
  else view.setFloat32(0, value);
  return view.getUint32(0);
}

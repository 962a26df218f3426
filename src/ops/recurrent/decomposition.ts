/** Recurrent layers unrolled and written with ops, for second derivatives. */
import { GradloomError } from '../../errors';
import { gradients } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { add, gt } from '../elementwise/binary';
import { where } from '../elementwise/where';
import { matmul } from '../gemm/matmul';
import { cat } from '../layout/cat';
import { expanded } from '../layout/repeat';
import { narrowed } from '../layout/slice';
import { viewAs } from '../reduce/sum';
import { type CellInputs, type Direction, sequenceLayout, withWidth } from './steps';

/** States of one step, [N, H]; `c` only of an lstm. */
export interface CellState {
  h: Tensor;
  c?: Tensor;
}

/** A step of a cell, of its input projection and of W h (+ b) [N, gates * H]. */
export type CellStep = (x: Tensor, product: Tensor, state: CellState) => CellState;

/** Gate number `gate` of [N, gates * H]. */
export const gateOf = (x: Tensor, gate: number, { h }: CellState): Tensor =>
  narrowed(x, 1, gate * h.shape[1], h.shape[1]);

/** The masks that the kernels drew are not there to be differentiated. */
export function refuseRecurrentDropout({ recurrentDropout }: Direction): void {
  if (recurrentDropout === 0) return;
  throw new GradloomError({
    code: 'unsupported',
    op: 'gradients',
    argument: 'recurrentDropout',
    got: 'second derivatives with recurrent dropout',
    expected: 'a recurrent layer without it',
  });
}

/** The time axis of x [T, N, *], [N, T, *] or [T, *]. */
const timeAxis = (x: Tensor, { batchFirst }: Direction) => (batchFirst && x.rank === 3 ? 1 : 0);

/** Row [N, *] of every time step. */
const rowsOf = (x: Tensor, direction: Direction, batch: number) => {
  const axis = timeAxis(x, direction);
  return Array.from({ length: x.shape[axis] }, (_, t) =>
    viewAs(narrowed(x, axis, t, 1), [batch, x.shape.at(-1)!]),
  );
};

/** Rows [N, *] of every time step, laid out as `like`. */
function joined(rows: readonly Tensor[], like: Tensor, direction: Direction): Tensor {
  const axis = timeAxis(like, direction);
  const shape = withWidth(like, rows[0].shape[1]).map((size, d) => (d === axis ? 1 : size));
  return cat(
    rows.map((row) => viewAs(row, shape)),
    { dim: axis },
  );
}

const zerosLike = ({ graph, shape }: Tensor): Tensor => expanded(graph.scalar(0), shape);

/** 1 for sequences that go on at step t, [N, 1]; undefined where all do. */
const runsAt = (lengths: Tensor | undefined, t: number) =>
  lengths && viewAs(gt(lengths, t), [lengths.size, 1]);

export type SequenceGradients = Partial<Record<'dgates' | 'dxGates' | 'dh0' | 'dc0', Tensor>>;

/** The gradients of W h (+ b) and of the input projections at every step, and those of the initial states. */
export function sequenceGradients(
  step: CellStep,
  { xGates, weightHh, biasHh, h0, c0, lengths }: CellInputs,
  { dy, dhn, dcn }: Partial<Record<'dy' | 'dhn' | 'dcn', Tensor>>,
  direction: Direction,
): SequenceGradients {
  const hidden = weightHh.shape[1];
  const { params, order } = sequenceLayout(xGates, hidden, direction);
  const { batch } = params;
  const zeros = expanded(xGates.graph.scalar(0), [batch, hidden]);
  // Views of their own: one tensor may be both initial states.
  const apart = (state: Tensor) => viewAs(viewAs(state, [1, batch, hidden]), [batch, hidden]);
  const first = { h: apart(h0 ?? zeros), c: apart(c0 ?? zeros) };
  const from = xGates.graph.nodes.length;
  const inputs = rowsOf(xGates, direction, batch);
  const products: Tensor[] = [];
  const outputs: Tensor[] = [];
  let state: CellState = first;
  for (const t of order) {
    const product = matmul(state.h, weightHh, { transposeB: true });
    products[t] = biasHh ? add(product, biasHh) : product;
    const { h, c } = step(inputs[t], products[t], state);
    const runs = runsAt(lengths, t);
    outputs[t] = runs ? where(runs, h, 0) : h;
    state = runs ? { h: where(runs, h, state.h), c: c && where(runs, c, state.c!) } : { h, c };
  }
  const pairs = [
    [joined(outputs, xGates, direction), dy],
    [state.h, dhn],
    [state.c, dcn],
  ].filter((pair): pair is [Tensor, Tensor] => pair.every(Boolean));
  const wrt = [...products, ...inputs, first.h, first.c];
  const found = gradients(
    pairs.map(([target]) => target),
    pairs.map(([, gradient]) => gradient),
    wrt,
    from,
  );
  const filled = found.map((gradient, i) => gradient ?? zerosLike(wrt[i]));
  const steps = order.length;
  return {
    dgates: joined(filled.slice(0, steps), xGates, direction),
    dxGates: joined(filled.slice(steps, 2 * steps), xGates, direction),
    dh0: filled[2 * steps],
    dc0: filled[2 * steps + 1],
  };
}

/** The hidden state before every step, laid out as y. */
export function statesBefore(
  { y, h0, lengths }: { y: Tensor; h0?: Tensor; lengths?: Tensor },
  direction: Direction,
): Tensor {
  const { params, order } = sequenceLayout(y, y.shape.at(-1)!, direction);
  const { batch, hidden } = params;
  const rows = rowsOf(y, direction, batch);
  const first = h0 ?? expanded(y.graph.scalar(0), [batch, hidden]);
  const before = order.map((_, t) => {
    const earlier = direction.reverse ? t + 1 : t - 1;
    if (!rows[earlier]) return first;
    // Backwards a short sequence begins behind steps that do not count.
    const runs = direction.reverse ? runsAt(lengths, earlier) : undefined;
    return runs ? where(runs, rows[earlier], first) : rows[earlier];
  });
  return joined(before, y, direction);
}

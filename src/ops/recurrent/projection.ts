/**
 * An lstm whose state is a projection, h = W_hr m of m = o tanh(c) (Sak et al., "Long Short-Term Memory Based Recurrent
 * Neural Network Architectures", 2014), as one without: W_hh h is (W_hh W_hr) m, so that the recurrence runs on m with
 * one kernel per step, and the whole sequence is projected at once. Only the initial state has no m: its product is
 * added to the input projections of each sequence's first step.
 */
import type { Tensor } from '../../graph/ir/graph';
import { add, cast, eq, mul, sub } from '../elementwise';
import { clampBetween as clamp } from '../elementwise/clamp';
import { linear, matmul } from '../gemm';
import { viewAs } from '../reduce/sum';
import type { CellInputs, CellOutputs, Direction } from './steps';

/** The sequence of a cell with the projection `weightHr` [P, H]; h0, y and hn have P features. */
export function projectedSequence(
  run: (inputs: CellInputs, direction: Direction) => CellOutputs,
  inputs: CellInputs & { weightHr: Tensor },
  direction: Direction,
): CellOutputs {
  const { weightHh, weightHr, h0, ...rest } = inputs;
  const xGates = h0 ? withFirstProduct(rest, linear(h0, weightHh), direction) : rest.xGates;
  const { y, hn, cn } = run({ ...rest, xGates, weightHh: matmul(weightHh, weightHr) }, direction);
  return { y: linear(y, weightHr), hn: linear(hn, weightHr), cn };
}

/** The input projections, with `product` [N, gates * H] added where each sequence begins. */
function withFirstProduct(
  { xGates, lengths }: Pick<CellInputs, 'xGates' | 'lengths'>,
  product: Tensor,
  { batchFirst, reverse }: Direction,
): Tensor {
  const { graph } = xGates;
  const [N, G] = product.shape;
  // Without a batch xGates is [T, gates * H].
  const batched = xGates.rank === 3;
  const T = xGates.shape[batched && batchFirst ? 1 : 0];
  const isBatchFirst = batched && batchFirst;
  const along = (size: number, ofTime: boolean) => (ofTime === isBatchFirst ? [1, size, 1] : [size, 1, 1]);
  const times = graph.constant(
    Float32Array.from({ length: T }, (_, t) => t),
    along(T, true),
  );
  let first = graph.scalar(reverse ? T - 1 : 0);
  if (reverse && lengths) {
    const ends = clamp(cast(lengths, { dtype: 'f32' }), { min: 0, max: T });
    first = viewAs(sub(ends, 1), along(N, false));
  }
  const begins = cast(eq(times, first), { dtype: product.dtype as 'f32' | 'f16' });
  const products = mul(begins, viewAs(product, isBatchFirst ? [N, 1, G] : [1, N, G]));
  return add(xGates, viewAs(products, xGates.shape));
}

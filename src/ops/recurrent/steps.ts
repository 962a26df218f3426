/**
 * Time steps of one direction of a recurrent layer: their order and sizes, the hidden states between them, recurrent dropout,
 * and the gradients that are computed for a whole sequence at once.
 */
import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import maskApply from '../../../shaders/recurrent/mask.apply.wgsl';
import type { Device } from '../../gpu/device';
import { recurrentGroup } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { type DispatchSize, defineInternal, type Lowering } from '../../graph/ir/op';
import { matmul } from '../gemm';
import { viewAs } from '../reduce/sum';

/** Inputs of one direction of one layer. */
export interface CellInputs {
  /** The input projections of all steps. */
  xGates: Tensor;
  weightHh: Tensor;
  /** For cells that need it apart from the projections. */
  biasHh?: Tensor;
  h0?: Tensor;
  c0?: Tensor;
  lengths?: Tensor;
}

/** Outputs of a cell: `cn` only of an lstm. States are [N, H]. */
export interface CellOutputs {
  y: Tensor;
  hn: Tensor;
  cn?: Tensor;
}

/** One direction of one layer. */
export interface Direction {
  /** Whether the input projections are [N, T, gates] instead of [T, N, gates]. */
  batchFirst: boolean;
  /** Whether it runs from the last step to the first. */
  reverse: boolean;
  /** Probability of recurrent dropout; one mask for all steps. */
  recurrentDropout: number;
}

/** A direction whose masks are those that the node with this number drew. */
export type DrawnDirection = Direction & { node: number };

/** The sizes of a sequence, where its rows lie and in which order its steps run. */
export interface SequenceLayout {
  /** Row of (t, n) is t * row_t + n * row_n. */
  params: { batch: number; hidden: number; row_t: number; row_n: number };
  /** The time steps in the order in which they are computed. */
  order: number[];
}

/** A time step as the kernels take it. */
export interface Launch {
  /** The kernels' variant: four units per thread, or one where four do not divide the hidden size. */
  variant: 'wide' | 'narrow';
  size: DispatchSize;
  constants: { GROUP: number; DROP: number; HAS_LENGTHS: number };
  params: StepParams;
}

/** Uniform fields of all kernels (shaders/lib/recurrent.wgsl); those that do not concern one are 0. */
export type StepParams = { [N in keyof (SequenceLayout['params'] & typeof NO_FLAGS)]: number | boolean };

const NO_FLAGS = {
  t: 0,
  t_after: 0,
  has_h: false,
  has_c: false,
  has_bias: false,
  has_dy: false,
  has_dh: false,
  has_dc: false,
  is_first: false,
  finish: false,
  masked_in: 0,
  masked_out: 0,
  drop_node: 0,
  drop_threshold: 0,
  drop_scale: 0,
};

/** How the kernels draw the masks of recurrent dropout. */
function maskOf(p: number, node: number) {
  // With p = 1 the scale is 0 too, so that the words which pass the threshold still give nothing.
  const drop_threshold = Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
  return p === 0 ? {} : { drop_node: node, drop_threshold, drop_scale: p < 1 ? 1 / (1 - p) : 0 };
}

/** One thread per lane of hidden units and four sequences. */
export function launchOf(
  { params }: SequenceLayout,
  device: Device,
  { recurrentDropout: p, node }: DrawnDirection,
  lengths: Tensor | undefined,
): Launch {
  const { batch, hidden } = params;
  const variant = variantOf(hidden);
  const threads = Math.ceil(batch / 4) * (variant === 'wide' ? hidden / 4 : hidden);
  const group = recurrentGroup(threads, device);
  return {
    variant,
    size: { threads },
    constants: { GROUP: group, DROP: Number(p > 0), HAS_LENGTHS: Number(lengths !== undefined) },
    params: { ...NO_FLAGS, ...params, ...maskOf(p, node) },
  };
}

const variantOf = (hidden: number) => (hidden % 4 === 0 ? 'wide' : 'narrow');

/** The layout of `x`, [T, N, *] or [N, T, *] or [T, *] without a batch. */
export function sequenceLayout(
  x: Tensor,
  hidden: number,
  { batchFirst, reverse }: Direction,
): SequenceLayout {
  const [outer, inner] = x.rank === 2 ? [x.shape[0], 1] : x.shape;
  const [steps, batch] = batchFirst && x.rank === 3 ? [inner, outer] : [outer, inner];
  const [row_t, row_n] = batchFirst && x.rank === 3 ? [1, steps] : [batch, 1];
  const order = Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i));
  return {
    params: { batch, hidden, row_t, row_n },
    order,
  };
}

/** Shape of a state of one direction of one layer. */
export const stateShape = ({ params }: SequenceLayout): [number, number] => [params.batch, params.hidden];

/** `x` with its last dimension replaced. */
export const withWidth = (x: Tensor, width: number): number[] => [...x.shape.slice(0, -1), width];

export function copyInto(k: Lowering, x: Tensor, y: Tensor): void {
  k.dispatch(copyForward, { x }, { y }, { n: y.size }, { threads: y.size });
}

/** Buffers of one step's hidden state, and offsets of the dropped states in both (in lanes; 0: none). */
interface StepStates {
  read: Tensor;
  write: Tensor;
  masks: { masked_in: number; masked_out: number };
}

/**
 * Double-buffers hidden states over the steps: the first reads `h0`, the last writes `hn`. With recurrent
 * dropout a step also stores the dropped states for the next matmul.
 */
export function pingPong(
  k: Lowering,
  layout: SequenceLayout,
  h0: Tensor | undefined,
  hn: Tensor,
  { recurrentDropout: p }: Direction,
): (i: number) => StepStates {
  const steps = layout.order.length;
  const { batch, hidden } = layout.params;
  if (p === 0) {
    const other = steps > 1 ? k.scratch(hn.shape) : hn;
    const written = (i: number) => ((steps - 1 - i) % 2 === 0 ? hn : other);
    const masks = { masked_in: 0, masked_out: 0 };
    return (i) => ({ read: i === 0 ? (h0 ?? k.emptyBuffer) : written(i - 1), write: written(i), masks });
  }
  const variant = variantOf(hidden);
  const behind = hn.size / (variant === 'wide' ? 4 : 1);
  const doubles = [0, 1].map(() => k.scratch([2, batch, hidden]));
  let first = k.emptyBuffer;
  if (h0) {
    first = k.scratch([2, batch, hidden]);
    applyMask(k, h0, first, { batch, hidden, row_n: 1 }, { p, node: k.nodeId, behind });
  }
  return (i) => ({
    read: i === 0 ? first : doubles[(i - 1) % 2],
    write: i === steps - 1 ? hn : doubles[i % 2],
    masks: { masked_in: i === 0 && !h0 ? 0 : behind, masked_out: i === steps - 1 ? 0 : behind },
  });
}

/** Dispatches recurrent dropout of states in rows; `behind` other than 0 puts it behind a copy of `x`. */
function applyMask(
  k: Lowering,
  x: Tensor,
  y: Tensor,
  sizes: { batch: number; hidden: number; row_n: number },
  { p, node, behind }: { p: number; node: number; behind: number },
): void {
  const rows = x.size / sizes.hidden;
  const params = { ...NO_FLAGS, row_t: 0, ...sizes, t: rows, masked_out: behind, ...maskOf(p, node) };
  const variant = variantOf(sizes.hidden);
  const threads = variant === 'wide' ? x.size / 4 : x.size;
  k.dispatch(maskApply[variant], { x }, { y }, params, { threads }, { constants: { DROP: 1 } });
}

const maskedStates = defineInternal({
  name: 'maskedStates',
  inputs: ['previous'],
  outputs: ['masked'],
  shape: ({ previous }) => ({ masked: previous.shape }),
  lower({ previous, masked }, { recurrentDropout: p, node, ...direction }: DrawnDirection, k) {
    const { params } = sequenceLayout(previous, previous.shape.at(-1)!, {
      ...direction,
      recurrentDropout: p,
    });
    applyMask(k, previous, masked, params, { p, node, behind: 0 });
  },
});

/** Previous hidden states after recurrent dropout. */
export const droppedStates = (previous: Tensor, direction: DrawnDirection): Tensor =>
  direction.recurrentDropout === 0 ? previous : maskedStates({ previous }, direction).masked;

/** Uniforms of the backward kernels for one step. */
export interface BackwardStep {
  t: number;
  t_after: number;
  is_first: boolean;
  finish: boolean;
  /** Whether an earlier dispatch has left its gradient of the state. */
  hasCarry: boolean;
}

/** Steps of the backward pass; a final one completes the gradient of h0 where it is needed. */
export function backwardSteps(order: readonly number[], wantsState: boolean): BackwardStep[] {
  const steps = [...order].reverse().map((t, i, reversed) => ({
    t,
    t_after: i > 0 ? reversed[i - 1] : 0,
    is_first: i === 0,
    finish: false,
    hasCarry: i > 0,
  }));
  if (wantsState) steps.push({ t: 0, t_after: order[0], is_first: false, finish: true, hasCarry: true });
  return steps;
}

/** The gradient of the recurrent weight, [gates * H, H], over all steps at once: dgates^T previous. */
export function recurrentWeightGradient(dgates: Tensor, previous: Tensor): Tensor {
  const rows = (x: Tensor) => viewAs(x, [x.size / x.shape.at(-1)!, x.shape.at(-1)!]);
  return matmul(rows(dgates), rows(previous), { transposeA: true });
}

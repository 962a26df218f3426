/**
 * The passes of a reduction, shared by all of them: the first maps and combines the elements, further ones combine
 * the parts of outputs whose work was shared, the last finishes (a division, a root).
 */
import type reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import type reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import type { Shape, Tensor } from '../../graph/ir/graph';
import type { Lowering } from '../../graph/ir/op';
import { reduceForward as modes } from '../../kernels/constants.generated';
import { elementThreads } from '../common';
import { outputOffsets, partsOf, type ReduceLayout, reduceLayout } from './layout';

type ReduceKernel = (typeof reduceForward)[keyof typeof reduceForward];

/** Finishing function of the last pass. */
const finishes = {
  none: 0,
  divide: modes.DIVIDE,
  divideRoot: modes.DIVIDE_ROOT,
  logShifted: modes.LOG_SHIFTED,
  power: modes.POWER,
  divideShifted: modes.DIVIDE_SHIFTED,
  finite: modes.FINITE,
};

/** One reduction as `reduce` runs it. */
export interface Reduction {
  /** Map of each element in the first pass, and how results are combined. */
  kernel: ReduceKernel;
  /** How further passes combine the parts; as the first pass does unless given. */
  combine?: ReduceKernel;
  finish?: keyof typeof finishes;
  /** Divisor or power of `finish`. */
  value?: number;
  /** Power of the variant `power`. */
  power?: number;
  /** One value per output that the elements are shifted by or compared with. */
  shift?: Tensor;
  /** Add to what y holds. */
  accumulate?: 0 | 1;
}

/** Writes the reduction of x over `dims` to y, which has the kept dims in their order. */
export function reduce(
  k: Lowering,
  op: string,
  x: Tensor,
  y: Tensor,
  dims: readonly number[],
  what: Reduction,
): void {
  reduceBy(k, reduceLayout(op, x.shape, dims), x, y, what);
}

/** The same with a layout at hand, for x of any shape. */
export function reduceBy(k: Lowering, layout: ReduceLayout, x: Tensor, y: Tensor, what: Reduction): void {
  const { outputs, keptInnermost } = layout;
  const { pieces, lanes } = partsOf(layout, k.device);
  const parts = pieces * lanes;
  const last = parts === 1;
  const target = last ? y : k.scratch([outputs * parts], y.dtype === 'i32' ? 'i32' : 'f32');
  k.dispatch(
    what.kernel,
    { x, shift: what.shift ?? k.emptyBuffer },
    { y: target },
    {
      kept_shape: layout.kept.shape,
      kept_strides: layout.kept.strides,
      outer_shape: layout.outer.shape,
      outer_strides: layout.outer.strides,
      outputs,
      outer: layout.outerSize,
      inner: layout.inner,
      inner_stride: layout.innerStride,
      pieces,
      lanes,
      by_output: keptInnermost,
      finish: last ? finishes[what.finish ?? 'none'] : finishes.none,
      value: what.value ?? 1,
      power: what.power ?? 1,
      accumulate: last ? (what.accumulate ?? 0) : 0,
    },
    { threads: outputs * parts },
  );
  if (last) return;
  const [shape, dim] = keptInnermost ? [[parts, outputs], 0] : [[outputs, parts], 1];
  reduceBy(k, reduceLayout('reduce', shape, [dim]), target, y, {
    ...what,
    kernel: what.combine ?? what.kernel,
  });
}

/** Which derivative `reduce.backward.wgsl` computes. */
type ReduceGradient = (typeof reduceBackwardKernels)[keyof typeof reduceBackwardKernels];

/** Further operands of the derivative. */
export interface Spread {
  x?: Tensor;
  y?: Tensor;
  aux?: Tensor;
  scale?: number;
  power?: number;
  accumulate: 0 | 1;
}

/** Writes dx, of the shape before the reduction over `dims`, from dy. */
export function reduceBackward(
  k: Lowering,
  kernel: ReduceGradient,
  dy: Tensor,
  dx: Tensor,
  shape: Shape,
  dims: readonly number[],
  { x, y, aux, scale = 1, power, accumulate }: Spread,
): void {
  const given: Record<string, Tensor | undefined> = { dy, x, y, aux };
  const reads = Object.fromEntries(
    kernel.storage.filter(({ access }) => access === 'read').map(({ name }) => [name, given[name]]),
  ) as Record<'dy' | 'x' | 'y' | 'aux', Tensor>;
  const params = {
    ...outputOffsets('reduce', shape, dims),
    n: dx.size,
    scale,
    power: power ?? 1,
    accumulate,
  };
  k.dispatch(
    kernel as typeof reduceBackwardKernels.power,
    reads,
    { dx },
    params,
    elementThreads(dx.size, k.device),
  );
}

/** Products and extremes of values at indices: the reductions of scatterReduce, scatterNd and embeddingBag. */
import reduceSegments from '../../../shaders/indexing/scatter_reduce.segments.wgsl';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { elementThreads, loopRanges, threadsOf } from '../common';
import { add, div, eq, gt, logicalAnd, mul, sub } from '../elementwise/binary';
import { where } from '../elementwise/where';
import { runCopy, runFill, wholeView } from '../layout/strided';
import { addAt, type Indexing, sortTargets, take } from './take';

export interface ReduceAtAttrs extends Indexing {
  kind: 'prod' | 'max' | 'min';
  /** Whether x takes part where src has values; where it has none y is x in any case. */
  include: boolean;
  /** Who gets the gradient of an extreme value that is there more than once. */
  ties: 'share' | 'first';
}

/** At the positions of index, the values of what has the shape of x; 0 for indices that name nothing. */
const at = (x: Tensor, index: Tensor, indexing: Indexing, shape: Shape): Tensor =>
  take({ x, index }, { ...indexing, shape, zeroOutside: true }).y;

/** A tensor of this shape of one number. */
const filled = ({ graph }: Tensor, shape: Shape, value: number): Tensor =>
  graph.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape);

/** 1 where an index names the element, else 0. */
export const touched = (x: Tensor, index: Tensor, src: Tensor, indexing: Indexing): Tensor =>
  gt(addAt(index, filled(x, src.shape, 1), x.shape, indexing), 0);

interface Operands {
  x: Tensor;
  index: Tensor;
  src: Tensor;
}

/** Products without the factor itself: with one zero among them only its gradient is not 0. */
function gradientsOfProduct({ x, index, src }: Operands, y: Tensor, dy: Tensor, attrs: ReduceAtAttrs) {
  const isZero = eq(src, 0);
  const zeros = addAt(index, isZero, x.shape, attrs);
  const isOnlyZero = logicalAnd(isZero, eq(at(zeros, index, attrs, src.shape), 1));
  const withoutZero = reduceAt({ x, index, src: where(isOnlyZero, 1, src) }, attrs).y;
  const own = at(mul(dy, withoutZero), index, attrs, src.shape);
  const others = div(at(mul(dy, y), index, attrs, src.shape), where(isZero, 1, src));
  const ones = { x: filled(x, x.shape, 1), index, src };
  return {
    x: attrs.include ? mul(dy, reduceAt(ones, attrs).y) : undefined,
    src: where(isOnlyZero, own, others),
  };
}

/** Equal extreme values share the gradient. */
function gradientsOfExtreme({ x, index, src }: Operands, y: Tensor, dy: Tensor, attrs: ReduceAtAttrs) {
  const isExtreme = eq(src, at(y, index, attrs, src.shape));
  const own = attrs.include ? eq(x, y) : undefined;
  const found = addAt(index, isExtreme, x.shape, attrs);
  const share = div(dy, own ? add(found, own) : found);
  return {
    x: own && where(own, share, 0),
    src: where(isExtreme, at(share, index, attrs, src.shape), 0),
  };
}

/** The first of equal extreme values gets the gradient. */
function gradientsOfFirst({ x, index, src }: Operands, winner: Tensor, dy: Tensor, attrs: ReduceAtAttrs) {
  const positions = index.graph.constant(
    Int32Array.from({ length: index.size }, (_, i) => i),
    attrs.shared ? [index.size, ...src.shape.slice(attrs.dim + 1).map(() => 1)] : index.shape,
  );
  const chosen = take({ x: winner, index }, { ...attrs, shape: src.shape }).y;
  return {
    x: attrs.include ? where(eq(winner, -1), dy, filled(x, x.shape, 0)) : undefined,
    src: where(eq(chosen, positions), at(dy, index, attrs, src.shape), 0),
  };
}

/**
 * y = the product or extreme of x and the elements of src at the indices, each target in the order of its positions: the
 * same bits in every run. winner: the position of the extreme in index, -1 for x.
 */
export const reduceAt: (inputs: Operands, attrs: ReduceAtAttrs) => { y: Tensor; winner: Tensor } =
  defineInternal({
    name: 'reduceAt',
    inputs: ['x', 'index', 'src'],
    outputs: ['y', 'winner'],
    shape: ({ x }, _: ReduceAtAttrs) => ({ y: x.shape, winner: { shape: x.shape, dtype: 'i32' } }),
    lower({ x, index, src, y, winner }, { kind, include, ...indexing }, k) {
      if (index.size === 0 || y.size === 0) {
        runCopy(k, x, wholeView(x.shape), y, wholeView(x.shape), 0);
        runFill(k, winner, 0xffffffff);
        return;
      }
      const { order, starts, rows, sizes } = sortTargets(k, index, x.shape, indexing);
      const kernel = reduceSegments[kind];
      const eachElement = elementThreads(y.size, k.device);
      const perThread = Math.ceil(y.size / threadsOf(kernel, eachElement));
      // All elements of a thread may be of one target, which all positions may name.
      for (const { first, end } of loopRanges(index.size, perThread + 1)) {
        const params = { n: y.size, rows, include, begin: first, end, ...sizes };
        const reads = { x, src, order, starts };
        if (kind === 'prod') k.dispatch(reduceSegments.prod, reads, { y }, params, eachElement);
        else k.dispatch(reduceSegments[kind], reads, { y, winner }, params, eachElement);
      }
      if (kind === 'prod') runFill(k, winner, 0xffffffff);
    },
    backward({ x, index, src, y, winner, dy }, attrs) {
      if (!dy) return {};
      const operands = { x, index, src };
      const found =
        attrs.kind === 'prod'
          ? gradientsOfProduct(operands, y, dy, attrs)
          : attrs.ties === 'first'
            ? gradientsOfFirst(operands, winner, dy, attrs)
            : gradientsOfExtreme(operands, y, dy, attrs);
      if (attrs.include) return found;
      // x shows only where nothing is written.
      return { ...found, x: sub(dy, mul(dy, touched(x, index, src, attrs))) };
    },
  });

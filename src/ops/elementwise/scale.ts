/** A tensor times a number: the gradient of additions with a factor. */
import scaleForward from '../../../shaders/elementwise/scale.forward.wgsl';
import type { Graph, Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { elementThreads } from '../common';

const scaleBy = defineInternal({
  name: 'scale',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  fusion: { accumulates: ['y'] },
  lower: ({ x, y }, { factor }: { factor: number }, k) =>
    k.dispatch(
      scaleForward,
      { x },
      { y },
      { n: y.size, factor, accumulate: k.accumulate('y') },
      elementThreads(y.size, k.device),
    ),
  backward: ({ dy }, { factor }) => ({ x: scale(dy, factor) }),
});

/** A number as a tensor without dimensions. */
export const constantOf = (graph: Graph, value: number): Tensor => graph.constant(Float32Array.of(value), []);

/** factor * x; x itself when the factor is 1. */
export const scale = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : scaleBy({ x }, { factor }).y);

/** Random numbers for ops that draw positions. */
import uniformFill from '../../../shaders/random/uniform.fill.wgsl';
import { inFloat32, type Shape, type Tensor } from '../../graph/ir/graph';
import { defineInternal, notDifferentiable } from '../../graph/ir/op';

const fill = defineInternal({
  name: 'uniform',
  inputs: ['like'],
  outputs: ['y'],
  shape: (_, { shape }: { shape: Shape }) => ({ y: inFloat32(shape) }),
  lower({ y }, _, k) {
    k.dispatch(uniformFill, {}, { y }, { n: y.size, node: k.nodeId }, { threads: Math.ceil(y.size / 4) });
  },
  backward: notDifferentiable('random numbers have no gradient'),
});

/** Numbers in [0, 1) of the graph of `like`, others in every step. */
export const uniformLike = (like: Tensor, shape: Shape): Tensor => fill({ like }, { shape }).y;

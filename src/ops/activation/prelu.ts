/** prelu: leaky relu with a learned slope. */
import preluBackward from '../../../shaders/activation/prelu.backward.wgsl';
import preluForward from '../../../shaders/activation/prelu.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import { broadcastShapes, elementThreads, noAttrs, shapeError, splitAt } from '../common';
import { gt, mul } from '../elementwise/binary';
import { where } from '../elementwise/where';
import { sumTo, viewAs } from '../reduce/sum';
import { multAddsPerSample } from '../rules';

/** x as [outer, channels, inner]; one weight for all counts as one channel. */
function layoutOf(x: Tensor, weight: Tensor) {
  if (weight.size === 1) return { n: x.size, channels: 1, inner: Math.max(1, x.size) };
  const { size, inner } = splitAt(x.shape, 1);
  return { n: x.size, channels: size, inner };
}

/** The shape in which one weight per channel broadcasts to x. */
const alongChannels = (x: Tensor, weight: Tensor) => x.shape.map((_, d) => (d === 1 ? weight.size : 1));

const preluInput = defineInternal({
  name: 'preluInput',
  inputs: ['x', 'weight', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x.shape }),
  fusion: { accumulates: ['dx'] },
  lower({ x, weight, dy, dx }, _: undefined, k) {
    const params = { ...layoutOf(x, weight), accumulate: k.accumulate('dx') };
    k.dispatch(preluBackward.input, { x, weight, dy }, { dx }, params, elementThreads(x.size, k.device));
  },
  backward: throughDecomposition(({ x, weight, dy }: Record<'x' | 'weight' | 'dy', Tensor>) => {
    const slopes = weight.size === 1 ? viewAs(weight, []) : viewAs(weight, alongChannels(x, weight));
    return { dx: where(gt(x, 0), dy, mul(slopes, dy)) };
  }),
});

/** The gradient of the weight for every element of x. */
const preluWeight = defineInternal({
  name: 'preluWeight',
  inputs: ['x', 'dy'],
  outputs: ['dv'],
  shape: ({ x }) => ({ dv: x.shape }),
  lower: ({ x, dy, dv }, _: undefined, k) =>
    k.dispatch(preluBackward.weight, { x, dy }, { dv }, { n: x.size }, elementThreads(x.size, k.device)),
  backward: throughDecomposition(({ x, dy }: Record<'x' | 'dy', Tensor>) => ({
    dv: where(gt(x, 0), 0, mul(x, dy)),
  })),
});

/** One slope for all or one per channel. */
const preluChannels = defineInternal({
  name: 'preluChannels',
  inputs: ['x', 'weight'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower: ({ x, weight, y }, _: undefined, k) =>
    k.dispatch(preluForward, { x, weight }, { y }, layoutOf(x, weight), elementThreads(y.size, k.device)),
  backward({ x, weight, dy }, _, needs) {
    const sumOverRest = () => {
      const shape = weight.size === 1 ? [] : alongChannels(x, weight);
      return viewAs(sumTo(preluWeight({ x, dy }, undefined).dv, shape), weight.shape);
    };
    return {
      x: needs.x ? preluInput({ x, weight, dy }, undefined).dx : undefined,
      weight: needs.weight ? sumOverRest() : undefined,
    };
  },
});

/** Leaky relu with a learned slope, one for all, one per channel (dimension 1), or of a shape that broadcasts to x. */
export const prelu = defineComposite({
  name: 'prelu',
  multAdds: multAddsPerSample,
  doc:
    'y = x above 0, else weight * x; weight has 1 element, one per channel (dimension 1), or two dimensions or more that ' +
    'broadcast to those of x.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html',
  inputs: ['x', 'weight'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, weight }) {
    if (weight.size === 1 || (weight.rank === 1 && x.rank > 1 && weight.size === x.shape[1]))
      return preluChannels({ x, weight }, undefined).y;
    const broadcast = weight.rank > 1 && broadcastShapes('prelu', x.shape, weight.shape, ['x', 'weight']);
    if (!broadcast || broadcast.join() !== x.shape.join()) {
      const channels = x.rank < 2 ? 1 : x.shape[1];
      throw shapeError('prelu', 'weight', weight, channels === 1 ? '[1]' : `[1] or [${channels}]`);
    }
    return where(gt(x, 0), x, mul(weight, x));
  },
});

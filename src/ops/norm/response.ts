/** localResponseNorm: normalization by the neighbouring channels. */
import responseBackward from '../../../shaders/norm/response.backward.wgsl';
import responseForward from '../../../shaders/norm/response.forward.wgsl';
import { gradientsOf, throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { defineComposite, defineInternal, inFloat32 } from '../../graph/ir/op';
import * as z from '../../schema';
import { add, div, mul, pow } from '../elementwise';
import { scale } from '../elementwise/scale';
import { pad } from '../layout/pad';
import { avgPool2d } from '../pool/pool';
import { viewAs } from '../reduce/sum';
import { channelView } from './rows';

const attrs = z.strictObject({
  size: z.int().positive(),
  alpha: z.number().default(1e-4),
  beta: z.number().default(0.75),
  k: z.number().default(1),
});
type Attrs = z.output<typeof attrs>;

function paramsOf(x: Tensor, { size, alpha, beta }: Attrs) {
  const { parameters, inner } = channelView('localResponseNorm', x);
  return { n: x.size, channels: parameters, inner, size, alpha, beta };
}

const response = defineInternal({
  name: 'responseNorm',
  inputs: ['x'],
  outputs: ['y', 'd'],
  shape: ({ x }) => ({ y: x, d: inFloat32(x.shape) }),
  lower: ({ x, y, d }, attrs: Attrs, k) =>
    k.dispatch(responseForward, { x }, { y, d }, { ...paramsOf(x, attrs), k: attrs.k }, { threads: x.size }),
  backward: ({ x, d, dy }, attrs) => (dy ? { x: responseGradient({ x, d, dy }, attrs).dx } : {}),
});

const responseGradient = defineInternal({
  name: 'responseNormBackward',
  inputs: ['x', 'd', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ x }) => ({ dx: x }),
  lower({ x, d, dy, dx }, attrs: Attrs, k) {
    const params = { ...paramsOf(x, attrs), accumulate: k.accumulate('dx') };
    k.dispatch(responseBackward, { x, d, dy }, { dx }, params, { threads: x.size });
  },
  backward: throughDecomposition(({ x, dy }: Record<'x' | 'dy', Tensor>, attrs: Attrs) => ({
    dx: gradientsOf([x], () => throughPooling(x, attrs), dy)[0],
  })),
});

/** As PyTorch defines it: the mean of the window by average pooling along the channels. */
function throughPooling(x: Tensor, { size, alpha, beta, k }: Attrs): Tensor {
  const { outer, parameters, inner } = channelView('localResponseNorm', x);
  const square = viewAs(mul(x, x), [outer, 1, parameters, inner]);
  const padded = pad(square, { pad: [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)] });
  const mean = viewAs(avgPool2d(padded, { kernelSize: [size, 1], stride: 1 }), x.shape);
  return div(x, pow(add(scale(mean, alpha), k), beta));
}

/** Normalization by the neighbouring channels. */
export const localResponseNorm = defineComposite({
  name: 'localResponseNorm',
  module: { name: 'LocalResponseNorm', positional: ['size', 'alpha', 'beta', 'k'] },
  doc:
    'Divides each channel of x [N, C, ...] by (k + alpha * mean of x^2 over `size` neighbouring channels)^beta; channels ' +
    'that are not there count as 0.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs,
  compose({ x }, attrs) {
    const { parameters } = channelView('localResponseNorm', x);
    const fitsLoop = Math.min(attrs.size, parameters) <= LONGEST_LOOP;
    return fitsLoop ? response({ x }, attrs).y : throughPooling(x, attrs);
  },
});

/**
 * Muon, torch.optim.Muon in float32: momentum that a Newton-Schulz iteration makes (nearly) orthogonal, for each matrix by
 * itself. Source: Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks.
 */
import muonApply from '../../../shaders/optimizer/muon.apply.wgsl';
import muonCombine from '../../../shaders/optimizer/muon.combine.wgsl';
import muonMomentum from '../../../shaders/optimizer/muon.momentum.wgsl';
import muonNormalize from '../../../shaders/optimizer/muon.normalize.wgsl';
import muonPartials from '../../../shaders/optimizer/muon.partials.wgsl';
import { elementThreads } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { batchedMatmul } from '../../ops/gemm/batched-matmul';
import type { OptionsOf } from '../optimizer-options';
import type { UpdateSegment } from '../update';
import type { UpdateRule } from './rule';

type Options = OptionsOf<'muon'>;

export const rule: UpdateRule<Options> = {
  derive: (o, _index, _lr, { momentum = o.momentum }) => [momentum, 1 - momentum],
  update(options, segment) {
    const { parameters: p, gradients: grad, scale, state } = segment;
    const { update } = momentumOf({ grad, scale, buf: state[0] }, { options, segment });
    apply({ direction: orthogonal(update, options), scale, p }, { options, segment });
  },
};

/**
 * The Newton-Schulz iteration: brings the singular values of a matrix near 1. Of a tall matrix it takes the smaller Gram
 * matrix, X^T X instead of X X^T. Its own kernels beside the matrix products keep pages without Muon small.
 */
function orthogonal(matrix: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: Options): Tensor {
  const isTall = matrix.shape[0] > matrix.shape[1];
  const times = (x: Tensor, y: Tensor, attrs = {}) => batchedMatmul(x, y, { op: 'muon', ...attrs });
  const combine = (x: Tensor, z: Tensor, ...factors: [number, number]) => combination({ x, z }, factors).y;
  let { y: x } = normalized({ x: matrix }, eps);
  for (let i = 0; i < nsSteps; i++) {
    const gram = times(x, x, isTall ? { transposeA: true } : { transposeB: true });
    const polynomial = combine(gram, times(gram, gram), b, c);
    x = combine(x, isTall ? times(x, polynomial) : times(polynomial, x), a, 1);
  }
  return x;
}

/** Workgroups that sum up a norm. */
const PARTS = 64;

const normalized = defineInternal({
  name: 'muonNormalize',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower({ x, y }, eps: number, k) {
    const partials = k.scratch([PARTS]);
    const params = { n: x.size, parts: PARTS };
    k.dispatch(muonPartials, { x }, { partials }, params, { workgroups: PARTS });
    k.dispatch(muonNormalize, { x, partials }, { y }, { ...params, eps }, elementThreads(x.size, k.device));
  },
});

const combination = defineInternal({
  name: 'muonCombine',
  inputs: ['x', 'z'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower: ({ x, z, y }, [a, b]: readonly [number, number], k) =>
    k.dispatch(muonCombine, { x, z }, { y }, { n: y.size, a, b }, elementThreads(y.size, k.device)),
});

/** torch.optim.Muon's factor on the learning rate for the shape of a matrix. */
function ratioOf([rows, columns]: readonly number[], adjustLrFn: Options['adjustLrFn']): number {
  return adjustLrFn === 'original'
    ? Math.sqrt(Math.max(1, rows / columns))
    : 0.2 * Math.sqrt(Math.max(rows, columns));
}

interface Update {
  options: Options;
  segment: UpdateSegment;
}

const momentumOf = defineInternal({
  name: 'muonMomentum',
  inputs: ['grad', 'scale', 'buf'],
  outputs: ['update'],
  shape: (_, { segment }: Update) => ({ update: segment.shape! }),
  lower({ grad, scale, buf, update }, { options, segment }, k) {
    const { nesterov, maximize } = options;
    const { after, stepSlot, clipValue: clip_value } = segment;
    const params = { n: update.size, nesterov, sign: maximize ? -1 : 1, clip_value };
    const launch = [params, elementThreads(update.size, k.device), { alsoReads: after, stepSlot }] as const;
    k.dispatch(muonMomentum, { grad, scale }, { buf, update }, ...launch);
  },
});

const apply = defineInternal({
  name: 'muonApply',
  inputs: ['direction', 'scale', 'p'],
  outputs: [],
  shape: () => ({}),
  lower({ direction, scale, p }, { options, segment: { shape, stepSlot } }: Update, k) {
    const n = direction.size;
    const params = { n, decay: options.weightDecay, ratio: ratioOf(shape!, options.adjustLrFn) };
    k.dispatch(muonApply, { direction, scale }, { p }, params, elementThreads(n, k.device), { stepSlot });
  },
});

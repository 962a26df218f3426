/**
 * Muon, torch.optim.Muon in float32: momentum that a Newton-Schulz iteration makes (nearly) orthogonal, for each matrix by
 * itself. Source: Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks.
 */
import muonApply from '../../../shaders/optimizer/muon.apply.wgsl';
import muonMomentum from '../../../shaders/optimizer/muon.momentum.wgsl';
import { elementThreads } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { add, clamp, div, matmul, mul, norm, transpose } from '../../ops';
import type { OptionsOf } from '../optimizer-options';
import type { UpdateSegment } from '../update';
import type { UpdateRule } from './rule';

type Options = OptionsOf<'muon'>;

export const rule: UpdateRule<Options> = {
  derive: (o, _index, _lr, { momentum = o.momentum }) => [momentum, 1 - momentum],
  update(options, segment) {
    const { parameters: p, gradients: grad, scale, state } = segment;
    const { update } = momentumOf({ grad, scale, buf: state[0] }, { options, segment });
    apply({ direction: orthogonal(update, options), p }, { options, segment });
  },
};

/** The Newton-Schulz iteration: brings the singular values of a matrix near 1. */
function orthogonal(matrix: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: Options): Tensor {
  const [rows, columns] = matrix.shape;
  const turn = (x: Tensor) => (rows > columns ? transpose(x, { dim0: 0, dim1: 1 }) : x);
  const wide = turn(matrix);
  let x = div(wide, clamp(norm(wide), { min: eps }));
  for (let i = 0; i < nsSteps; i++) {
    const gram = matmul(x, transpose(x, { dim0: 0, dim1: 1 }));
    const polynomial = add(mul(gram, b), mul(matmul(gram, gram), c));
    x = add(mul(x, a), matmul(polynomial, x));
  }
  return turn(x);
}

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
  inputs: ['direction', 'p'],
  outputs: [],
  shape: () => ({}),
  lower({ direction, p }, { options, segment: { shape, stepSlot } }: Update, k) {
    const n = direction.size;
    const params = { n, decay: options.weightDecay, ratio: ratioOf(shape!, options.adjustLrFn) };
    k.dispatch(muonApply, { direction }, { p }, params, elementThreads(n, k.device), { stepSlot });
  },
});

/** Ops that draw a number for each element: gumbelSoftmax and rrelu. */
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { leakyRelu } from '../activation/activation';
import { normalizeDim, shapeError } from '../common';
import { add, eq, le, log, mul, neg, sub, where } from '../elementwise';
import { scale } from '../elementwise/scale';
import { withEntry } from '../layout/attrs';
import { argmax } from '../reduce/extremum';
import { softmax } from '../softmax/softmax';
import { uniformLike } from './uniform';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`;

/** Numbers in [0, 1) of the shape of x: the given ones, or others in every step. */
function samplesFor(op: string, x: Tensor, given: Tensor | undefined): Tensor {
  if (given && given.shape.join() !== x.shape.join()) {
    throw shapeError(op, 'randomSamples', given, `the shape of x, ${formatShape(x.shape)}`);
  }
  return given ?? uniformLike(x, x.shape);
}

/** One of the classes, drawn by their scores. */
export const gumbelSoftmax = defineComposite({
  name: 'gumbelSoftmax',
  doc:
    'softmax((x + g) / tau) along `dim` with Gumbel noise g = -ln(-ln(u)); with `hard` the unit vector of the largest, whose ' +
    'gradient is that of the softmax. u are randomSamples in [0, 1) of the shape of x; without them they are drawn anew ' +
    'in every step, from its seed.',
  source: source('gumbel_softmax'),
  inputs: ['x', 'randomSamples?'],
  inputAliases: { logits: 'x' },
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    tau: z.number().positive().default(1),
    hard: z.boolean().default(false),
    dim: z.int().default(-1),
  }),
  compose({ x, randomSamples }, { tau, hard, dim }, graph) {
    const at = normalizeDim('gumbelSoftmax', dim, x.rank);
    const u = samplesFor('gumbelSoftmax', x, randomSamples);
    const noise = neg(log(neg(log(u))));
    const soft = softmax(scale(add(x, noise), 1 / tau), { dim: at });
    if (!hard || x.rank === 0) return soft;
    const n = x.shape[at];
    const classes = graph.constant(
      Int32Array.from({ length: n }, (_, i) => i),
      withEntry(new Array<number>(x.rank).fill(1), at, n),
    );
    const unit = where(eq(argmax(soft, { dim: at, keepdim: true }), classes), 1, 0);
    return add(sub(unit, graph.detach(soft)), soft);
  },
});

/** A random slope below 0. */
export const rrelu = defineComposite({
  name: 'rrelu',
  module: { name: 'RReLU', positional: ['lower', 'upper'] },
  doc:
    'y = x above 0, else a x: in training with `a` drawn for each element between lower and upper, else with their mean. ' +
    'randomSamples in [0, 1) of the shape of x say where between; without them they are drawn anew in every step, from its seed.',
  source: source('rrelu'),
  inputs: ['x', 'randomSamples?'],
  outputs: ['y'],
  attrs: z.strictObject({
    lower: z.number().default(1 / 8),
    upper: z.number().default(1 / 3),
    training: z.boolean().optional(),
  }),
  compose({ x, randomSamples }, { lower, upper, training = x.graph.training }) {
    if (lower > upper) {
      const expected = `at most upper ${upper}`;
      throw new GradloomError({
        code: 'argument',
        op: 'rrelu',
        argument: 'lower',
        got: String(lower),
        expected,
      });
    }
    if (!training) return leakyRelu(x, { negativeSlope: (lower + upper) / 2 });
    const u = samplesFor('rrelu', x, randomSamples);
    return where(le(x, 0), mul(x, add(scale(u, upper - lower), lower)), x);
  },
});

/** Covariances and correlations of variables. */
import { formatShape } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import { isFloat } from '../../graph/ir/variable';
import * as z from '../../schema';
import { noAttrs, shapeError } from '../common';
import { cast, clamp, div, maximum, mul, sqrt, sub } from '../elementwise';
import { scale } from '../elementwise/scale';
import { matmul } from '../gemm/matmul';
import { source } from '../layout/attrs';
import { diagonal, permuted } from '../layout/permute';
import { sum, viewAs } from '../reduce/sum';

const asFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : cast(x, { dtype: 'f32' }));

/** Covariances [n, n] of n variables, the rows of x, or the variance of one. */
function covariance(op: string, x: Tensor, correction: number, fweights?: Tensor, aweights?: Tensor): Tensor {
  if (x.rank > 2) throw shapeError(op, 'x', x, 'at most two dimensions, [variables, observations]');
  const rows = x.rank === 2 ? x : viewAs(x, [1, x.size]);
  const [variables, n] = rows.shape;
  for (const [argument, weights] of Object.entries({ fweights, aweights })) {
    if (weights && formatShape(weights.shape) !== formatShape([n])) {
      throw shapeError(op, argument, weights, `[${n}], one per observation`);
    }
  }
  const [frequency, importance] = [fweights && asFloat(fweights), aweights && asFloat(aweights)];
  const weights = frequency && importance ? mul(frequency, importance) : (frequency ?? importance);
  const total = weights ? sum(weights) : undefined;
  const means = total
    ? div(sum(mul(rows, weights!), { dim: 1, keepdim: true }), total)
    : scale(sum(rows, { dim: 1, keepdim: true }), 1 / n);
  const centered = sub(rows, means);
  const weighted = weights ? mul(centered, weights) : centered;
  const products = matmul(weighted, permuted(centered, [1, 0]));
  const divisor = total
    ? maximum(
        sub(total, importance ? scale(div(sum(mul(weights!, importance)), total), correction) : correction),
        0,
      )
    : Math.max(0, n - correction);
  return viewAs(div(products, divisor), variables === 1 ? [] : [variables, variables]);
}

/** Covariances. */
export const cov = defineComposite({
  name: 'cov',
  doc: 'Covariances of the variables in the rows of x [variables, observations], divided by n - correction; `fweights` [observations] say how often each observation counts, `aweights` how much. Of one variable its variance.',
  source: source('cov'),
  inputs: ['x', 'fweights?', 'aweights?'],
  dtypes: { fweights: 'any' },
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ correction: z.int().default(1) }),
  compose: ({ x, fweights, aweights }, { correction }) =>
    covariance('cov', x, correction, fweights, aweights),
});

/** Correlation coefficients. */
export const corrcoef = defineComposite({
  name: 'corrcoef',
  doc: 'Correlation coefficients of the variables in the rows of x [variables, observations]: covariances over the product of the deviations, limited to [-1, 1].',
  source: source('corrcoef'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: noAttrs,
  compose({ x }) {
    const c = covariance('corrcoef', x, 1);
    if (c.rank === 0) return div(c, c);
    const deviations = sqrt(diagonal(c));
    const n = deviations.size;
    const y = div(div(c, viewAs(deviations, [n, 1])), viewAs(deviations, [1, n]));
    return clamp(y, { min: -1, max: 1 });
  },
});

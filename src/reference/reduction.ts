/** Reference references of the reductions over all dims, one dim or several (`dim`, `keepdim`) to one number each. */
import { wholeCases } from './cases';
import { reduceDims } from './ndarray';
import {
  cornerCases,
  extremumCases,
  logsumexpCases,
  manyDimCases,
  normCases,
  prodCases,
  truthCases,
  varianceCases,
} from './reduction.cases';
import type { OpCase, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];

/** A reference of the op that turns each group of values into one number. */
function reduction(f: (values: Float64Array, attrs: Attrs) => number, cases: OpCase[]): Reference {
  return {
    forward({ x }, attrs) {
      const { dim = null, keepdim = false } = attrs;
      return { y: reduceDims(x, dim, keepdim, (values) => f(values, attrs)) };
    },
    cases,
  };
}

const total = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0);

function variance(values: Float64Array, correction = 1): number {
  const mean = total(values) / values.length;
  return total(values.map((v) => (v - mean) ** 2)) / Math.max(0, values.length - correction);
}

function logsumexp(values: Float64Array): number {
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  // Nothing to shift by when the maximum is infinite.
  const shift = Number.isFinite(top) ? top : 0;
  return shift + Math.log(total(values.map((v) => Math.exp(v - shift))));
}

/** The p-norm (sum |v|^p)^(1/p); 'inf' and '-inf' are the largest and smallest |v|, 0 counts what is not zero. */
function norm(values: Float64Array, p: number | string = 2): number {
  const sizes = values.map(Math.abs);
  if (Number(p) === Number.POSITIVE_INFINITY || p === 'inf') return sizes.reduce((a, b) => Math.max(a, b), 0);
  if (Number(p) === Number.NEGATIVE_INFINITY || p === '-inf') {
    return sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }
  const power = Number(p);
  if (power === 0) return sizes.filter((v) => v !== 0).length;
  return total(sizes.map((v) => v ** power)) ** (1 / power);
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  sum: reduction(total, [...manyDimCases(), ...cornerCases(), ...wholeCases({ dim: 1 })]),
  mean: reduction((values) => total(values) / values.length, [...manyDimCases(), ...cornerCases()]),
  prod: reduction(
    (values) => values.reduce((product, v) => product * v, 1),
    [...prodCases(), ...wholeCases({ dim: 0 })],
  ),
  // Math.max lets NaN through, as PyTorch does.
  amax: reduction(
    (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    [...extremumCases(), ...wholeCases({ dim: 1 })],
  ),
  amin: reduction(
    (values) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    [...extremumCases(), ...wholeCases({ dim: 1 })],
  ),
  var: reduction((values, { correction }) => variance(values, correction), varianceCases()),
  std: reduction((values, { correction }) => Math.sqrt(variance(values, correction)), varianceCases()),
  logsumexp: reduction(logsumexp, logsumexpCases()),
  norm: reduction((values, { p }) => norm(values, p), normCases()),
  all: reduction(
    (values) => Number(values.every((v) => v !== 0)),
    [...truthCases(), wholeCases({ dim: 1 })[0]],
  ),
  any: reduction(
    (values) => Number(values.some((v) => v !== 0)),
    [...truthCases(), wholeCases({ dim: 1 })[0]],
  ),
};

/** Norms that are limited, and matrices of powers. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { add, div, gt, mul, pow, where } from '../elementwise';
import { source } from '../layout/attrs';
import { norm, power } from '../reduce/norm';
import { viewAs } from '../reduce/sum';

/** Slices whose norm is limited. */
export const renorm = defineComposite({
  name: 'renorm',
  doc: 'Each position of `dim` scaled to the p-norm maxnorm where its norm is larger.',
  source: source('renorm'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ p: power, dim: z.int(), maxnorm: z.number().min(0) }),
  compose({ x }, { p, dim, maxnorm }) {
    if (x.rank < 2) throw shapeError('renorm', 'x', x, 'at least two dimensions');
    const at = normalizeDim('renorm', dim, x.rank);
    const norms = norm(x, { p, dim: x.shape.flatMap((_, d) => (d === at ? [] : [d])), keepdim: true });
    return mul(x, where(gt(norms, maxnorm), div(maxnorm, add(norms, 1e-7)), 1));
  },
});

/** Powers of a vector. */
export const vander = defineComposite({
  name: 'vander',
  doc: 'The powers N - 1 to 0 (with `increasing` 0 to N - 1) of each element of a vector, one row each; N is the length of x by default.',
  source: source('vander'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    N: z.int().min(0).nullable().default(null),
    increasing: z.boolean().default(false),
  }),
  compose({ x }, { N, increasing }) {
    if (x.rank !== 1) throw shapeError('vander', 'x', x, 'one dimension');
    const columns = N ?? x.size;
    const exponents = Float32Array.from({ length: columns }, (_, i) => (increasing ? i : columns - 1 - i));
    return pow(viewAs(x, [x.size, 1]), x.graph.constant(exponents, [1, columns]));
  },
});

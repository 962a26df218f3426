/** The p-norm along one dim, which the distances and `normalize` share. */
import { defineInternal } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';
import { normalizeDim } from '../common';
import { reducedShape } from '../reduce/layout';
import { type ReduceVariant, reduce, type SpreadVariant, spread } from '../reduce/reduce';

interface Attrs {
  /** 'inf' is the largest |x|. */
  p: number | 'inf';
  /** From 0. */
  dim: number;
  keepdim: boolean;
}

/** First pass and derivative of an order. */
function variantsOf(p: number | 'inf'): { forward: ReduceVariant; backward: SpreadVariant } {
  if (p === 'inf') return { forward: 'max_abs', backward: 'extremum_abs' };
  if (p === 1) return { forward: 'abs', backward: 'abs' };
  return p === 2 ? { forward: 'square', backward: 'square' } : { forward: 'power', backward: 'power' };
}

const norms = defineInternal({
  name: 'vectorNorm',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, { dim, keepdim }: Attrs) => ({ y: reducedShape(x.shape, [dim], keepdim) }),
  lower({ x, y }, { p, dim }, k) {
    const variant = variantsOf(p).forward;
    const root = { square: ['divideRoot', 1], power: ['power', 1 / Number(p)] } as const;
    const [finish, value] = root[variant as keyof typeof root] ?? ['none', 1];
    reduce(k, 'norm', x, y, [dim], { variant, finish, value, power: Number(p) });
  },
  backward: ({ x, y, dy }, attrs) => ({ x: normsBackward({ x, y, dy }, attrs).dx }),
});

const normsBackward = defineInternal({
  name: 'vectorNormBackward',
  inputs: ['x', 'y', 'dy'],
  outputs: ['dx'],
  accumulates: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  lower({ x, y, dy, dx }, { p, dim }: Attrs, k) {
    // Elements that tie for the largest share its gradient.
    const aux = k.temp(y.shape);
    if (p === 'inf') reduce(k, 'norm', x, aux, [dim], { variant: 'equal_abs', shift: y });
    const accumulate = k.accumulate('dx');
    spread(k, variantsOf(p).backward, dy, dx, x.shape, [dim], { x, y, aux, power: Number(p), accumulate });
  },
});

/** (sum of |x|^p)^(1/p) along `dim`. */
export function vectorNorm(x: Tensor, p: number | 'inf', dim: number, keepdim: boolean): Tensor {
  return norms({ x }, { p, dim: normalizeDim('norm', dim, x.rank), keepdim }).y;
}

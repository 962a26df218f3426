/**
 * Float64 references of the regularizers. What dropout does is random, so the references of its family cover what is
 * not: it is the identity in evaluation and with p = 0, and gives zeros with p = 1. Its rate, its scale and
 * its patterns (elements, channels, samples) are tested by their statistics instead. Semantics:
 * torch.nn.functional.dropout, dropout1d, dropout2d, dropout3d, alpha_dropout;
 * torchvision.ops.stochastic_depth.
 */
import { assertInternal } from '../errors';
import { mapElements, scalar } from './ndarray';
import type { NdArray, OpCase, Reference } from './types';

/** A member of the dropout family on inputs of `shape`; `attrs` are those that every case has. */
function dropout(shape: number[], attrs: Record<string, unknown> = {}): Reference {
  const cases: OpCase[] = [
    { name: 'evaluation', attrs, inputs: { x: shape } },
    { name: 'evaluation', attrs: { ...attrs, p: 0.3 }, inputs: { x: shape } },
    { name: 'evaluation', attrs: { ...attrs, p: 1 }, inputs: { x: shape } },
    { name: 'drops nothing', training: true, attrs: { ...attrs, p: 0 }, inputs: { x: shape } },
    { name: 'drops everything', training: true, attrs: { ...attrs, p: 1 }, inputs: { x: shape } },
    { name: 'one element', attrs, inputs: { x: shape.map(() => 1) } },
  ];
  return {
    forward({ x }, { p = 0.5 }, { training }) {
      assertInternal(!training || p === 0 || p === 1, 'dropout', `a reference with p = ${p}: it is random`);
      const kept = training ? 1 - p : 1;
      return { y: mapElements((value) => value * kept, x) };
    },
    cases,
  };
}

/** lambda * sum over the elements of f(x). */
function penalty(f: (value: number) => number): Reference {
  const off = (...shape: number[]) => ({ shape, fill: 'awayFromZero' as const });
  return {
    forward({ x }: { x: NdArray }, { lambda = 1 }) {
      let sum = 0;
      for (const value of x.data) sum += f(value);
      return { y: scalar(lambda * sum) };
    },
    cases: [
      { inputs: { x: off(3, 5) } },
      { attrs: { lambda: 0.01 }, inputs: { x: off(2, 3, 4) } },
      { attrs: { lambda: 0 }, inputs: { x: off(7) } },
      { name: 'one element', inputs: { x: off(1) } },
      { name: 'beyond a workgroup', attrs: { lambda: 0.1 }, inputs: { x: off(17, 67) } },
      { name: 'zeros have gradient 0', inputs: { x: { shape: [4], values: [0, -1, 2, 0] } } },
      { name: 'NaN', gradient: false, inputs: { x: { shape: [2], values: ['NaN', 1] } } },
    ],
  };
}

/** The references of the regularizers by canonical name. */
export const references: Record<string, Reference> = {
  dropout: dropout([3, 5]),
  dropout1d: dropout([2, 3, 5]),
  dropout2d: dropout([2, 3, 4, 2]),
  dropout3d: dropout([2, 3, 2, 3, 2]),
  alphaDropout: dropout([3, 5]),
  featureAlphaDropout: dropout([2, 3, 4]),
  stochasticDepth: {
    ...dropout([4, 3, 2], { p: 0.5, mode: 'row' }),
    cases: [
      ...dropout([4, 3, 2], { p: 0.5, mode: 'row' }).cases,
      ...dropout([4, 3, 2], { p: 0.5, mode: 'batch' }).cases,
    ],
  },
  l1Penalty: penalty(Math.abs),
  l2Penalty: penalty((value) => value ** 2),
};

/** How often values come: bincount and histc. */
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { add, cast, div, eq, floor, ge, le, logicalAnd, minimum, mul, sub, where } from '../elementwise';
import { addAt } from '../indexing/take';
import { source } from '../layout/attrs';
import { expanded } from '../layout/repeat';
import { amax, amin } from '../reduce/extremes';
import { viewAs } from '../reduce/sum';

/** Sums in float32 count exactly up to here. */
const MOST_COUNTED = 2 ** 24;

/** Zeros [n] with the elements of src added at the indices. */
function summedAt(op: string, index: Tensor, src: Tensor | undefined, n: number): Tensor {
  if (!src && index.size > MOST_COUNTED) {
    throw shapeError(op, 'x', index, `at most ${MOST_COUNTED} elements, which float32 counts exactly`);
  }
  const indices = viewAs(index, [index.size]);
  const values = src ? viewAs(src, [src.size]) : expanded(index.graph.scalar(1), [index.size]);
  return addAt(indices, values, [n], { dim: 0, shared: false });
}

/** One more than the largest of constants; undefined for what is known later. Error `argument` for negative ones. */
function binsOf({ storage: { leaf } }: Tensor): number | undefined {
  if (leaf?.kind !== 'constant') return undefined;
  let most = -1;
  for (const value of leaf.data) {
    if (value < 0) {
      const expected = 'whole numbers from 0';
      throw new GradloomError({
        code: 'argument',
        op: 'bincount',
        argument: 'x',
        got: String(value),
        expected,
      });
    }
    most = Math.max(most, value);
  }
  return most + 1;
}

/** How often each whole number comes. */
export const bincount = defineComposite({
  name: 'bincount',
  doc: 'How often each whole number from 0 comes in a vector, as int32, or the sums of their weights. As many as `minlength`, or where x is a constant one more than the largest if that is more: shapes do not depend on other values, and those outside are not counted.',
  source: source('bincount'),
  inputs: ['x', 'weights?'],
  dtypes: { x: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ minlength: z.int().min(0).default(0) }),
  compose({ x, weights }, { minlength }) {
    if (x.rank !== 1) throw shapeError('bincount', 'x', x, 'one dimension');
    if (weights && weights.shape.join() !== x.shape.join()) {
      throw shapeError('bincount', 'weights', weights, `the shape of x, [${x.shape}]`);
    }
    const known = binsOf(x);
    if (known === undefined && minlength === 0) {
      throw new GradloomError({
        ...{ code: 'argument', op: 'bincount', argument: 'minlength', got: '0' },
        expected: 'the number of bins',
        fix: 'It is taken from the largest value only of constants, because shapes are known before values are',
      });
    }
    const sums = summedAt('bincount', x, weights, Math.max(known ?? 0, minlength));
    return weights ? sums : cast(sums, { dtype: 'i32' });
  },
  backward: notDifferentiable('counts have no gradient'),
});

/** A histogram. */
export const histc = defineComposite({
  name: 'histc',
  doc: 'How many elements lie in each of `bins` equal parts of [min, max], or of the range of x where both are equal; those outside and NaN are not counted.',
  source: source('histc'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    bins: z.int().min(1).default(100),
    min: z.number().default(0),
    max: z.number().default(0),
  }),
  compose({ x }, { bins, min, max }, graph) {
    if (max < min) {
      const expected = `at least min ${min}`;
      throw new GradloomError({ code: 'argument', op: 'histc', argument: 'max', got: String(max), expected });
    }
    const given = min < max || x.size === 0;
    const edges = given ? [graph.scalar(min), graph.scalar(max > min ? max : min + 1)] : [amin(x), amax(x)];
    // A range of one value is widened by 1 to both sides.
    const isPoint = eq(edges[0], edges[1]);
    const [low, high] = [sub(edges[0], isPoint), add(edges[1], isPoint)];
    const place = floor(mul(div(sub(x, low), sub(high, low)), bins));
    const inside = logicalAnd(ge(x, low), le(x, high));
    const bin = where(inside, minimum(where(inside, place, 0), bins - 1), bins);
    return summedAt('histc', cast(bin, { dtype: 'i32' }), undefined, bins);
  },
  backward: notDifferentiable('counts have no gradient'),
});

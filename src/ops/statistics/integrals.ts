/** Integrals by the trapezoidal rule. */
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { add, mul, sub } from '../elementwise';
import { scale } from '../elementwise/scale';
import { source, withEntry } from '../layout/attrs';
import { narrowed } from '../layout/slice';
import { cumsum } from '../reduce/cumulative';
import { sum, viewAs } from '../reduce/sum';

/** The areas of the trapezoids between neighbours along a dimension. */
function trapezoids(op: string, values: Tensor, x: Tensor | undefined, dx: number | null, dim: number) {
  if (values.rank === 0) throw shapeError(op, 'values', values, 'at least one dimension');
  const at = normalizeDim(op, dim, values.rank);
  const n = values.shape[at];
  if (x && dx !== null) {
    throw new GradloomError({
      ...{ code: 'argument', op, argument: 'dx', got: `${dx}, beside x`, expected: 'either x or dx' },
    });
  }
  const steps = Math.max(0, n - 1);
  const [first, next] = [narrowed(values, at, 0, steps), narrowed(values, at, Math.min(1, n), steps)];
  const middle = scale(add(first, next), 0.5);
  if (!x) return { at, areas: scale(middle, dx ?? 1) };
  if (x.rank === 1 ? x.size !== n : x.shape.join() !== values.shape.join()) {
    throw shapeError(op, 'x', x, `[${n}] or the shape of values, ${formatShape(values.shape)}`);
  }
  const along = x.rank === 1 ? 0 : at;
  const widths = sub(narrowed(x, along, Math.min(1, n), steps), narrowed(x, along, 0, steps));
  const shape = withEntry(new Array<number>(values.rank).fill(1), at, steps);
  return { at, areas: mul(middle, x.rank === 1 ? viewAs(widths, shape) : widths) };
}

function defineTrapezoid(name: 'trapezoid' | 'cumulativeTrapezoid', torchName: string, doc: string) {
  return defineComposite({
    name,
    aliases: name === 'trapezoid' ? ['trapz'] : [],
    doc: `${doc} by the trapezoidal rule along \`dim\`, at the places x or \`dx\` apart (1 by default).`,
    source: source(torchName),
    inputs: ['values', 'x?'],
    outputs: ['y'],
    inFloat32: true,
    attrs: z.strictObject({ dx: z.number().nullable().default(null), dim: z.int().default(-1) }),
    compose({ values, x }, { dx, dim }) {
      const { at, areas } = trapezoids(name, values, x, dx, dim);
      return name === 'trapezoid' ? sum(areas, { dim: at }) : cumsum(areas, { dim: at });
    },
  });
}

/** Integral by trapezoids. */
export const trapezoid = defineTrapezoid('trapezoid', 'trapezoid', 'The integral of values');
/** Running integral by trapezoids. */
export const cumulativeTrapezoid = defineTrapezoid(
  'cumulativeTrapezoid',
  'cumulative_trapezoid',
  'The integrals of values up to each place but the first',
);

/** Ops that take a part of a tensor: narrow, select, slice with steps, split, chunk. */
import { GradloomError } from '../../errors';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineComposite, defineOp } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, stridesOf } from '../common';
import { viewAs } from '../reduce/sum';
import { oneOrMore, source, toDims, withEntry } from './attrs';
import { join, runCopy, type StridedView, strided, wholeView } from './strided';

/** `length` positions of dimension d from `start` on, `step` apart. */
function viewAlong(shape: Shape, d: number, start: number, length: number, step = 1): StridedView {
  const strides = stridesOf(shape);
  return {
    shape: withEntry(shape, d, length),
    offset: start * strides[d],
    strides: withEntry(strides, d, step * strides[d]),
  };
}

/** x[..., start : start + length, ...] along dimension d, all within range. */
export const narrowed = (x: Tensor, d: number, start: number, length: number): Tensor =>
  strided(x, viewAlong(x.shape, d, start, length));

/** A range of one dimension. */
export const narrow = defineComposite({
  name: 'narrow',
  exact: true,
  doc: '`length` positions of `dim` from `start` on; a negative start counts from the end.',
  source: source('narrow'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), start: z.int(), length: z.int().min(0) }),
  compose({ x }, { dim, start, length }) {
    const d = dimOfArray('narrow', x, dim);
    const first = start < 0 ? start + x.shape[d] : start;
    if (first < 0 || first + length > x.shape[d]) {
      throw new GradloomError({
        code: 'argument',
        op: 'narrow',
        argument: 'start',
        got: `${start} with length ${length}`,
        expected: `a range within dimension ${dim} of size ${x.shape[d]}`,
      });
    }
    return narrowed(x, d, first, length);
  },
});

/** One position of a dimension. */
export const select = defineComposite({
  name: 'select',
  exact: true,
  doc: 'Position `index` of `dim`, without that dimension; a negative index counts from the end.',
  source: source('select'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), index: z.int() }),
  compose({ x }, { dim, index }) {
    const d = dimOfArray('select', x, dim);
    const n = x.shape[d];
    if (index < -n || index >= n) {
      throw new GradloomError({
        code: 'argument',
        op: 'select',
        argument: 'index',
        got: String(index),
        expected: `a position from ${-n} to ${n - 1}`,
      });
    }
    return viewAs(
      narrowed(x, d, index < 0 ? index + n : index, 1),
      x.shape.filter((_, i) => i !== d),
    );
  },
});

const bounds = z
  .union([z.int(), z.array(z.int().nullable())])
  .nullable()
  .default(null);

/** Ranges with steps. */
export const slice = defineComposite({
  name: 'slice',
  exact: true,
  doc: "x[start:end:step] along `dim` by Python's rules (negative bounds count from the end, all are clamped, step > 0); lists slice several dimensions.",
  source: 'https://docs.python.org/3/library/functions.html#slice',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: oneOrMore.default(0),
    start: bounds,
    end: bounds,
    step: z.union([z.int().min(1), z.array(z.int().min(1))]).default(1),
  }),
  compose({ x }, attrs) {
    dimOfArray('slice', x, 0);
    const dims = toDims('slice', attrs.dim, x.rank);
    for (const argument of ['start', 'end', 'step'] as const) {
      const value = attrs[argument];
      if (!Array.isArray(value) || value.length === dims.length) continue;
      throw new GradloomError({
        code: 'argument',
        op: 'slice',
        argument,
        got: JSON.stringify(value),
        expected: `one entry per dimension, ${dims.length}`,
      });
    }
    const strides = stridesOf(x.shape);
    const view = { shape: [...x.shape], offset: 0, strides: [...strides] };
    dims.forEach((d, i) => {
      const entry = <T>(value: T | T[]): T => (Array.isArray(value) ? value[i] : value);
      const n = x.shape[d];
      const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + n : bound, 0), n);
      const [first, last] = [clamp(entry(attrs.start) ?? 0), clamp(entry(attrs.end) ?? n)];
      const step = entry(attrs.step);
      view.shape[d] = Math.max(0, Math.ceil((last - first) / step));
      view.offset += first * strides[d];
      view.strides[d] = step * strides[d];
    });
    return strided(x, view);
  },
});

/** Sections along one dimension. */
export const split = defineOp({
  name: 'split',
  exact: true,
  doc: 'Sections of `dim`: of the given sizes, or of one size (the last one shorter). Outputs y0, y1, ....',
  source: source('split'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['...y'],
  attrs: z.strictObject({
    splitSizeOrSections: z.union([z.int().min(0), z.array(z.int().min(0))]),
    dim: z.int().default(0),
  }),
  shape: ({ x }, attrs) =>
    Object.fromEntries(sections(x, attrs).map(({ shape }, i) => [`y${i}`, { shape, dtype: x.dtype }])),
  lower({ x, ...outputs }, attrs, k) {
    sections(x, attrs).forEach((view, i) => {
      runCopy(k, x, view, outputs[`y${i}`], wholeView(view.shape), 0);
    });
  },
  backward({ x, ...gradients }, attrs) {
    const known = sections(x, attrs).flatMap((view, i) => {
      const dy = gradients[`dy${i}`];
      return dy ? [{ view, dy }] : [];
    });
    return {
      x: join(
        known.map(({ dy }) => dy),
        x.shape,
        known.map(({ view }) => view),
      ),
    };
  },
});

/** The views of the sections of `split`. */
function sections(
  x: Tensor,
  { dim, splitSizeOrSections }: { dim: number; splitSizeOrSections: number | number[] },
) {
  const d = dimOfArray('split', x, dim);
  const total = x.shape[d];
  const sizes = Array.isArray(splitSizeOrSections)
    ? splitSizeOrSections
    : equalSizes(total, splitSizeOrSections);
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sum !== total) {
    throw new GradloomError({
      code: 'argument',
      op: 'split',
      argument: 'splitSizeOrSections',
      got: JSON.stringify(splitSizeOrSections),
      expected: `sizes with sum ${total}, the size of dimension ${dim}`,
    });
  }
  let start = 0;
  return sizes.map((size) => {
    const view = viewAlong(x.shape, d, start, size);
    start += size;
    return view;
  });
}

/** Sections of `each` elements, the last one shorter; a single empty one of nothing. */
function equalSizes(total: number, each: number): number[] {
  const count = each === 0 ? 1 : Math.max(1, Math.ceil(total / each));
  return Array.from({ length: count }, (_, i) => Math.min(each, total - i * each));
}

/** A number of sections along one dimension. */
export const chunk = defineComposite({
  name: 'chunk',
  exact: true,
  doc: 'At most `chunks` sections of `dim` of one size (the last one shorter). Outputs y0, y1, ....',
  source: source('chunk'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['...y'],
  attrs: z.strictObject({ chunks: z.int().min(1), dim: z.int().default(0) }),
  compose({ x }, { chunks, dim }) {
    const total = x.shape[dimOfArray('chunk', x, dim)];
    const each = Math.ceil(total / chunks);
    return split(x, { splitSizeOrSections: each === 0 ? new Array<number>(chunks).fill(0) : each, dim });
  },
});

/** The dimension counted from 0, of a tensor that has one. */
function dimOfArray(op: string, x: Tensor, dim: number): number {
  if (x.rank === 0) {
    throw new GradloomError({
      code: 'shape',
      op,
      argument: 'x',
      got: '[]',
      expected: 'at least one dimension',
    });
  }
  return normalizeDim(op, dim, x.rank);
}

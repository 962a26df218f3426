/** max and min with the places where they are; argmax and argmin. */
import extremumForward from '../../../shaders/reduce/extremum.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import {
  defineComposite,
  defineInternal,
  defineOp,
  type Lowering,
  notDifferentiable,
} from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, splitAt } from '../common';
import { amax, amin, requireElements } from './extremes';
import { partsOfLine } from './layout';
import { pickBackward } from './pick';
import { shapeAfter } from './sum';
import { picked } from './whole';

type Extremum = 'max' | 'min';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

const oneDimAttrs = z.strictObject({
  dim: z.int().nullable().default(null),
  keepdim: z.boolean().default(false),
});

const INTEGERS = { max: extremumForward.max_integer, min: extremumForward.min_integer };

/** Writes the extremes along the middle of [outer, size, inner] and their positions. */
function runExtremum(
  k: Lowering,
  which: Extremum,
  x: Tensor,
  positions: Tensor | undefined,
  { size, inner, outputs }: { size: number; inner: number; outputs: number },
  values: Tensor,
  indices: Tensor,
): void {
  const parts = partsOfLine(outputs, size, k.device);
  const last = parts === 1;
  const found = last
    ? { values, indices }
    : { values: k.scratch([outputs * parts], x.dtype), indices: k.scratch([outputs * parts], 'i32') };
  const params = { outputs, size, inner, parts, first: positions === undefined };
  const kernels = x.dtype === 'i32' ? INTEGERS : extremumForward;
  k.dispatch(kernels[which], { x, positions: positions ?? k.emptyBuffer }, found, params, {
    threads: outputs * parts,
  });
  if (last) return;
  const next = { size: parts, inner: inner > 1 ? outputs : 1, outputs };
  runExtremum(k, which, found.values, found.indices, next, values, indices);
}

/** The dimension as [outer, size, inner]; all elements when dim is null. */
function lineOf(op: string, x: Tensor, dim: number | null) {
  if (dim === null) return { size: x.size, inner: 1, outputs: 1 };
  const { outer, size, inner } = splitAt(x.shape, normalizeDim(op, dim, x.rank));
  return { size, inner, outputs: outer * inner };
}

const extremumAlong = defineInternal({
  name: 'extremum',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  shape({ x }, { op, dim, keepdim }: { op: Extremum; dim: number; keepdim: boolean }) {
    const shape = shapeAfter(op, x, { dim, keepdim });
    return { values: picked(x, shape), indices: { shape, dtype: 'i32' as const } };
  },
  lower({ x, values, indices }, { op, dim }, k) {
    runExtremum(k, op, x, undefined, lineOf(op, x, dim), values, indices);
  },
  backward: ({ x, indices, dvalues }, { op, dim }) => ({
    x: dvalues && pickBackward({ x, indices, dy: dvalues }, { ...lineOf(op, x, dim), picks: 1 }).dx,
  }),
});

function defineExtremum(op: Extremum, doc: string) {
  return defineComposite({
    name: op,
    doc,
    source: source(op),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['values', 'indices', 'y'],
    attrs: oneDimAttrs,
    compose({ x }, { dim, keepdim }) {
      if (dim === null)
        return { y: (op === 'max' ? amax : amin)(x, { keepdim }) } as Record<
          'values' | 'indices' | 'y',
          Tensor
        >;
      requireElements(op, x, [normalizeDim(op, dim, x.rank)]);
      return extremumAlong({ x }, { op, dim, keepdim }) as Record<'values' | 'indices' | 'y', Tensor>;
    },
  });
}

export const max = defineExtremum(
  'max',
  'Largest value. Without `dim` of all elements, as `y`; along a `dim` as `values` with their `indices`, the first of equals.',
);
export const min = defineExtremum(
  'min',
  'Smallest value. Without `dim` of all elements, as `y`; along a `dim` as `values` with their `indices`, the first of equals.',
);

function defineArgument(name: 'argmax' | 'argmin', alias: string, doc: string) {
  return defineOp({
    name,
    aliases: [alias],
    doc,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['y'],
    attrs: oneDimAttrs,
    shape({ x }, attrs) {
      requireElements(
        name,
        x,
        attrs.dim === null ? x.shape.map((_, d) => d) : [normalizeDim(name, attrs.dim, x.rank)],
      );
      return { y: { shape: shapeAfter(name, x, attrs), dtype: 'i32' as const } };
    },
    lower({ x, y }, { dim }, k) {
      const which = name === 'argmax' ? 'max' : 'min';
      runExtremum(k, which, x, undefined, lineOf(name, x, dim), k.scratch([y.size], x.dtype), y);
    },
    backward: notDifferentiable('its result is a position'),
  });
}

export const argmax = defineArgument(
  'argmax',
  'argMax',
  'Position of the largest value along `dim`, the first of equals; among all elements when null.',
);
export const argmin = defineArgument(
  'argmin',
  'argMin',
  'Position of the smallest value along `dim`, the first of equals; among all elements when null.',
);

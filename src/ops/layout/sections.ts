/** Splits and turns by rows, columns and depth, and shapes of other tensors. */
import { GradloomError } from '../../errors';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { integers, source } from './attrs';
import { tensorSplit } from './derived';
import { flip } from './permute';
import { expanded } from './repeat';

function defineSplit(name: 'hsplit' | 'vsplit' | 'dsplit', least: number, place: string) {
  return defineComposite({
    name,
    exact: true,
    doc: `That many equal sections ${place}, or the sections between the positions of a list. Outputs y0, y1, ....`,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['...y'],
    attrs: z.strictObject({ indicesOrSections: z.union([z.int().min(1), integers]) }),
    compose({ x }, { indicesOrSections }) {
      if (x.rank < least)
        throw shapeError(name, 'x', x, `at least ${least} dimension${least > 1 ? 's' : ''}`);
      const dim = name === 'vsplit' ? 0 : name === 'dsplit' ? 2 : Math.min(1, x.rank - 1);
      if (typeof indicesOrSections === 'number' && x.shape[dim] % indicesOrSections !== 0) {
        const expected = `a divisor of ${x.shape[dim]}, the size of dimension ${dim}`;
        throw new GradloomError({
          ...{ code: 'argument', op: name, argument: 'indicesOrSections' },
          ...{ got: String(indicesOrSections), expected, fix: 'tensorSplit makes sections of unequal sizes' },
        });
      }
      return tensorSplit(x, { indicesOrSections, dim });
    },
  });
}

/** Sections of the columns. */
export const hsplit = defineSplit('hsplit', 1, 'of dimension 1, of a vector of dimension 0');
/** Sections of the rows. */
export const vsplit = defineSplit('vsplit', 2, 'of dimension 0');
/** Sections of the depth. */
export const dsplit = defineSplit('dsplit', 3, 'of dimension 2');

function defineMirror(name: 'fliplr' | 'flipud', dim: 0 | 1, doc: string) {
  return defineComposite({
    name,
    exact: true,
    doc,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['y'],
    attrs: noAttrs,
    compose({ x }) {
      if (x.rank <= dim)
        throw shapeError(name, 'x', x, dim === 1 ? 'at least two dimensions' : 'at least one');
      return flip(x, { dims: dim });
    },
  });
}

/** Left and right exchanged. */
export const fliplr = defineMirror('fliplr', 1, 'The columns (dimension 1) in reverse order.');
/** Up and down exchanged. */
export const flipud = defineMirror('flipud', 0, 'The rows (dimension 0) in reverse order.');

/** The shape of another tensor by repetition. */
export const expandAs = defineComposite({
  name: 'expandAs',
  exact: true,
  doc: 'x repeated along dimensions of size 1 to the shape of other.',
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html',
  inputs: ['x', 'other'],
  dtypes: { x: 'any', other: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    const fits = x.shape.every((n, d) => n === 1 || n === other.shape.at(d - x.rank));
    if (x.rank > other.rank || !fits) {
      throw shapeError('expandAs', 'x', x, `a shape that expands to [${other.shape}], that of other`);
    }
    return expanded(x, other.shape);
  },
});

/** The shape of another tensor of as many elements. */
export const reshapeAs = defineComposite({
  name: 'reshapeAs',
  aliases: ['viewAs'],
  exact: true,
  doc: 'The elements of x in their order, in the shape of other.',
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.reshape_as.html',
  inputs: ['x', 'other'],
  dtypes: { x: 'any', other: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    if (x.size !== other.size) {
      throw shapeError('reshapeAs', 'x', x, `${other.size} elements, those of other [${other.shape}]`);
    }
    return viewAs(x, other.shape);
  },
});

/** Attribute schemas and checks that the layout ops share. */
import { GradloomError } from '../../errors';
import * as z from '../../schema';
import { normalizeDim } from '../common';

/** The page of PyTorch about a function of `torch`. */
export const source = (name: string): string =>
  `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** A list of whole numbers. */
export const integers = z.array(z.int());

/** One whole number or several. */
export const oneOrMore = z.union([z.int(), integers]);

/** Dimensions counted from 0. @throws GradloomError when one is out of range or comes twice. */
export function toDims(
  op: string,
  dims: number | readonly number[],
  rank: number,
  argument = 'dim',
): number[] {
  const list = [dims].flat().map((dim) => normalizeDim(op, dim, rank, argument));
  if (new Set(list).size !== list.length) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument,
      got: JSON.stringify(dims),
      expected: 'every dimension once',
    });
  }
  return list;
}

/** `list` with the entry at `at` replaced. */
export const withEntry = (list: readonly number[], at: number, value: number): number[] =>
  list.map((entry, i) => (i === at ? value : entry));

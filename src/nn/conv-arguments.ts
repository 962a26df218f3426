/** Arguments that convolutions and transposed convolutions share. */
import { GradloomError } from '../errors';

/** A number for all spatial dimensions, or one per dimension. */
export type PerDimension = number | number[];

/** @throws GradloomError when the groups do not divide the channels. */
export function checkGroups(op: string, groups: number, inChannels: number, outChannels: number): void {
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: 'groups',
    got: String(groups),
    expected: `a divisor of inChannels ${inChannels} and of outChannels ${outChannels}`,
  });
}

export const perDimension = (size: PerDimension, rank: number): number[] =>
  typeof size === 'number' ? new Array<number>(rank).fill(size) : size;

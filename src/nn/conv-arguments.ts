/** Arguments that convolutions and transposed convolutions share. */
import { checkCount, checkOptions, checkSizes } from '../checks';
import { GradloomError } from '../errors';

/** A number for all spatial dimensions, or one per dimension. */
export type PerDimension = number | number[];

/** @throws GradloomError `argument` for sizes that are no whole numbers from 1, and for options that do not exist. */
export function checkConv(
  op: string,
  channels: Readonly<Record<string, number>>,
  kernelSize: PerDimension,
  options: object,
  more: readonly string[],
): void {
  checkSizes(op, channels);
  for (const size of Array.isArray(kernelSize) ? kernelSize : [kernelSize])
    checkCount(op, 'kernelSize', size);
  checkOptions(op, options, ['stride', 'padding', 'dilation', 'groups', 'bias', ...more]);
}

/** @throws GradloomError when the groups do not divide the channels. */
export function checkGroups(op: string, groups: number, inChannels: number, outChannels: number): void {
  checkCount(op, 'groups', groups);
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

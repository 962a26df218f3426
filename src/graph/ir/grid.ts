/** Workgroup counts: how many workgroups cover an amount of work within WebGPU's limit per dimension. */
import { groupSizeOf } from '../../kernels/constants';
import type { KernelDescription } from '../../kernels/kernel';
import type { DispatchSize, Workgroups } from './graph';

/** WebGPU's maxComputeWorkgroupsPerDimension on every device. */
export const MAX_WORKGROUPS = 65535;

/**
 * Workgroups for `n` items with `perWorkgroup` items each, folded into y where x does not suffice; shaders find
 * their index with `lib/grid.wgsl`. `z` is a further independent dimension (a batch).
 */
export function grid(n: number, perWorkgroup: number, z = 1): Workgroups {
  const count = Math.ceil(n / perWorkgroup);
  if (count <= MAX_WORKGROUPS) return [count, count === 0 ? 0 : 1, z];
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / rows), rows, z];
}

/** The workgroups of a dispatch of the kernel with these constants. */
export function workgroupsOf(
  kernel: KernelDescription,
  size: DispatchSize,
  constants?: Record<string, number>,
): Workgroups {
  if ('workgroups' in size) return grid(size.workgroups, 1);
  if (!('threads' in size)) return size;
  return grid(size.threads, groupSizeOf(kernel, constants));
}

/** The threads of such a dispatch, with those that fill up the last workgroup. */
export function threadsOf(kernel: KernelDescription, size: DispatchSize): number {
  const [x, y, z] = workgroupsOf(kernel, size);
  return x * y * z * groupSizeOf(kernel);
}

/** One thread for each of `n` items, or in a variant `group` one workgroup. */
export const perItem = (n: number, variant: string): DispatchSize =>
  variant === 'group' ? { workgroups: n } : { threads: n };

/** Loop rounds that one dispatch may take of a long loop; leaves some of `MAX_LOOP_ROUNDS` to the short ones around it. */
export const LONGEST_LOOP = 60_000;

/**
 * Cuts a loop over `count` items, each worth `rounds` of `LONGEST_LOOP`, into ranges for consecutive dispatches, the
 * later of which go on where the one before ended. One range where the loop is short, at least one in any case.
 */
export function loopRanges(count: number, rounds = 1): { first: number; end: number }[] {
  const length = Math.max(1, Math.floor(LONGEST_LOOP / rounds));
  return Array.from({ length: Math.max(1, Math.ceil(count / length)) }, (_, i) => ({
    first: i * length,
    end: Math.min(count, (i + 1) * length),
  }));
}

/** The same for nested loops over a box, the last dimension innermost: boxes by their first item and their size. */
export function loopBoxes(box: readonly number[]): { first: number[]; taps: number[] }[] {
  if (box.length === 0) return [{ first: [], taps: [] }];
  const [count, ...rest] = box;
  return loopBoxes(rest).flatMap(({ first, taps }) =>
    loopRanges(
      count,
      taps.reduce((product, n) => product * (n + 2), 1),
    ).map((range) => ({
      first: [range.first, ...first],
      taps: [range.end - range.first, ...taps],
    })),
  );
}

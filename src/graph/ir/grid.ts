/** Workgroup counts: how many workgroups cover an amount of work within WebGPU's limit per dimension. */
import type { Device } from '../../gpu/device';
import type { Workgroups } from './graph';

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

/**
 * Workgroups of 64 invocations for `n` elements that shaders share out with `workgroup_range` (lib/grid.wgsl). Starting
 * a workgroup takes a CPU adapter as long as a hundred simple elements, and a GPU needs enough of them to be busy.
 */
export function elementGrid(n: number, device: Device): Workgroups {
  const perInvocation = device.isCpu ? 16 : n >= 2 ** 20 ? 4 : 1;
  return grid(n, 64 * perInvocation);
}

/** Constants of kernels: what the host reads, and what a dispatch gives instead. */
import { describe, expect, it } from 'vitest';
import sortScan from '../../shaders/indexing/sort.scan.wgsl';
import transposeCopy from '../../shaders/layout/transpose.copy.wgsl';
import batchForward from '../../shaders/norm/batch.forward.wgsl';
import { workgroupsOf } from '../graph/ir/grid';
import { constantsOf, groupSizeOf, specializeConstants } from './constants';

const CODE = `
const TILE = 16u;
const LEAST: f32 = -1.5e3;
const HALF = 0.5;
const AREA = TILE * (TILE + 2u);
const NEITHER = vec2<u32>(1u, 2u);
const LATER = AREA / 4u;
`;

describe('constants of a kernel', () => {
  it('are numbers and what is computed of them', () => {
    expect(constantsOf(CODE)).toEqual({ TILE: 16, LEAST: -1500, HALF: 0.5, AREA: 288, LATER: 72 });
  });

  it('follow those that a dispatch gives', () => {
    expect(constantsOf(CODE, { TILE: 2 })).toMatchObject({ TILE: 2, AREA: 8, LATER: 2 });
    expect(constantsOf(specializeConstants(CODE, { TILE: 2 }))).toMatchObject({ TILE: 2, AREA: 8, LATER: 2 });
  });

  it('refuse a name that the shader does not declare', () => {
    expect(() => specializeConstants(CODE, { TILES: 2 })).toThrow('constant TILES');
  });

  it('are those of the variant', () => {
    expect(transposeCopy.constants.TILE).toBe(32);
    expect(batchForward.group.constants.GROUP).toBe(64);
    expect(batchForward.thread.constants.GROUP).toBe(4);
  });
});

describe('the size of a dispatch', () => {
  it('goes by the workgroup size of the kernel', () => {
    expect(groupSizeOf(sortScan)).toBe(128);
    expect(workgroupsOf(sortScan, { threads: 257 })).toEqual([3, 1, 1]);
    expect(workgroupsOf(batchForward.thread, { threads: 9 })).toEqual([3, 1, 1]);
    expect(workgroupsOf(batchForward.thread, { threads: 9 }, { GROUP: 8 })).toEqual([2, 1, 1]);
    expect(workgroupsOf(sortScan, { workgroups: 3 })).toEqual([3, 1, 1]);
    expect(workgroupsOf(sortScan, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('is none for nothing, and folds what is too much for one dimension', () => {
    expect(workgroupsOf(sortScan, { threads: 0 })).toEqual([0, 0, 1]);
    expect(workgroupsOf(sortScan, { workgroups: 70_000 })).toEqual([35_000, 2, 1]);
  });
});

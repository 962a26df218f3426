/** Selection heuristics: what comes first where, and that only variants that are correct come at all. */
import { describe, expect, it } from 'vitest';
import type { Device } from '../../gpu/device';
import {
  batchNormCandidates,
  convCandidates,
  elementThreads,
  gemmCandidates,
  gemmGroup,
  multiMarginCandidates,
  recurrentGroup,
  rowLossCandidates,
  rowNormCandidates,
  softmaxCandidates,
} from './heuristics';

const adapter = (isCpu: boolean, subgroups = true) =>
  ({ isCpu, features: { subgroups } }) as unknown as Device;
const [cpu, gpu, plainCpu, plainGpu] = [
  adapter(true),
  adapter(false),
  adapter(true, false),
  adapter(false, false),
];

describe('candidates', () => {
  it('of a matrix multiplication begin with what pays on the adapter', () => {
    expect(gemmCandidates(64, 64, 2 ** 20, gpu)).toEqual(['sharedTile', 'registerTile', 'quadShuffle']);
    expect(gemmCandidates(31, 64, 2 ** 20, gpu)).toEqual(['registerTile', 'sharedTile', 'quadShuffle']);
    expect(gemmCandidates(64, 64, 2 ** 20, cpu)[0]).toBe('quadShuffle');
    expect(gemmCandidates(4, 64, 2 ** 20, cpu)[0]).toBe('registerTile');
    expect(gemmCandidates(64, 64, 2 ** 16, cpu)[0]).toBe('registerTile');
  });

  it('need subgroups where threads exchange values', () => {
    for (const device of [plainCpu, plainGpu]) {
      expect(gemmCandidates(64, 64, 2 ** 20, device)).not.toContain('quadShuffle');
      expect(convCandidates(device)).toEqual(['dense']);
      expect(rowLossCandidates({ classes: 4, inner: 1, rows: 8 }, device)).toEqual(['thread', 'group']);
    }
  });

  it('leave out threads whose loops would be too long', () => {
    for (const device of [cpu, gpu]) {
      expect(softmaxCandidates(20_001, 1, 1, device)).toEqual(['group']);
      expect(rowNormCandidates(80_004, true, device)).toEqual(['group']);
      expect(rowNormCandidates(40_000, true, device)).toEqual(expect.arrayContaining(['vector', 'group']));
      expect(rowNormCandidates(40_000, true, device)).not.toContain('thread');
      expect(batchNormCandidates(2_000_000, 4, 64, device)).toEqual(['passes']);
      expect(batchNormCandidates(80_000, 4, 64, device)).toHaveLength(3);
      expect(multiMarginCandidates(5000)).toEqual(['group']);
    }
  });

  it('read four values at once only where rows are aligned', () => {
    expect(rowNormCandidates(64, true, cpu)[0]).toBe('vector');
    expect(rowNormCandidates(63, false, cpu)).toEqual(['thread', 'group']);
    expect(rowNormCandidates(64, true, gpu)[0]).toBe('group');
    expect(rowNormCandidates(32, true, gpu)[0]).toBe('thread');
  });

  it('of losses take a workgroup per row for many classes', () => {
    const row = (classes: number, rows = 1000, inner = 1) => ({ classes, rows, inner });
    expect(rowLossCandidates(row(10), gpu)).toEqual(['thread', 'group']);
    expect(rowLossCandidates(row(1000), gpu)).toEqual(['group']);
    expect(rowLossCandidates(row(1000, 1000, 4), gpu)).toEqual(['thread', 'group']);
    expect(rowLossCandidates(row(10), cpu)).toEqual(['quadShuffle', 'thread', 'group']);
    expect(rowLossCandidates(row(1000, 4), cpu)).toEqual(['quadShuffle', 'group']);
    expect(rowLossCandidates(row(1000), cpu)).toEqual(['group']);
  });
});

describe('shares of work', () => {
  it('are larger on CPU adapters', () => {
    expect(elementThreads(1000, gpu)).toEqual({ threads: 1000 });
    expect(elementThreads(2 ** 20, gpu)).toEqual({ threads: 2 ** 18 });
    expect(elementThreads(1000, cpu)).toEqual({ threads: 63 });
    expect(gemmGroup(cpu, 'quadShuffle').group).toBeLessThan(gemmGroup(gpu, 'quadShuffle').group);
  });

  it('keep the cores of a CPU adapter busy with small recurrent layers', () => {
    expect(recurrentGroup(8, gpu)).toBe(64);
    expect(recurrentGroup(8, cpu)).toBe(4);
    expect(recurrentGroup(64, cpu)).toBe(16);
    expect(recurrentGroup(10_000, cpu)).toBe(64);
    expect(recurrentGroup(0, cpu)).toBe(4);
  });
});

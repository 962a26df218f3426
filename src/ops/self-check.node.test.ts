/** Every kernel that a model can need is run by the self-check of some op. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { allKernels } from '../reference/all-kernels';
import { kernelsOf } from '../reference/kernels';
import { caseOfStored, stored } from '../reference/stored-checks';
import { ops } from './registry';

import { matches, storeValues } from './stored-check';

/** Kernels that no op's check runs, and why. */
const NOT_REACHED: [kernel: RegExp, reason: string][] = [
  [/^(data|inspect|metrics|optimizer)\//, 'run by the trainer, not by an op'],
  [/^gemm\/split_sum.wgsl$/, 'for longer inner dimensions than a stored case holds'],
  [
    /^attention\/attention.backward_key.wgsl (quadShuffle\.)?packed$/,
    'for packed projections, which only a module makes',
  ],
  [/^attention\/cache\./, 'run by the generation of text, not by an op'],
  [/^recurrent\/mask.apply.wgsl/, 'for recurrent dropout, whose masks no reference knows'],
  [/^elementwise\/accumulate.into.wgsl$/, 'run by training steps that accumulate gradients'],
  [/^elementwise\/cast.forward.wgsl floatToIndex$/, 'run by modules of token indices, not by an op'],
  [/^random\/words.fill.wgsl$/, 'run by tests alone'],
  [/^random\/uniform.fill.wgsl$/, 'for places of windows that no reference knows'],
];

describe('stored checks', () => {
  it('reach every kernel but those listed with a reason', () => {
    const reached = new Set<string>();
    for (const [name, checks] of Object.entries(stored)) {
      for (const check of checks)
        for (const kernel of kernelsOf(ops.get(name)!, caseOfStored(check))) reached.add(kernel);
    }
    const missing = allKernels
      .map(({ file, variant }) => `${file} ${variant}`.trim())
      .filter((kernel) => !reached.has(kernel));
    expect(missing.filter((kernel) => !NOT_REACHED.some(([known]) => known.test(kernel)))).toEqual([]);
    for (const [known, reason] of NOT_REACHED) {
      expect(
        missing.some((kernel) => known.test(kernel)),
        `${known} (${reason}) is reached`,
      ).toBe(true);
    }
  });
});

describe('stored values', () => {
  const random = new Random(0);
  it.each([
    ['few', 30],
    ['many', 300],
  ])('of %s elements match themselves, and nothing that differs', (_, count) => {
    const values = Array.from({ length: count }, () => random.normal());
    const stored = storeValues(values);
    expect(matches(stored, values)).toBe(true);
    const largest = Math.max(...values.map(Math.abs));
    for (let i = 0; i < count; i += 7) {
      expect(matches(stored, values.with(i, values[i] + 0.07 * largest)), `element ${i}`).toBe(false);
    }
    expect(matches(stored, values.slice(1))).toBe(false);
    expect(
      matches(
        stored,
        values.map(() => 0),
      ),
    ).toBe(false);
    expect(matches(stored, undefined)).toBe(false);
    expect(matches(stored, values.with(3, Number.NaN))).toBe(false);
  });

  it('are exact for small whole numbers, and zero for none', () => {
    expect(matches(storeValues([0, 45, 7]), [0, 45, 8])).toBe(false);
    expect(matches(storeValues([0, 0]), undefined)).toBe(true);
  });

  it('of all ops take less than 60 kB gzipped', () => {
    expect(gzipSync(JSON.stringify(stored)).length).toBeLessThan(60_000);
  });
});

/** Every kernel that a model can need is run by the self-check of some op. */
import { describe, expect, it } from 'vitest';
import type { KernelDescription } from '../kernels/kernel';
import { kernelsOf } from '../reference/kernels';
import type { InputSpec, OpCase } from '../reference/types';
import { ops } from './registry';
import type { StoredCheck, StoredTensor } from './self-check';
import stored from './self-check.generated.json';

const modules = import.meta.glob<KernelDescription | Record<string, KernelDescription>>(
  ['../../shaders/**/*.wgsl', '!../../shaders/lib/**'],
  { eager: true, import: 'default' },
);
const kernels = Object.values(modules).flatMap((value) =>
  typeof value.code === 'string'
    ? [value as KernelDescription]
    : Object.values(value as Record<string, KernelDescription>),
);

/** Kernels that no op's check runs, and why. */
const NOT_REACHED: [kernel: RegExp, reason: string][] = [
  [/^(data|metrics|optimizer)\//, 'run by the trainer, not by an op'],
  [
    /^loss\/accuracy.forward.wgsl group$/,
    'for more classes than a stored case holds, and no gradient hangs on it',
  ],
  [/^gemm\/split_sum.wgsl$/, 'for longer inner dimensions than a stored case holds'],
  [
    /^attention\/attention.backward_key.wgsl (quadShuffle\.)?packed$/,
    'for packed projections, which only a module makes',
  ],
  [/^attention\/cache\./, 'run by the generation of text, not by an op'],
  [/^recurrent\/mask.apply.wgsl/, 'for recurrent dropout, whose masks no reference knows'],
  [/^elementwise\/accumulate.into.wgsl$/, 'run by training steps that accumulate gradients'],
  [/^random\/words.fill.wgsl$/, 'run by tests alone'],
  [/^random\/uniform.fill.wgsl$/, 'for places of windows that no reference knows'],
];

/** The case that a check was made from, as far as its kernels depend on it. */
function caseOf({ attrs, training, inputs, gradInputs }: StoredCheck): OpCase {
  const spec = ({ shape, dtype }: StoredTensor) => ({ shape, dtype }) as InputSpec;
  const entries = Object.entries(inputs).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(spec) : spec(value),
  ]);
  return { attrs, training, inputs: Object.fromEntries(entries), gradient: gradInputs ? undefined : false };
}

describe('stored checks', () => {
  it('reach every kernel but those listed with a reason', () => {
    const reached = new Set<string>();
    for (const [name, checks] of Object.entries(stored as unknown as Record<string, StoredCheck[]>)) {
      for (const check of checks)
        for (const kernel of kernelsOf(ops.get(name)!, caseOf(check))) reached.add(kernel);
    }
    const missing = kernels
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

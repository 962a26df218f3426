/** No kernel takes a thread's place in its subgroup from its place in the workgroup: WebGPU does not say how they belong together. */
import { expect, it } from 'vitest';
import { allKernels } from '../reference/all-kernels';

const EXCHANGE = /\b(quad(Swap|Broadcast)\w*|subgroup(Shuffle|Broadcast|Elect)\w*)\(/;
/** A lane is what tells which of the exchanged values is a thread's own. */
const LANE = /\blet lane = ([^;]+);/g;

const users = allKernels.filter(({ code }) => EXCHANGE.test(code));
const entryOf = (code: string) => /@compute[^{]*\{/.exec(code)![0];

it.each(users.map(({ file, variant, code }) => [`${file} ${variant}`, code] as const))('%s', (_, code) => {
  const lanes = [...code.matchAll(LANE)].map(([, from]) => from.trim());
  for (const from of lanes) expect(from).toBe('invocation % 4u');
  // Without a lane the exchange is symmetric: sums, largest and smallest values.
  if (lanes.length > 0) expect(entryOf(code)).toMatch(/@builtin\(subgroup_invocation_id\) invocation: u32/);
  else expect(code).not.toMatch(/quad(Swap|Broadcast)Diagonal\(/);
});

it('covers the kernels that exchange values', () => {
  expect(new Set(users.map(({ file }) => file)).size).toBeGreaterThanOrEqual(6);
});

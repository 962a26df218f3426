/**
 * Runs that go to PyTorch and come back: some steps here, as many there on one process and on several, as many here again,
 * beside a run that stays. Needs PyTorch (Debian: python3-torch).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testDevice } from '../support/device';
import { readyCases } from './cases';
import { type Crossing, comeBack, difference, type Found, inTorch, leave } from './crossing';

const device = await testDevice();
const root = mkdtempSync(join(tmpdir(), 'gradloom-torch-'));
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 20;
const only = process.env.GRADLOOM_TORCH_CASES?.split(',');
const cases = Object.entries(readyCases).filter(([name]) => !only || only.includes(name));

describe('runs that go to PyTorch and back', () => {
  const crossings: Crossing[] = [];
  const found: Record<number, Found> = {};

  test.each(cases)('%s goes', async (name, given) => {
    crossings.push(await leave(device, name, given, root, STEPS));
  });

  test.each([1, 2])('all go on in PyTorch on %d processes', async (processes) => {
    found[processes] = await inTorch(crossings, STEPS, processes);
  });

  test.each(cases)('%s comes back', async (name) => {
    const crossing = crossings.find((one) => one.name === name)!;
    const key = crossing.folder.split('/').at(-1)!;
    const there = crossing.stays.slice(STEPS, 2 * STEPS);
    for (const processes of [1, 2]) {
      const { losses, check, error } = found[processes][key];
      expect(error).toBeUndefined();
      if (check !== null) expect(check).toBeLessThan(1e-5);
      const { first, all } = difference(losses, there);
      expect(first).toBeLessThan(1e-5);
      expect(all).toBeLessThan(1e-4);
    }
    const back = await comeBack(device, crossing, STEPS, 2);
    expect(back).toHaveLength(STEPS);
    const { all } = difference(back, crossing.stays.slice(2 * STEPS));
    expect(all).toBeLessThan(1e-4);
    console.log(
      name,
      difference(found[1][key].losses, there),
      difference(found[2][key].losses, there),
      difference(back, crossing.stays.slice(2 * STEPS)),
    );
  });
});

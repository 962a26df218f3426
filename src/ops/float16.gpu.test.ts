/**
 * Every op on every case of its reference reference with floats stored as float16, on adapters that have it; others refuse.
 * A filter narrows it down: GRADLOOM_OPS=softmax,add (in Node).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { references } from '../reference';
import { checkCase, describeCase } from '../reference/conformance';
import { caseSeed, inputDtype } from '../synthetic';
import { ops } from './registry';

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('stored as float16', () => {
  for (const op of ops.values()) {
    const reference = references[op.name];
    const cases = (reference?.cases ?? [])
      .map((opCase, index) => ({ opCase, index }))
      .filter(({ opCase }) => Object.values(opCase.inputs).some((spec) => inputDtype(spec) === 'f32'));
    if (cases.length === 0 || (filter && !filter.includes(op.name))) continue;
    it(op.name, async () => {
      const check = async ({ opCase, index }: (typeof cases)[number]) => {
        const seed = caseSeed(op.name, index);
        const { message } = await checkCase(device, op, reference, opCase, seed, { half: true });
        return message && `${describeCase(opCase, index)}: ${message}`;
      };
      if (!device.features.f16) {
        expect(await check(cases[0])).toContain('without the feature shader-f16');
        return;
      }
      const problems: string[] = [];
      for (const each of cases) {
        const problem = await check(each);
        if (problem) problems.push(problem);
      }
      expect(problems).toEqual([]);
    }, 300_000);
  }
});

/**
 * Every op on every case of its reference reference. A filter narrows it down: GRADLOOM_OPS=softmax,add (in Node).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { references } from '../reference';
import { describeCase, runCase } from '../reference/conformance';
import { ops } from './registry';

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

for (const op of ops.values()) {
  if (filter && !filter.includes(op.name)) continue;
  describe(op.name, () => {
    it('has a reference reference with cases', () =>
      expect(references[op.name]?.cases.length).toBeGreaterThan(0));
    references[op.name]?.cases.forEach((opCase, index) => {
      it(describeCase(opCase, index), async () => {
        const result = await runCase(device, op, references[op.name], index);
        expect(result.message).toBeUndefined();
      });
    });
  });
}

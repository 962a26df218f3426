/** Ops along axes of more than 65,535 elements, against their float64 references. GRADLOOM_OPS narrows it (in Node). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { references } from '../reference';
import { describeCase, runLongCase } from '../reference/conformance';
import { longCases } from '../reference/long.cases';
import { ops } from './registry';

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

for (const [name, cases] of Object.entries(longCases)) {
  if (filter && !filter.includes(name)) continue;
  describe(name, () => {
    cases.forEach((opCase, index) => {
      it(describeCase(opCase, index), async () => {
        const result = await runLongCase(device, ops.get(name)!, references[name], index);
        expect(result.message).toBeUndefined();
      });
    });
  });
}

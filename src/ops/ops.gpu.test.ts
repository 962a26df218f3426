/**
 * Every op on every case of its reference reference. In Node a filter narrows it down, GRADLOOM_OPS=softmax,add, and
 * GRADLOOM_REPORT=file.json writes the report of the device.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { writeDeviceReport } from '../../e2e/support/device-report';
import type { Device } from '../gpu/device';
import { references } from '../reference';
import { type CaseResult, describeCase, runCase } from '../reference/conformance';
import { ops } from './registry';

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
const results: CaseResult[] = [];
afterAll(async () => {
  const path = globalThis.process?.env?.GRADLOOM_REPORT;
  if (path) await writeDeviceReport(path, device, results);
  device.destroy();
});

for (const op of ops.values()) {
  if (filter && !filter.includes(op.name)) continue;
  describe(op.name, () => {
    it('has a reference reference with cases', () =>
      expect(references[op.name]?.cases.length).toBeGreaterThan(0));
    references[op.name]?.cases.forEach((opCase, index) => {
      it(describeCase(opCase, index), async () => {
        const result = await runCase(device, op, references[op.name], index);
        results.push(result);
        expect(result.message).toBeUndefined();
      });
    });
  });
}

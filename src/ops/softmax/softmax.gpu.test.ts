/**
 * The workgroup-per-line kernels of the softmax family on every case of the reference: short lines, and software
 * adapters, on which tests run, would otherwise take the thread-per-line kernels.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { references } from '../../reference';
import { describeCase, runCase } from '../../reference/conformance';
import { logSoftmax, softmax, softmin } from './softmax';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
  for (const { info } of [softmax, softmin, logSoftmax]) device.variants.disable(info.name, 'line');
});
afterAll(() => device.destroy());

describe.each([softmax, softmin, logSoftmax])('a workgroup per line', ({ info }) => {
  references[info.name].cases.forEach((opCase, index) => {
    it(`${info.name} ${describeCase(opCase, index)}`, async () => {
      const result = await runCase(device, info, references[info.name], index);
      expect(result.message).toBeUndefined();
    });
  });
});

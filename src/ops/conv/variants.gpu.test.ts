// Every variant of the convolution kernels against the reference references, not only the one that this adapter prefers.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { references } from '../../reference';
import { describeCase, runCase } from '../../reference/conformance';
import { ops } from '../registry';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe.each(['dense', 'quadShuffle'])('%s', (variant) => {
  beforeEach((context) =>
    context.skip(variant === 'quadShuffle' && !device.features.subgroups, 'the adapter has no subgroups'),
  );
  it.each([
    ['conv1d', /stride/],
    ['conv2d', /primes|medium|LeNet|groups|dilation/],
    ['convTranspose2d', /stride/],
  ] as const)(
    '%s',
    async (name, labels) => {
      for (const [index, opCase] of references[name].cases.entries()) {
        if (!labels.test(describeCase(opCase, index))) continue;
        const result = await device.variants.withVariant('conv', variant, () =>
          runCase(device, ops.get(name)!, references[name], index),
        );
        expect(result.message, `case ${index}`).toBeUndefined();
      }
    },
    60_000,
  );
});

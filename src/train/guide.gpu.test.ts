/** The code of docs/training.md. */
import { expect, it } from 'vitest';
import guide from '../../docs/training.md?raw';
import { testDevice } from '../../e2e/support/device';
import { runGuide } from '../../e2e/support/guide';

it('runs', async () => {
  const device = await testDevice();
  try {
    const { step } = await runGuide(guide, { device }, ['step']);
    expect(step.steps).toBe(20);
  } finally {
    device.destroy();
  }
});

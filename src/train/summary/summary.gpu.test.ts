// The memory of a summary is what compiling takes on the same device.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { makeDigits } from '../../data';
import type { Device } from '../../gpu/device';
import { fromSpec } from '../../spec';
import { Trainer } from '../trainer';
import { summary } from './summary';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

it('plans the memory that a trainer takes', async () => {
  const model = fromSpec({ type: 'lenet' });
  const batchSize = 16;
  const { memory } = summary(model, [1, 28, 28], { batchSize, device });
  const before = device.buffers.allocatedBytes;
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-3 } });
  const state = memory.parameters + memory.gradients + memory.optimizer;
  // Beside them a trainer holds the metrics of its last steps and evaluations, 2 KiB each.
  expect(device.buffers.allocatedBytes - before - state).toBeLessThanOrEqual(4096);
  const plan = await trainer.trainingPlan(makeDigits({ train: 16, test: 1 }).train, batchSize);
  const ratio = plan.statistics.intermediateBytes / memory.step!;
  expect(ratio).toBeGreaterThan(0.95);
  expect(ratio).toBeLessThan(1.05);
  await trainer.dispose();
});

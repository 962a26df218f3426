// Predictions while training runs: they see weights between two steps and leave no trace in the training.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { makeDigits } from '../data';
import type { Device } from '../gpu/device';
import { mlp } from '../spec';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const { train, test } = makeDigits({ train: 128, test: 12 });
const makeTrainer = () =>
  new Trainer(device, mlp({ hidden: [16] }), {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 1e-2 },
    seed: 3,
  });

it('predicts while fit runs, without changing what is learned', async () => {
  const alone = makeTrainer();
  await alone.fit(train, { epochs: 3, batchSize: 16 });

  const trainer = makeTrainer();
  const before = await trainer.predict(test);
  let running = true;
  const fit = trainer.fit(train, { epochs: 3, batchSize: 16 }).finally(() => (running = false));
  const seen: Float32Array[] = [];
  while (running) {
    // Two at a time, in batches of different size, so that calls overlap with each other too.
    const [whole, parts] = await Promise.all([
      trainer.predict(test),
      trainer.predict(test, { batchSize: 5 }),
    ]);
    expect(whole.shape).toEqual([12, 10]);
    expect(parts.shape).toEqual([12, 10]);
    seen.push(whole.data);
  }
  await fit;
  const after = await trainer.predict(test);
  expect(seen.length).toBeGreaterThan(0);
  expect(after.data).not.toEqual(before.data);
  expect(after.data).toEqual((await alone.predict(test)).data);
  expect(await trainer.stateDict()).toEqual(await alone.stateDict());
  await trainer.dispose();
  await alone.dispose();
});

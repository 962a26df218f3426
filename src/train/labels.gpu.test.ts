/** Class scores first or last: the same loss, whether the trainer is told or finds out. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const POSITIONS = 5;

/** Loss of a tagger with `classes` scores per position. */
async function lossOf(model: nn.Module, classes: number, classesLast?: boolean): Promise<number> {
  const data = ArrayDataset.fromArrays({
    x: Float32Array.from({ length: 3 * POSITIONS * 2 }, (_, i) => Math.sin(i)),
    xShape: [POSITIONS, 2],
    y: Int32Array.from({ length: 3 * POSITIONS }, (_, i) => (i * 7) % classes),
    yShape: [POSITIONS],
    classCount: classes,
  });
  const options = { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0 }, classesLast } as const;
  const trainer = new Trainer(device, model, options);
  const [loss] = await trainer.fitSteps(data, { steps: 1, batchSize: 3 });
  await trainer.dispose();
  return loss;
}

it.each([4, POSITIONS])('takes the scores of a linear layer last, with %i classes', async (classes) => {
  const model = new nn.Sequential(new nn.Linear(2, classes));
  const told = await lossOf(model, classes, true);
  expect(await lossOf(model, classes)).toBe(told);
});

it('takes the second dim where the shapes fit both ways and the model does not say', async () => {
  const model = new nn.Sequential(new nn.Linear(2, POSITIONS), new nn.Identity());
  const first = await lossOf(model, POSITIONS, false);
  expect(await lossOf(model, POSITIONS)).toBe(first);
  expect(await lossOf(model, POSITIONS, true)).not.toBe(first);
});

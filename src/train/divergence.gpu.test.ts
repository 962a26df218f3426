/** Training that goes to NaN ends with an error and good weights; batches of one and sums are what they say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { type FitOptions, Trainer, type TrainerOptions } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const x = Array.from({ length: 9 }, (_, i) => [i / 4, 1]);
const data = ArrayDataset.fromArrays({ x, y: Float32Array.from(x, ([a]) => 3 * a), name: 'nine' });
const options: TrainerOptions = { loss: 'mse', optimizer: { type: 'sgd', lr: 0.01 } };

/** Fits and gives the error, with the weights that are left on the host and on the device. */
async function diverge(trainer: Trainer, fit: FitOptions) {
  const error = await trainer.fit(data, fit).then(
    () => undefined,
    (caught) => caught,
  );
  const host = Object.values(trainer.model.stateDict()).map(({ data }) => [...data]);
  const onDevice = Object.values(await trainer.stateDict()).map(({ data }) => [...data]);
  expect(onDevice).toEqual(host);
  return { error, weights: host.flat() };
}

describe('a loss that is NaN', () => {
  it('ends fit, whose weights are those before the epoch', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 1), options);
    await trainer.fit(data, { batchSize: 3 });
    const before = Object.values(await trainer.stateDict()).flatMap(({ data }) => [...data]);
    await trainer.dispose();
    const wild = new Trainer(device, trainer.model, { ...options, optimizer: { type: 'sgd', lr: 1e12 } });
    const losses: number[] = [];
    const { error, weights } = await diverge(wild, {
      batchSize: 3,
      epochs: 9,
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(error).toMatchObject({
      code: 'diverged',
      op: 'Trainer.fit',
      argument: `the loss of step ${losses.length}`,
    });
    expect(error.message).toMatch(/Lower the learning rate.*onNaN: 'ignore' goes on/);
    expect(Number.isFinite(losses.at(-1))).toBe(false);
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(losses.length).toBeLessThan(27);
    if (losses.length <= 3) expect(weights).toEqual(before);
    await wild.dispose();
  });

  it('is found in the weights where no loss comes after the last update', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 1), {
      ...options,
      optimizer: { type: 'sgd', lr: 3e38 },
    });
    const { error, weights } = await diverge(trainer, { batchSize: 9 });
    expect(error).toMatchObject({
      code: 'diverged',
      argument: expect.stringMatching(/^a value of (weight|bias)$/),
    });
    expect(weights.every(Number.isFinite)).toBe(true);
    await trainer.dispose();
  });

  it('is ignored on demand, and an unknown answer refused', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 1), {
      ...options,
      optimizer: { type: 'sgd', lr: 1e30 },
    });
    const { error, weights } = await diverge(trainer, { epochs: 3, batchSize: 3, onNaN: 'ignore' });
    expect(error).toBeUndefined();
    expect(weights.some((value) => Number.isNaN(value))).toBe(true);
    await expect(trainer.fit(data, { onNaN: 'stopp' as 'stop' })).rejects.toThrow(
      /onNaN is "stopp".*Did you mean stop\?/,
    );
    await trainer.dispose();
  });

  it('of a batch without targets that count is none', async () => {
    const y = Int32Array.of(0, 1, -100, -100, 1, 0, 1, 0, 1);
    const labelled = ArrayDataset.fromArrays({ x, y, classCount: 2 });
    const trainer = new Trainer(device, new nn.Linear(2, 2), { ...options, loss: 'crossEntropy' });
    const { epochs } = await trainer.fit(labelled, { batchSize: 2, shuffle: false });
    expect(epochs[0].loss).toBeGreaterThan(0);
    await trainer.dispose();
  });
});

describe('a last batch of one', () => {
  const model = () => new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.Linear(3, 1));

  it('is named where batch norm has no statistics of it', async () => {
    const trainer = new Trainer(device, model(), options);
    await expect(trainer.fit(data, { batchSize: 4 })).rejects.toThrow(
      /Trainer\.fit: the last batch of nine is 1 sample \(9 in batches of 4\), of which batchNorm.*dropLast: true/,
    );
    await trainer.dispose();
  });

  it('is left out with dropLast', async () => {
    const trainer = new Trainer(device, model(), options);
    const steps: number[] = [];
    await trainer.fit(data, {
      batchSize: 4,
      dropLast: true,
      onStep: ({ step, stepsPerEpoch }) => steps.push(step, stepsPerEpoch),
    });
    expect(steps).toEqual([0, 2, 1, 2]);
    expect(await trainer.evaluate(data, { batchSize: 4 })).toMatchObject({ loss: expect.any(Number) });
    await trainer.dispose();
  });
});

it('a loss that is a sum adds up, whatever the batches', async () => {
  const sum = new Trainer(device, new nn.Linear(2, 1), {
    ...options,
    loss: { type: 'mse', reduction: 'sum' },
  });
  const mean = new Trainer(device, sum.model, options);
  const { loss } = await mean.evaluate(data);
  for (const batchSize of [1, 2, 4, 9, 256]) {
    expect((await sum.evaluate(data, { batchSize })).loss / data.length).toBeCloseTo(loss, 5);
    expect((await mean.evaluate(data, { batchSize })).loss).toBeCloseTo(loss, 5);
  }
  await Promise.all([sum.dispose(), mean.dispose()]);
});

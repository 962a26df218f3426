/** Averages of weights against torch.optim.swa_utils.AveragedModel, beside SGD on the gradients of e2e/goldens/averages.py. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../e2e/goldens/fixtures/optim/averages.json';
import { testDevice } from '../../e2e/support/device';
import { draw, LinearLoss } from '../../e2e/support/linear-loss';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { TrainStep } from '../train/train-step';
import { Trainer } from '../train/trainer';
import type { AverageOptions } from './average';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const SHAPES = { a: [5, 3], b: [70] };
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
const STEPS = 20;

const batchOf = (step: number) =>
  Object.fromEntries(
    NAMES.map((name, i) => [name, { shape: SHAPES[name], data: draw(SHAPES[name], 100 * step + i) }]),
  );

const kept = (data: ArrayLike<number>) => {
  const all = Array.from(data);
  return all.length <= 8 ? all : [...all.slice(0, 6), ...all.slice(-2)];
};

function expectClose(got: ArrayLike<number>, want: readonly number[], what: string): void {
  const largest = Math.max(...want.map(Math.abs));
  kept(got).forEach((value, i) => {
    const most = 1e-5 * Math.max(Math.abs(want[i]), largest / 20);
    expect(Math.abs(value - want[i]), `${what}[${i}] is ${value}, not ${want[i]}`).toBeLessThanOrEqual(most);
  });
}

/** Groups make the parameters lie apart, so that the kernel goes by a table of blocks. */
function makeStep(options: AverageOptions, groups = false) {
  const model = new LinearLoss(SHAPES);
  const optimizer = {
    type: 'sgd',
    lr: 0.1,
    momentum: 0.9,
    ...(groups && { groups: [{ params: ['b'] }] }),
  } as const;
  const step = new TrainStep(device, (inputs) => model.forward(inputs), {
    parameters: model,
    optimizer,
    ...options,
  });
  return { model, step };
}

describe('averages of weights', () => {
  it.each(fixture.cases.map((made) => [JSON.stringify(made.options), made] as const))(
    '%s',
    async (_, { options, parameters, averages }) => {
      for (const groups of [false, true]) {
        const { model, step } = makeStep(options, groups);
        for (let i = 0; i < STEPS; i++) {
          if (i % 2) await step.run(batchOf(i));
          else {
            await step.accumulate(batchOf(i));
            await step.apply();
          }
        }
        const plan = await step.plan(batchOf(0));
        expect(plan.kernelNames.filter((name) => name === 'average_step')).toHaveLength(1);
        const averaged = await step.averagedState();
        const batch = batchOf(3);
        const { loss } = await step.evaluate(batch, { averaged: true });
        let wanted = 0;
        for (const name of NAMES) {
          expectClose(averaged[name].data as Float32Array, averages[name], name);
          averaged[name].data.forEach((value, i) => {
            wanted += value * batch[name].data[i];
          });
        }
        expect(loss).toBeCloseTo(wanted, 4);
        await step.dispose();
        for (const name of NAMES) expectClose(model.values[name].data!, parameters[name], name);
      }
    },
  );

  it('go on from a state bit by bit, and are the weights themselves before the first', async () => {
    const options: AverageOptions = { ema: { decay: 0.9, warmup: true, start: 2, every: 2 } };
    const [whole, first, second] = [makeStep(options), makeStep(options), makeStep(options)];
    const run = async ({ step }: typeof whole, from: number, to: number) => {
      for (let i = from; i < to; i++) await step.run(batchOf(i));
    };
    await run(first, 0, 1);
    const { a } = await first.step.averagedState();
    expect(a.data).toEqual((await first.step.state()).variables.a.data);
    await run(whole, 0, 12);
    await run(first, 1, 7);
    await second.step.load(await first.step.state());
    await run(second, 7, 12);
    expect(await second.step.averagedState()).toEqual(await whole.step.averagedState());
    for (const { step } of [whole, first, second]) await step.dispose();
  });

  it('of a trainer are validated, evaluated, predicted with, given away and kept in checkpoints', async () => {
    const data = ArrayDataset.fromArrays({
      x: Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(i)]),
      y: Array.from({ length: 12 }, (_, i) => [Math.sin(2 * i)]),
    });
    const make = () => {
      const model = new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 1));
      return new Trainer(device, model, {
        loss: 'mse',
        optimizer: { type: 'adam', lr: 0.05 },
        ema: { decay: 0.8 },
        seed: 4,
      });
    };
    const trainer = make();
    const options = { epochs: 2, batchSize: 4, validation: data, averaged: true, onEpoch: () => {} };
    let file: Uint8Array | undefined;
    const onEpoch = async () => {
      file ??= await trainer.checkpoint();
    };
    const { epochs } = await trainer.fit(data, { ...options, onEpoch });
    const averaged = await trainer.evaluate(data, { averaged: true, batchSize: 4 });
    const plain = await trainer.evaluate(data, { batchSize: 4 });
    expect(epochs[1].validationLoss).toBe(averaged.loss);
    expect(averaged.loss).not.toBe(plain.loss);
    const state = await trainer.stateDict({ averaged: true });
    const own = await trainer.stateDict();
    expect(state['0.weight'].data).not.toEqual(own['0.weight'].data);
    expect(state['1.running_mean'].data).toEqual(own['1.running_mean'].data);
    const x = [[0.5, -1]];
    const predicted = await trainer.predict(x, { averaged: true });
    const other = make();
    await other.fit(data, { ...options, resume: file! });
    expect(await other.stateDict({ averaged: true })).toEqual(state);
    expect(await other.stateDict()).toEqual(own);
    // A model with the averages as its weights predicts the same.
    const copy = make();
    copy.loadStateDict(state);
    expect((await copy.predict(x)).data[0]).toBeCloseTo(predicted.data[0], 6);
    await expect(copy.evaluate(data, { averaged: true })).resolves.toMatchObject({
      loss: expect.closeTo(averaged.loss, 6),
    });
    for (const used of [trainer, other, copy]) await used.dispose();
  });

  it.each([
    [{ ema: 1.5 }, /ema: decay is 1.5/],
    [{ ema: { decay: 0.9, warmUp: true } }, /warmUp.*Did you mean warmup/],
    [{ swa: { every: 0 } }, /swa: every is 0/],
    [{ ema: 0.9, swa: {} }, /swa.*one average of the weights/],
  ])('refuses %j', (options, message) => {
    expect(() => makeStep(options as AverageOptions)).toThrow(message);
  });

  it('have to be kept to be asked for', async () => {
    const { step } = makeStep({});
    await step.run(batchOf(0));
    await expect(step.averagedState()).rejects.toThrow(/averaged.*ema: { decay/);
    await expect(step.evaluate(batchOf(0), { averaged: true })).rejects.toThrow(
      /weights that nobody averages/,
    );
    await step.dispose();
  });
});

/** Lost GPUs: training goes on with another one, to the same bits, and tells nothing twice. */
import { describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data';
import { GradloomError } from '../../errors';
import { jit, tensor } from '../../functions';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import * as nn from '../../nn';
import * as ops from '../../ops';
import { Random } from '../../random';
import { Predictor } from '../predictor';
import { TrainStep } from '../train-step';
import { Trainer } from '../trainer';
import type { FitOptions } from '../types';
import { decodeCheckpoint } from './format';
import { LostRunError } from './lost-run-error';

const random = new Random(11);
const samples = (length: number) =>
  ArrayDataset.fromArrays({
    x: Float32Array.from({ length: 4 * length }, () => random.normal()),
    xShape: [4],
    y: Int32Array.from({ length }, () => random.integer(3)),
  });
const [data, validation] = [samples(38), samples(12)];

const makeModel = () =>
  new nn.Sequential(
    new nn.Linear(4, 6),
    new nn.BatchNorm1d(6),
    new nn.Dropout(0.25),
    new nn.Linear(6, 3),
  ).initialize(5);

const makeTrainer = (device: Device) =>
  new Trainer(device, makeModel(), {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 1e-2 },
    clip: { maxNorm: 0.5 },
    seed: 3,
  });

/** A fit whose GPU is lost at steps, and all that is heard of it. */
async function run(device: Device, losses: readonly number[], options: FitOptions = {}) {
  const trainer = makeTrainer(device);
  const told: unknown[] = [];
  const waiting = [...losses];
  const recovered: unknown[] = [];
  const { epochs } = await trainer.fit(data, {
    epochs: 3,
    batchSize: 4,
    validation,
    recover: { every: 4 },
    ...options,
    onStep: (info) => {
      told.push(info);
      if (info.step !== waiting[0]) return;
      waiting.shift();
      device.gpu.destroy();
    },
    onEpoch: ({ seconds: _, ...info }) => void told.push(info),
    onRecover: (info) => void recovered.push(info),
  });
  const after = [await trainer.stateDict(), (await trainer.predict(validation)).data, trainer.steps];
  return { trainer, told, recovered, after, epochs: epochs.map(({ seconds: _, ...info }) => info) };
}

describe('a fit whose GPU is lost', () => {
  it('goes on to the same bits', async () => {
    const device = await testDevice();
    const whole = await run(device, []);
    expect(whole.recovered).toEqual([]);
    for (const losses of [[0], [5, 17], [9, 10, 29]]) {
      const found = await run(device, losses);
      expect(found.recovered.length, `${losses}`).toBeGreaterThan(0);
      expect(found.told).toEqual(whole.told);
      expect(found.epochs).toEqual(whole.epochs);
      expect(found.after).toEqual(whole.after);
      await found.trainer.dispose();
    }
    device.destroy();
  });

  it('goes on at rest: predictions, values, steps and checkpoints', async () => {
    const device = await testDevice();
    const { trainer, after } = await run(device, []);
    device.gpu.destroy();
    expect((await trainer.predict(validation)).data).toEqual(after[1]);
    device.gpu.destroy();
    const measured = await trainer.evaluate(validation);
    device.gpu.destroy();
    expect(await trainer.stateDict()).toEqual(after[0]);
    const other = makeTrainer(device);
    device.gpu.destroy();
    await other.restore(await trainer.checkpoint());
    device.gpu.destroy();
    expect(await other.evaluate(validation)).toEqual(measured);
    const [losses, same] = [trainer, other].map((one) => one.fitSteps(data, { steps: 3, batchSize: 5 }));
    expect(await losses).toEqual(await same);
    const predictor = new Predictor(device, trainer.model);
    device.gpu.destroy();
    expect((await predictor.predict(validation)).data).toEqual((await trainer.predict(validation)).data);
    device.destroy();
  });

  it('keeps what the user assigned after the last snapshot', async () => {
    const device = await testDevice();
    const { trainer } = await run(device, []);
    const bias = trainer.model.parameters().at(-1)!;
    bias.data = Float32Array.of(1, 2, 3);
    device.gpu.destroy();
    expect((await trainer.stateDict())['3.bias'].data).toEqual(Float32Array.of(1, 2, 3));
    device.destroy();
  });

  it('ends with a checkpoint in the error when there is no GPU any more', async () => {
    const device = await testDevice();
    const { told, after } = await run(device, []);
    const trainer = makeTrainer(device);
    const options = { epochs: 3, batchSize: 4, validation, recover: { every: 4 } };
    const error = await trainer
      .fit(data, {
        ...options,
        onStep({ step }) {
          if (step !== 21) return;
          (device as any).reopen = () => Promise.reject(new Error('no adapter'));
          device.gpu.destroy();
        },
      })
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(LostRunError);
    expect(error).toMatchObject({ code: 'device-lost' });
    expect(error.message).toMatch(/no GPU after 7 tries \(no adapter\)/);
    const { step } = decodeCheckpoint(error.checkpoint);
    expect(step.updates).toBeGreaterThanOrEqual(0);
    const another = makeTrainer(await testDevice());
    let heard = 0;
    await another.fit(data, { ...options, resume: error.checkpoint, onStep: () => void heard++ });
    expect(await another.stateDict()).toEqual(after[0]);
    expect(heard).toBeLessThanOrEqual(told.length - step.updates);
    another.device.destroy();
  }, 60_000);

  it('rejects without recovery, after destroy, and when each GPU is lost at once', async () => {
    const device = await testDevice();
    const lose = () => device.gpu.destroy();
    await expect(makeTrainer(device).fit(data, { recover: false, onStep: lose })).rejects.toMatchObject({
      code: 'device-lost',
    });
    await device.recover();
    const hopeless = makeTrainer(device).fit(data, {
      batchSize: 4,
      recover: { every: 100 },
      onStep: lose,
      onRecover: lose,
    });
    await expect(hopeless).rejects.toBeInstanceOf(LostRunError);
    await device.recover();
    const destroyed = makeTrainer(device).fit(data, { batchSize: 4, onStep: () => device.destroy() });
    await expect(destroyed).rejects.toMatchObject({ code: 'aborted' });
    await expect(device.recover()).rejects.toThrow(/destroyed/);
  });
});

it('tells of state and tensors that were lost with the GPU, and works with new ones', async () => {
  const device = await testDevice();
  const model = new nn.Linear(2, 1).initialize(1);
  const step = new TrainStep(device, ({ x }: Record<string, Tensor>) => ops.sum(model.forward(x)), {
    parameters: model,
    optimizer: { type: 'adam', lr: 0.1 },
  });
  await step.run({ x: [[1, 2]] });
  const state = await step.state();
  const x = tensor(device, [1, 2]);
  const double = jit(device, (v: Tensor) => ops.mul(v, 2));
  expect(await double(x).array()).toEqual([2, 4]);
  device.gpu.destroy();
  await device.lost;
  await device.recover();
  await expect(step.run({ x: [[1, 2]] })).rejects.toThrow(/state after 1 updates.*lost/);
  await expect(step.state()).rejects.toBeInstanceOf(GradloomError);
  await step.load(state);
  await step.run({ x: [[1, 2]] });
  expect((await step.state()).updates).toBe(2);
  await expect(x.data()).rejects.toThrow(/on a GPU that was lost/);
  expect(() => double(x)).toThrow(/on a GPU that was lost/);
  expect(await double(tensor(device, [3, 4])).array()).toEqual([6, 8]);
  expect(await ops.neg(tensor(device, [3, 4])).array()).toEqual([-3, -4]);
  device.destroy();
});

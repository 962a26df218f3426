/** Checkpoints of a trainer: a run that goes on from one has every bit of an uninterrupted run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data';
import type { Device } from '../../gpu/device';
import { readSafetensors } from '../../io/safetensors';
import * as nn from '../../nn';
import { Random } from '../../random';
import { Trainer } from '../trainer';
import type { FitOptions, TrainerOptions } from '../types';
import { memoryStore } from './stores';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const random = new Random(11);
const samples = (length: number) =>
  ArrayDataset.fromArrays({
    x: Float32Array.from({ length: 4 * length }, () => random.normal()),
    xShape: [4],
    y: Int32Array.from({ length }, () => random.integer(3)),
  });
const [data, validation] = [samples(38), samples(12)];

/** Dropout, batch statistics and float16 where the adapter has it. */
const makeModel = (seed = 5) =>
  new nn.Sequential(
    new nn.Linear(4, 6),
    new nn.BatchNorm1d(6),
    new nn.ReLU(),
    new nn.Dropout(0.25),
    new nn.Linear(6, 3),
  ).initialize(seed);

const OPTIONS: TrainerOptions = {
  loss: 'crossEntropy',
  optimizer: { type: 'adamW', lr: 1e-2, groups: [{ params: ['*bias'], weightDecay: 0 }] },
  schedule: { type: 'warmupCosine', warmupSteps: 4, totalSteps: 60 },
  clip: { maxNorm: 0.5 },
  seed: 3,
};
const makeTrainer = (options: Partial<TrainerOptions> = {}, modelSeed?: number) =>
  new Trainer(device, makeModel(modelSeed), { ...OPTIONS, ...options });

const FIT: FitOptions = { epochs: 4, batchSize: 8, validation };

/** What callbacks hear of a `fit`, and what it leaves behind. */
async function record(trainer: Trainer, options: FitOptions = {}) {
  const steps: unknown[] = [];
  const { epochs } = await trainer.fit(data, {
    ...FIT,
    ...options,
    onStep: (info) => {
      steps.push(info);
      return options.onStep?.(info);
    },
  });
  const withoutTimes = epochs.map(({ seconds: _, ...info }) => info);
  return { steps, epochs: withoutTimes, state: await trainer.stateDict() };
}

describe('a fit that goes on from a checkpoint', () => {
  it('has every bit and tells the same, from any step on', async () => {
    const whole = makeTrainer();
    const expected = await record(whole);
    const store = memoryStore();
    const first = makeTrainer();
    await first.fit(data, { ...FIT, checkpoint: { store, every: 3, keepLast: 100 } });
    const names = (await store.list()).sort();
    expect(names.map((name) => Number(name.match(/\d+/)![0]))).toEqual([3, 6, 9, 12, 15, 18, 20]);
    for (const name of names) {
      const second = makeTrainer({}, 77);
      const found = await record(second, { resume: await store.read(name) });
      expect(found.epochs, name).toEqual(expected.epochs);
      expect(found.state, name).toEqual(expected.state);
      expect(found.steps, name).toEqual(expected.steps.slice(expected.steps.length - found.steps.length));
      expect(second.steps).toBe(20);
      await second.dispose();
    }
    await Promise.all([whole.dispose(), first.dispose()]);
  });

  it('may be taken in callbacks, after an abort, and from a store, which may be empty', async () => {
    const expected = await record(makeTrainer());
    let file: Uint8Array | undefined;
    const first = makeTrainer();
    const abort = new AbortController();
    await record(first, {
      signal: abort.signal,
      onStep: async ({ step }) => {
        if (step === 6) file = await first.checkpoint();
        if (step === 12) abort.abort();
      },
    });
    for (const resume of [file!, await first.checkpoint()]) {
      // The seed is that of the checkpoint.
      const trainer = makeTrainer({ seed: 99 }, 8);
      expect((await record(trainer, { resume })).state).toEqual(expected.state);
    }
    const store = memoryStore();
    const trainer = makeTrainer();
    await record(trainer, { epochs: 1, resume: store, checkpoint: { store } });
    const found = await record(makeTrainer({}, 9), { resume: store, checkpoint: { store } });
    expect(found.state).toEqual(expected.state);
    expect(found.epochs).toEqual(expected.epochs);
  });

  it('keeps no state that went to NaN, unless NaN is ignored', async () => {
    const wild = { optimizer: { type: 'sgd', lr: 1e30 }, clip: undefined, schedule: undefined } as const;
    for (const onNaN of ['stop', 'ignore'] as const) {
      const store = memoryStore();
      const fit = makeTrainer(wild).fit(data, {
        ...FIT,
        onNaN,
        checkpoint: { store, every: 1, keepLast: 99 },
      });
      await fit.catch(() => {});
      const files = await Promise.all((await store.list()).map((name) => store.read(name)));
      const weights = files.map((file) => readSafetensors(file).tensors['0.weight'].data);
      const areFinite = weights.every((values) => values.every(Number.isFinite));
      expect(areFinite, onNaN).toBe(onNaN === 'stop');
    }
  });

  it('goes on in fitSteps with the next batch', async () => {
    const whole = makeTrainer();
    const losses = await whole.fitSteps(data, { steps: 50, batchSize: 8 });
    const first = makeTrainer();
    await first.fitSteps(data, { steps: 30, batchSize: 8 });
    const second = makeTrainer({}, 1);
    await second.restore(await first.checkpoint());
    expect(await second.fitSteps(data, { steps: 20, batchSize: 8 })).toEqual(losses.slice(30));
    expect(await second.stateDict()).toEqual(await whole.stateDict());
    await expect(makeTrainer().fitSteps(data, { steps: 0 })).rejects.toThrow();
  });
});

describe('a checkpoint file', () => {
  it('is safetensors with the weights by PyTorch’s names and the optimizer’s state beside them', async () => {
    const trainer = makeTrainer();
    await trainer.fitSteps(data, { steps: 2, batchSize: 8 });
    const { tensors, metadata } = readSafetensors(await trainer.checkpoint({ model: [{ type: 'relu' }] }));
    const weights = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('@')));
    expect(weights).toEqual(await trainer.stateDict());
    expect(tensors['@optimizer/loss/0.weight/exp_avg'].shape).toEqual([6, 4]);
    expect(JSON.parse(metadata.model)).toEqual([{ type: 'relu' }]);
    expect(JSON.parse(metadata.gradloom)).toMatchObject({ format: 1, updates: 2, runs: 2, seed: 3 });
  });

  it('of another model, optimizer, data or setting is refused, and changes nothing', async () => {
    const first = makeTrainer();
    await first.fit(data, { ...FIT, epochs: 1 });
    const file = await first.checkpoint();
    const refusal = async (
      trainer: Trainer,
      message: RegExp,
      options: Partial<FitOptions> = {},
      on = data,
    ) => {
      const before = [await trainer.stateDict(), trainer.steps];
      await expect(trainer.fit(on, { ...FIT, ...options, resume: file })).rejects.toThrow(message);
      expect([await trainer.stateDict(), trainer.steps]).toEqual(before);
    };
    const other = new nn.Sequential(new nn.Linear(4, 5), new nn.ReLU(), new nn.Linear(5, 3));
    await refusal(new Trainer(device, other, OPTIONS), /0\.bias is \[6\] with 6 values; expected \[5\]/);
    await refusal(
      makeTrainer({ optimizer: { type: 'sgd', lr: 0.1 } }),
      /optimizer is that of adamW; expected sgd/,
    );
    await refusal(makeTrainer({ optimizer: { type: 'adamW', lr: 0.1 } }), /optimizer is/);
    await refusal(makeTrainer(), /batchSize is 7; expected 8/, { batchSize: 7 });
    await refusal(makeTrainer(), /data is other values than those of the checkpoint/, {}, samples(38));
  });
});

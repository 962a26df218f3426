/** Callbacks of `fit`: order, early stopping with the best weights, logs, changes while training runs, checkpoints. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { eventsIn } from '../../../e2e/support/event-file';
import { ArrayDataset } from '../../data/dataset';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import { Variable } from '../../graph/ir/variable';
import { readSafetensors } from '../../io';
import * as nn from '../../nn';
import * as ops from '../../ops';
import { Trainer } from '../trainer';
import type { Callback, FitOptions } from '../types';
import {
  csvLog,
  earlyStopping,
  historyCsv,
  historyJsonl,
  jsonLog,
  learningRateLog,
  modelCheckpoint,
  progress,
  reduceOnPlateau,
  tensorBoard,
} from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** The loss (w - 3)^2: with a rate of 1 each step turns w about 3 and back, with 1.1 further away. */
class Parabola extends nn.Module {
  readonly w = new Variable([1], (data) => data.fill(0));
  override forward(x: Tensor): Tensor {
    return ops.mean(ops.square(ops.sub(x.graph.tensor(this.w), 3)));
  }
}

const data = ArrayDataset.fromArrays({
  x: new Float32Array(4),
  xShape: [1],
  y: new Float32Array(4),
  yShape: [1],
});
const makeTrainer = (lr = 0.1) => {
  const model = new Parabola();
  return { model, trainer: new Trainer(device, model, { loss: (y) => y, optimizer: { type: 'sgd', lr } }) };
};
const FIT: FitOptions = { epochs: 6, batchSize: 2 };

it('tells callbacks in order, whose list may change, and lets them stop', async () => {
  const { trainer } = makeTrainer();
  const told: string[] = [];
  const late: Callback = { onEpochEnd: ({ epoch }) => told.push(`late ${epoch}`) };
  const callbacks: Callback[] = [
    {
      onTrainBegin: ({ epochs, stepsPerEpoch }) => told.push(`begin ${epochs} ${stepsPerEpoch}`),
      onStep: ({ step }) => told.push(`step ${step}`),
      async onEpochEnd({ epoch }, { stop }) {
        await Promise.resolve();
        told.push(`epoch ${epoch}`);
        if (epoch === 0) callbacks.push(late);
        if (epoch === 2) stop('enough');
      },
      onTrainEnd: ({ epochs, stopped }) => told.push(`end ${epochs.length} ${stopped}`),
    },
  ];
  const onEpoch = () => void told.push('option');
  const history = await trainer.fit(data, { ...FIT, onEpoch, callbacks });
  expect(history).toMatchObject({ aborted: false, stopped: 'enough' });
  expect(history.epochs).toHaveLength(3);
  expect(told).toEqual([
    'begin 6 2',
    ...['step 0', 'step 1', 'option', 'epoch 0'],
    ...['step 2', 'step 3', 'option', 'epoch 1', 'late 1'],
    ...['step 4', 'step 5', 'option', 'epoch 2', 'late 2'],
    'end 3 enough',
  ]);
  await trainer.dispose();
});

it('stops early and puts the best weights back, also from a checkpoint', async () => {
  // The loss grows from epoch to epoch.
  const { model, trainer } = makeTrainer(1.1);
  const best: number[] = [];
  const watch = (of: Trainer): Callback => ({
    onEpochEnd: async () => void best.push((await of.stateDict()).w.data[0]),
  });
  const history = await trainer.fit(data, {
    ...FIT,
    callbacks: [watch(trainer), earlyStopping({ monitor: 'loss', patience: 2 })],
  });
  expect(history.epochs).toHaveLength(3);
  expect(history.stopped).toMatch(/loss got no better for 2 epochs/);
  expect(model.w.data![0]).toBe(best[0]);
  await trainer.dispose();

  const first = makeTrainer(1.1);
  let file: Uint8Array | undefined;
  const save: Callback = {
    onEpochEnd: async ({ epoch }) => {
      if (epoch === 1) file = await first.trainer.checkpoint();
    },
  };
  await first.trainer.fit(data, { ...FIT, epochs: 2, callbacks: [earlyStopping({ patience: 2 }), save] });
  await first.trainer.dispose();
  const second = makeTrainer(1.1);
  const rest = await second.trainer.fit(data, {
    ...FIT,
    resume: file,
    callbacks: [earlyStopping({ patience: 2 })],
  });
  expect(rest.epochs).toHaveLength(3);
  expect(second.model.w.data![0]).toBe(best[0]);
  await second.trainer.dispose();
});

it('writes logs, and lowers the rate on a plateau', async () => {
  const { trainer } = makeTrainer(1);
  const [csv, lines, shown] = [[], [], []] as string[][];
  await trainer.fit(data, {
    ...FIT,
    epochs: 3,
    callbacks: [
      reduceOnPlateau({ patience: 0, factor: 0.5 }),
      csvLog({ write: (text) => csv.push(text) }),
      jsonLog({ write: (text) => lines.push(text) }),
      progress({ write: (text) => shown.push(text) }),
    ],
  });
  const rates = lines.map((line) => JSON.parse(line).learningRate);
  expect(rates[0]).toBe(1);
  expect(rates[1]).toBe(0.5);
  expect(csv[0]).toBe('epoch,loss,seconds,learningRate\n');
  expect(csv).toHaveLength(4);
  expect(csv[2].split(',')).toHaveLength(4);
  expect(shown[2]).toMatch(/^epoch 3\/3 {2}loss [\d.e-]+ {2}learningRate [\d.]+ {2}[\d.]+ s\n$/);
  await trainer.dispose();
});

it('pauses before any step, goes on to the same bits, and changes while it runs', async () => {
  const plain = makeTrainer();
  await plain.trainer.fit(data, { ...FIT, epochs: 3 });
  const { trainer, model } = makeTrainer();
  let [paused, resumed] = [0, 0];
  const history = await trainer.fit(data, {
    ...FIT,
    epochs: 3,
    callbacks: [
      {
        onStepBegin({ step }, control) {
          if (step % 2 === 1) return;
          control.pause();
          paused++;
          setTimeout(async () => {
            expect(trainer.steps).toBe(step + 1);
            expect((await trainer.evaluate(data)).loss).toBeGreaterThanOrEqual(0);
            expect(trainer.steps).toBe(step + 1);
            trainer.resume();
            resumed++;
          }, 5);
        },
      },
    ],
  });
  expect(paused).toBe(3);
  expect(resumed).toBe(3);
  expect(history).toMatchObject({ aborted: false });
  expect(model.w.data).toEqual(plain.model.w.data);
  for (const used of [plain.trainer, trainer]) await used.dispose();
});

it('takes another batch size, rate and callbacks from the next step on, also from a checkpoint', async () => {
  const many = ArrayDataset.fromArrays({
    x: new Float32Array(24),
    xShape: [1],
    y: new Float32Array(24),
    yShape: [1],
  });
  const { trainer } = makeTrainer();
  const rates = learningRateLog();
  const told: string[] = [];
  const second: Callback = { onEpochEnd: ({ epoch }) => told.push(`second ${epoch}`) };
  let file: Uint8Array | undefined;
  const history = await trainer.fit(many, {
    epochs: 3,
    batchSize: 2,
    callbacks: [
      rates,
      {
        onEpochBegin: ({ epoch }) => told.push(`begin ${epoch}`),
        async onEpochEnd({ epoch }, { update }) {
          told.push(`first ${epoch}`);
          if (epoch === 0) update({ learningRate: 0.01, batchSize: 8 });
          if (epoch === 1) {
            file = await trainer.checkpoint();
            update({ callbacks: [rates, second] });
          }
        },
      },
    ],
  });
  expect(told).toEqual(['begin 0', 'first 0', 'begin 1', 'first 1', 'second 2']);
  // Twelve steps of two samples, then three of eight.
  expect(trainer.steps).toBe(12 + 3 + 3);
  expect(rates.rates.slice(10, 14)).toEqual([0.1, 0.1, 0.01, 0.01]);
  expect(history.epochs).toHaveLength(3);
  const other = makeTrainer();
  other.trainer.learningRate = 0.01;
  await other.trainer.fit(many, { epochs: 3, batchSize: 8, resume: file });
  expect(await other.trainer.stateDict()).toEqual(await trainer.stateDict());
  // In the midst of an epoch: the samples that are left are divided anew.
  const steps: number[] = [];
  await other.trainer.fit(many, {
    batchSize: 4,
    callbacks: [
      {
        onStepBegin({ step }, { update }) {
          if (step === 1) update({ batchSize: 10 });
        },
        onStep: ({ step }) => steps.push(step),
      },
    ],
  });
  // Two of four, one of ten, and the six that are left.
  expect(steps).toEqual([0, 1, 2, 3]);
  const { stopped, epochs } = await other.trainer.fit(many, {
    epochs: 9,
    callbacks: [{ onStepBegin: ({ step }, { stop }) => void (step === 4 && stop('enough')) }],
  });
  expect(stopped).toBe('enough');
  expect(epochs).toHaveLength(5);
  for (const used of [other.trainer, trainer]) await used.dispose();
});

it('logs for TensorBoard, keeps models, and gives the history as text', async () => {
  const { trainer } = makeTrainer(0.2);
  const files = new Map<string, number[]>();
  const write = async (name: string, bytes: Uint8Array) => {
    files.set(name, [...(files.get(name) ?? []), ...bytes]);
  };
  const models = new Map<string, Uint8Array>();
  const history = await trainer.fit(data, {
    ...FIT,
    epochs: 4,
    validation: data,
    metrics: [
      function level(output) {
        return ops.mean(output);
      },
    ],
    callbacks: [
      tensorBoard({ write, every: 2 }),
      modelCheckpoint({ write: (name, bytes) => models.set(name, bytes), saveFreq: 2 }),
      modelCheckpoint({
        write: (name, bytes) => models.set(name, bytes),
        filepath: 'best',
        saveBestOnly: true,
        saveWeightsOnly: false,
      }),
    ],
  });
  const [[name, bytes]] = [...files];
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\.gradloom$/);
  const events = eventsIn(Uint8Array.from(bytes));
  expect(events[0].version).toBe('brain.Event:2');
  const epochs = events.filter(({ scalars }) => 'epoch/loss' in scalars);
  expect(epochs.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  expect(Object.keys(epochs[0].scalars).sort()).toEqual(
    ['epoch/learningRate', 'epoch/loss', 'validation/level', 'validation/loss'].sort(),
  );
  const steps = events.filter(({ scalars }) => 'batch/loss' in scalars);
  expect(steps.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
  expect(steps[0].scalars['batch/learningRate']).toBeCloseTo(0.2, 6);
  expect([...models.keys()].sort()).toEqual(['best', 'epoch-002.safetensors', 'epoch-004.safetensors']);
  expect(readSafetensors(models.get('epoch-004.safetensors')!).tensors.w.data).toEqual(
    (await trainer.stateDict()).w.data,
  );
  const csv = historyCsv(history).trimEnd().split('\n');
  expect(csv[0]).toBe(
    'epoch,loss,validationLoss,seconds,level'.replace('validationLoss,seconds', 'seconds,validationLoss'),
  );
  expect(csv).toHaveLength(5);
  expect(JSON.parse(historyJsonl(history).split('\n')[3]).epoch).toBe(3);
  await trainer.dispose();
});

it('refuses what is no callback, and metrics that there are not, by name', async () => {
  const { trainer } = makeTrainer();
  const train = (callbacks: unknown) => trainer.fit(data, { ...FIT, callbacks: callbacks as Callback[] });
  await expect(train({})).rejects.toThrow(/callbacks is/);
  await expect(train([null])).rejects.toThrow(/callbacks\[0\] is null/);
  await expect(train([{ onStep: 1 }])).rejects.toThrow(/callbacks\[0\].onStep is 1/);
  await expect(train([{ onBatchEnd: () => {} }])).rejects.toThrow(/onBatchEnd.*Did you mean onStep/s);
  expect(() => trainer.pause()).toThrow(/Trainer.pause: called while no fit runs/);
  expect(() => trainer.update({ batchSize: 2 })).toThrow(/no fit runs/);
  expect(() => tensorBoard({} as never)).toThrow(/tensorBoard: write/);
  expect(() => modelCheckpoint({ write: () => {}, saveFrequency: 1 } as never)).toThrow(
    /Did you mean saveFreq/,
  );
  expect(trainer.steps).toBe(0);
  await expect(train([earlyStopping({ monitor: 'auc' })])).rejects.toThrow(/monitor is "auc".*epoch, loss/);
  expect(() => earlyStopping({ patience: -1 })).toThrow(/earlyStopping: patience is -1/);
  await trainer.dispose();
});

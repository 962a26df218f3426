/** Callbacks of `fit`: order, early stopping with the best weights, logs, changes while training runs, checkpoints. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data/dataset';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import { Variable } from '../../graph/ir/variable';
import * as nn from '../../nn';
import * as ops from '../../ops';
import { Trainer } from '../trainer';
import type { Callback, FitOptions } from '../types';
import { csvLog, earlyStopping, jsonLog, progress, reduceOnPlateau } from '.';

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

it('refuses what is no callback, and metrics that there are not, by name', async () => {
  const { trainer } = makeTrainer();
  const train = (callbacks: unknown) => trainer.fit(data, { ...FIT, callbacks: callbacks as Callback[] });
  await expect(train({})).rejects.toThrow(/callbacks is/);
  await expect(train([null])).rejects.toThrow(/callbacks\[0\] is null/);
  await expect(train([{ onStep: 1 }])).rejects.toThrow(/callbacks\[0\].onStep is 1/);
  expect(trainer.steps).toBe(0);
  await expect(train([earlyStopping({ monitor: 'auc' })])).rejects.toThrow(/monitor is "auc".*epoch, loss/);
  expect(() => earlyStopping({ patience: -1 })).toThrow(/earlyStopping: patience is -1/);
  await trainer.dispose();
});

/** Schedules at work in steps and trainers: rates and momentum of every group, against the optimizer's formula. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../e2e/goldens/fixtures/optim/schedules.json';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { Variable } from '../graph/ir/variable';
import * as nn from '../nn';
import * as ops from '../ops';
import { createSchedule, type OptimizerSpec, type ScheduleSpec } from '../optim';
import { findLearningRate } from './learning-rate-finder';
import type { StepSchedule } from './rates';
import { TrainStep } from './train-step';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** A loss of gradient 1 for each of two parameters. */
class Two extends nn.Module {
  readonly a = new Variable([1], (data) => data.fill(0));
  readonly b = new Variable([1], (data) => data.fill(0));
  override forward(x: Tensor): Tensor {
    return ops.add(ops.sum(ops.mul(x, x.graph.tensor(this.a))), ops.sum(x.graph.tensor(this.b)));
  }
}

const optimizer: OptimizerSpec = {
  type: 'sgd',
  lr: fixture.baseRate,
  momentum: 0.7,
  groups: [{ params: ['b'], lr: fixture.baseRate / 3 }],
};
const data = ArrayDataset.fromArrays({
  x: new Float32Array(4).fill(1),
  xShape: [1],
  y: new Float32Array(4),
  yShape: [1],
});
const makeTrainer = (model: Two, schedule: StepSchedule, more: OptimizerSpec = optimizer) =>
  new Trainer(device, model, { loss: (output) => output, optimizer: more, schedule });

/** Where SGD with momentum gets with gradient 1. */
function walk(rates: number[], momentums: number[]): number {
  let [p, buffer] = [0, 0];
  rates.forEach((rate, i) => {
    buffer = i === 0 ? 1 : momentums[i] * buffer + 1;
    p -= rate * buffer;
  });
  return p;
}

describe('a schedule', () => {
  const kinds = ['oneCycleLR', 'cyclicLR', 'cosineAnnealingLR', 'sequentialLR'];
  const cases = kinds.map((type) => fixture.schedules.find(({ spec }) => spec.type === type)!);
  it.each(cases.map((made) => [made.spec.type, made] as const))(
    '%s gives each group its rate and momentum',
    async (_, { spec, rates, second, momentums }) => {
      const mu = momentums.length > 0 ? momentums : rates.map(() => 0.7);
      const wanted = [walk(rates, mu), walk(second, mu)];
      const model = new Two();
      const trainer = makeTrainer(model, spec as ScheduleSpec);
      await trainer.fitSteps(data, { steps: 60, batchSize: 1 });
      await trainer.dispose();
      const other = new Two();
      const step = new TrainStep(device, ({ x }) => other.forward(x), {
        parameters: other,
        optimizer,
        schedule: createSchedule(spec as ScheduleSpec),
      });
      for (let i = 0; i < 60; i++) {
        expect(step.learningRate).toBeCloseTo(rates[i], 10);
        await step.run({ x: [1] });
      }
      await step.dispose();
      for (const { a, b } of [model, other]) {
        expect(a.data![0] / wanted[0]).toBeCloseTo(1, 5);
        expect(b.data![0] / wanted[1]).toBeCloseTo(1, 5);
      }
    },
  );

  it('may be a function, and one for each optimizer; a rate that is given comes first', async () => {
    const model = new Two();
    const step = new TrainStep(device, ({ x }) => ({ one: model.forward(x), two: model.forward(x) }), {
      optimizers: {
        one: { parameters: model.a, optimizer: { type: 'sgd', lr: 1 }, schedule: (i, lr) => lr / (1 + i) },
        two: {
          parameters: model.b,
          optimizer: { type: 'sgd', lr: 1 },
          schedule: { type: 'stepLR', stepSize: 1 },
        },
      },
    });
    for (let i = 0; i < 3; i++) await step.run({ x: [1] }, i === 1 ? { lr: { one: 4, two: 4 } } : {});
    await step.dispose();
    expect(model.a.data![0]).toBeCloseTo(-(1 + 4 + 1 / 3), 6);
    expect(model.b.data![0]).toBeCloseTo(-(1 + 4 + 0.01), 6);
  });

  it('drives the momentum of SGD that has none, and the first beta of Adam', async () => {
    const schedule: ScheduleSpec = { type: 'oneCycleLR', maxLr: 0.4, totalSteps: 60 };
    const { rates, momentums } = fixture.schedules.find(({ spec }) => spec.type === 'oneCycleLR')!;
    const model = new Two();
    const trainer = makeTrainer(model, schedule, { type: 'sgd', lr: 1 });
    await trainer.fitSteps(data, { steps: 30, batchSize: 1 });
    await trainer.dispose();
    expect(model.a.data![0] / walk(rates.slice(0, 30), momentums)).toBeCloseTo(1, 5);
    const adam = new Two();
    const other = makeTrainer(adam, schedule, { type: 'adam' });
    await other.fitSteps(data, { steps: 30, batchSize: 1 });
    await other.dispose();
    let [p, m, v] = [0, 0, 0];
    for (let i = 0; i < 30; i++) {
      const beta = momentums[i];
      m = beta * m + 1 - beta;
      v = 0.999 * v + 0.001;
      p -= ((rates[i] / (1 - beta ** (i + 1))) * m) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
    }
    expect(adam.a.data![0] / p).toBeCloseTo(1, 5);
  });

  it('lowers rates when the loss of epochs gets no better, and goes on so from a checkpoint', async () => {
    const schedule: ScheduleSpec = { type: 'reduceLROnPlateau', patience: 1, factor: 0.5, mode: 'max' };
    const model = new Two();
    // The loss falls, which is worse: after epochs 2, 4, ... the rate is halved.
    const trainer = makeTrainer(model, schedule, { type: 'sgd', lr: 1 });
    const rates: number[] = [];
    const note = (of: Trainer) => ({
      epochs: 3,
      batchSize: 4,
      onEpoch: () => void rates.push(of.learningRate),
    });
    await trainer.fit(data, note(trainer));
    const file = await trainer.checkpoint();
    await trainer.fit(data, note(trainer));
    const resumed = makeTrainer(new Two(), schedule, { type: 'sgd', lr: 1 });
    await resumed.restore(file);
    await resumed.fit(data, note(resumed));
    expect(rates).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0.5, 0.25, 0.25]);
    for (const each of [trainer, resumed]) await each.dispose();
  });

  it('that is wrong is refused before anything is trained', async () => {
    const model = new Two();
    const adagrad: OptimizerSpec = { type: 'adagrad' };
    expect(() => makeTrainer(model, { type: 'stepLr2' } as unknown as ScheduleSpec)).toThrow(
      /stepLr2.*stepLR/,
    );
    expect(() => makeTrainer(model, { type: 'oneCycleLR', maxLr: 1, totalSteps: 9 }, adagrad)).toThrow(
      /cycleMomentum is true, with adagrad/,
    );
    const options: [ScheduleSpec, RegExp][] = [
      [{ type: 'stepLR' } as ScheduleSpec, /stepLR: stepSize/],
      [{ type: 'oneCycleLR', maxLr: 1, totalSteps: 3 }, /oneCycleLR: totalSteps is 3, for 8 steps/],
      [
        { type: 'reduceLROnPlateau', monitor: 'validationLoss' },
        /reduceLROnPlateau: monitor is "validationLoss"/,
      ],
    ];
    for (const [schedule, message] of options) {
      const trainer = makeTrainer(model, schedule);
      await expect(trainer.fit(data, { epochs: 2, batchSize: 1 })).rejects.toThrow(message);
      expect(trainer.steps).toBe(0);
      await trainer.dispose();
    }
    expect(model.a.data![0]).toBe(0);
  });
});

describe('the learning-rate finder', () => {
  it('follows the loss while the rate grows, suggests a rate and puts everything back', async () => {
    const model = new nn.Sequential(
      new nn.Linear(2, 8),
      new nn.BatchNorm1d(8),
      new nn.ReLU(),
      new nn.Linear(8, 1),
    );
    const x = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * 1.7));
    const y = Float32Array.from({ length: 64 }, (_, i) => 3 * x[2 * i] - x[2 * i + 1]);
    const samples = ArrayDataset.fromArrays({ x, xShape: [2], y, yShape: [1] });
    const trainer = new Trainer(device, model, { loss: 'mse', optimizer: { type: 'adam', lr: 0.5 } });
    await trainer.fit(samples, { batchSize: 16 });
    const { step } = trainer as unknown as { step: TrainStep };
    const before = await step.state();
    const curve = await findLearningRate(trainer, samples, {
      minLr: 1e-5,
      maxLr: 10,
      steps: 60,
      batchSize: 16,
    });
    expect(await step.state()).toEqual(before);
    expect(trainer.learningRate).toBe(0.5);
    const { rates, losses, suggestion } = curve;
    expect(rates).toHaveLength(losses.length);
    expect(rates[0]).toBeCloseTo(1e-5, 10);
    expect(rates[1] / rates[0]).toBeCloseTo(1e6 ** (1 / 59), 8);
    expect(losses.every(Number.isFinite)).toBe(true);
    const slopes = losses.slice(11, -2).map((_, i) => losses[i + 12] - losses[i + 10]);
    expect(rates.indexOf(suggestion!)).toBeGreaterThan(9);
    expect(Math.min(...slopes)).toBeLessThan(0);
    await expect(findLearningRate(trainer, samples, { minLr: 2 })).rejects.toThrow(/minLr is 2/);
    await trainer.dispose();
  });
});

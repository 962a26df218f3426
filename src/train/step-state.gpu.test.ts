/** The state of a training step: with it another step goes on bit by bit, and what does not fit changes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { type OptimizerSpec, optimizerOptions } from '../optim';
import { Random } from '../random';
import type { TrainStepOptions } from './step-options';
import { TrainStep } from './train-step';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Dropout, batch statistics, and a layer that may be frozen. */
const makeModel = () =>
  new nn.Sequential(
    new nn.Linear(3, 4),
    new nn.BatchNorm1d(4),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(4, 2),
  ).initialize(5);

const batchOf = (i: number) => {
  const random = new Random(7, i);
  return {
    x: { shape: [6, 3], data: Float32Array.from({ length: 18 }, () => random.normal()) },
    y: Int32Array.from({ length: 6 }, () => random.integer(2)),
  };
};

function makeStep(
  options: Partial<TrainStepOptions> = {},
  model = makeModel(),
  teacher = new nn.BatchNorm1d(3),
) {
  teacher.initialize(1);
  const loss = ({ x, y }: Record<string, Tensor>) => {
    const value = ops.crossEntropy(model.forward(teacher.forward(x)), y);
    return 'optimizers' in options ? { a: value } : value;
  };
  const optimizer = { type: 'adam', lr: 1e-2 } as const;
  const step = new TrainStep(device, loss, {
    parameters: model,
    optimizer,
    seed: 3,
    ...options,
  } as TrainStepOptions);
  return { step, model, teacher };
}

/** Micro-batches and whole steps in turn. */
async function advance(step: TrainStep, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    if (i % 4 === 1) await step.accumulate(batchOf(i));
    else if (i % 4 === 2) {
      await step.accumulate(batchOf(i));
      await step.apply({ scale: 0.5 });
    } else await step.run(batchOf(i));
  }
}

describe('a step that goes on from the state of another', () => {
  const optimizers: Record<string, Partial<TrainStepOptions>> = {
    ...Object.fromEntries(
      Object.keys(optimizerOptions).map((type) => [type, { optimizer: { type, lr: 0.01 } as OptimizerSpec }]),
    ),
    'sgd with momentum': { optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9, nesterov: true } },
    'adam with clipping': { clip: { maxNorm: 0.5 } },
    'adamW in groups': {
      optimizer: {
        type: 'adamW',
        lr: 1e-2,
        groups: [{ params: ['*bias'], weightDecay: 0 }],
      } as OptimizerSpec,
      clip: { value: 0.1 },
    },
  };
  it.each(Object.keys(optimizers))('has every bit of an uninterrupted one: %s', async (name) => {
    // In the middle of an accumulation too.
    for (const at of [5, 6]) {
      const whole = makeStep(optimizers[name]);
      await advance(whole.step, 0, 10);
      const first = makeStep(optimizers[name]);
      await advance(first.step, 0, at);
      const state = await first.step.state();
      const second = makeStep(optimizers[name], makeModel().initialize(99));
      await second.step.load(state);
      await advance(second.step, at, 10);
      const [expected, found] = [await whole.step.state(), await second.step.state()];
      expect(found).toEqual(expected);
      expect(Object.keys(found.others)).toHaveLength(2);
      for (const { step } of [whole, first, second]) await step.dispose();
    }
  });

  it('has them with parameters that were unfrozen on the way, and with several optimizers', async () => {
    const options = (model: nn.Sequential) => ({
      parameters: undefined,
      optimizer: undefined,
      optimizers: { a: { parameters: model, optimizer: { type: 'adam', lr: 1e-2 } } },
    });
    const make = () => {
      const model = makeModel();
      model.freeze('4');
      const { step } = makeStep(options(model) as never, model);
      return { model, step };
    };
    const drive = async ({ model, step }: ReturnType<typeof make>, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        if (i >= 2) model.unfreeze();
        await step.run(batchOf(i));
      }
    };
    const [whole, first, second] = [make(), make(), make()];
    await Promise.all([drive(whole, 0, 6), drive(first, 0, 4)]);
    await second.step.load(await first.step.state());
    await drive(second, 4, 6);
    expect(await second.step.state()).toEqual(await whole.step.state());
    expect((await whole.step.state()).optimizers.a.cohorts.map(({ updates }) => updates)).toEqual([6, 4]);
    for (const { step } of [whole, first, second]) await step.dispose();
  });
});

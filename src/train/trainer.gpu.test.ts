/** The trainer around its steps: callbacks, cursors, caches, lifetimes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset, makeDigits } from '../data';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { mlp } from '../spec';
import { Predictor, predict } from './predictor';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const { train, test } = makeDigits({ train: 64, test: 12 });
const makeTrainer = (model: nn.Module = mlp({ hidden: [8] })) =>
  new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 }, seed: 3 });

describe('fitSteps', () => {
  it('goes on with the batch after the last one', async () => {
    const [whole, parts] = [makeTrainer(), makeTrainer()];
    const losses = await whole.fitSteps(train, { steps: 6, batchSize: 24 });
    const again: number[] = [];
    for (const steps of [1, 2, 1, 2]) again.push(...(await parts.fitSteps(train, { steps, batchSize: 24 })));
    expect(again).toEqual(losses);
    expect(new Set(losses).size).toBe(6);
    await Promise.all([whole.dispose(), parts.dispose()]);
  });
});

describe('callbacks', () => {
  it('may evaluate and predict, on the training data too, without changing what is learned', async () => {
    const alone = makeTrainer();
    await alone.fit(train, { epochs: 2, batchSize: 16 });
    const trainer = makeTrainer();
    const measured: number[] = [];
    await trainer.fit(train, {
      epochs: 2,
      batchSize: 16,
      onStep: async () => void measured.push((await trainer.evaluate(train)).loss),
      onEpoch: async () => void (await trainer.predict(test)),
    });
    expect(measured).toHaveLength(8);
    expect(measured.every(Number.isFinite)).toBe(true);
    expect(await trainer.stateDict()).toEqual(await alone.stateDict());
    await Promise.all([alone.dispose(), trainer.dispose()]);
  });

  it('find the weights on the host after every epoch', async () => {
    const model = mlp({ hidden: [8] });
    const trainer = makeTrainer(model);
    const seen: number[] = [];
    await trainer.fit(train, {
      epochs: 2,
      batchSize: 16,
      onEpoch: () => void seen.push(model.stateDict()['1.weight'].data[300]),
    });
    expect(seen[0]).not.toBe(seen[1]);
    expect(seen[1]).toBe((await trainer.stateDict())['1.weight'].data[300]);
    await trainer.dispose();
  });
});

describe('memory', () => {
  it('is the same after a second fit with a validation split, and free after dispose', async () => {
    const before = device.buffers.allocatedBytes;
    const trainer = makeTrainer();
    const options = { epochs: 1, batchSize: 16, validationSplit: 0.25 };
    await trainer.fit(train, options);
    const after = device.buffers.allocatedBytes;
    await trainer.fit(train, options);
    expect(device.buffers.allocatedBytes).toBe(after);
    await trainer.dispose();
    await trainer.dispose();
    expect(device.buffers.allocatedBytes).toBe(before);
    await expect(trainer.fit(train)).rejects.toThrow(/dispose/);
    await expect(trainer.evaluate(train)).rejects.toThrow(/dispose/);
    await expect(trainer.predict(test)).rejects.toThrow(/dispose/);
  });

  it('stays bounded when predictions come in many shapes, and data sets change', async () => {
    const trainer = makeTrainer(
      new nn.Sequential(new nn.AdaptiveAvgPool2d(4), new nn.Flatten(), new nn.Linear(16, 10)),
    );
    const grow: number[] = [];
    for (let size = 4; size < 44; size++) {
      await trainer.predict({ shape: [1, 1, size, size], data: new Float32Array(size * size) });
      grow.push(device.buffers.allocatedBytes);
    }
    // At most sixteen plans, whose largest inputs and results take less than 10 kB.
    expect(grow.at(-1)! - grow[0]).toBeLessThan(16 * 20_000);
    await trainer.dispose();
  });
});

describe('batch sizes', () => {
  it('are by default at most the number of samples', async () => {
    const few = ArrayDataset.fromArrays({
      x: new Float32Array(20),
      xShape: [4],
      y: Int32Array.from([0, 1, 0, 1, 1]),
    });
    const trainer = makeTrainer(new nn.Linear(4, 2));
    expect((await trainer.fit(few)).epochs).toHaveLength(1);
    for (const batchSize of [0, -1, 2.5, Number.NaN]) {
      await expect(trainer.fit(few, { batchSize })).rejects.toThrow(/batchSize/);
      await expect(trainer.evaluate(few, { batchSize })).rejects.toThrow(/batchSize/);
      await expect(trainer.predict(few, { batchSize })).rejects.toThrow(/batchSize/);
    }
    await trainer.dispose();
  });
});

class Several extends nn.Module {
  readonly first = new nn.Linear(3, 4);
  readonly second = new nn.Linear(4, 2);

  override forward(x: Tensor) {
    const hidden = ops.relu(this.first.forward(x));
    return { scores: this.second.forward(hidden), hidden };
  }
}

describe('predictions', () => {
  it('need no trainer, take nested arrays and return several outputs by name', async () => {
    const model = new Several();
    model.initialize(1);
    const before = device.buffers.allocatedBytes;
    const { shape, data, outputs } = await predict(
      device,
      model,
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
      { batchSize: 2 },
    );
    expect(shape).toEqual([3, 2]);
    expect(Object.keys(outputs!)).toEqual(['scores', 'hidden']);
    expect(outputs!.hidden.shape).toEqual([3, 4]);
    expect(outputs!.scores.data).toEqual(data);
    const [w, b] = [model.first.weight.data!, model.first.bias!.data!];
    const hidden = Math.max(0, w[0] * 1 + w[1] * 2 + w[2] * 3 + b[0]);
    expect(outputs!.hidden.data[0]).toBeCloseTo(hidden, 5);
    expect(device.buffers.allocatedBytes).toBe(before);
  });

  it('show activations inside a model by the paths of its modules', async () => {
    const model = new Several();
    const predictor = new Predictor(device, model);
    const { first } = await predictor.activations([[1, 2, 3]], ['first']);
    expect(first.shape).toEqual([1, 4]);
    await expect(predictor.activations([[1, 2, 3]], ['fisrt'])).rejects.toThrow(/Did you mean first/);
    predictor.dispose();
    await expect(predictor.predict([[1, 2, 3]])).rejects.toThrow(/dispose/);
  });

  it('take the weights of a trainer of the same model as they are, and assigned ones', async () => {
    const model = mlp({ hidden: [8] });
    const trainer = makeTrainer(model);
    const predictor = new Predictor(device, model);
    const before = await predictor.predict(test);
    await trainer.fit(train, { batchSize: 16 });
    const after = await predictor.predict(test);
    expect(after.data).not.toEqual(before.data);
    expect(after.data).toEqual((await trainer.predict(test)).data);
    const bias = model.variables().find(({ name }) => name === '3.bias')!;
    bias.data = bias.data!.map((value) => value + 1);
    expect((await predictor.predict(test)).data[0]).toBeCloseTo(after.data[0] + 1, 5);
    await trainer.dispose();
    predictor.dispose();
  });
});

it('reads state beside state that it writes: a frozen weight beside running statistics', async () => {
  class Frozen extends nn.Module {
    readonly weight = nn.buffer([2], nn.init.constant(3));
    readonly runningMean = nn.buffer([2], nn.init.zeros);
    readonly runningVar = nn.buffer([2], nn.init.ones);
    readonly head = new nn.Linear(2, 2);

    override forward(x: Tensor) {
      const { y } = ops.batchNorm(x, this.weight, undefined, this.runningMean, this.runningVar);
      return this.head.forward(y);
    }
  }
  const model = new Frozen();
  const trainer = makeTrainer(model);
  const data = ArrayDataset.fromArrays({
    x: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 9]),
    xShape: [2],
    y: Int32Array.from([0, 1, 0, 1]),
  });
  await trainer.fitSteps(data, { steps: 1, batchSize: 4 });
  // Momentum 0.1 from 0 towards the means 4 and 5.25.
  expect(model.runningMean.data![0]).toBeCloseTo(0.4, 5);
  expect(model.runningMean.data![1]).toBeCloseTo(0.525, 5);
  expect([...model.weight.data!]).toEqual([3, 3]);
  await trainer.dispose();
});

/** Memory and lifetime: what fails keeps nothing, what is disposed of refuses, what is shared has one truth. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import * as ops from '../ops';
import { Predictor, Trainer, type TrainerOptions, TrainStep } from '.';

let device: Device;
/** Buffers that exist, but for those that read-backs share. */
const live = new Set<GPUBuffer>();
const gpuErrors: GradloomError[] = [];
beforeAll(async () => {
  device = await testDevice({ memoryLimit: 40_000 });
  device.onError((error) => gpuErrors.push(error));
  const create = device.gpu.createBuffer.bind(device.gpu);
  device.gpu.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    if (descriptor.label === 'staging') return buffer;
    live.add(buffer);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      destroy();
    };
    return buffer;
  };
});
afterAll(() => {
  expect(gpuErrors).toEqual([]);
  device.destroy();
});

const x = Array.from({ length: 8 }, (_, i) => [i, 1]);
const data = ArrayDataset.fromArrays({ x, y: x.map((_, i) => i % 2) });
const options: TrainerOptions = { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 0.01 } };
const wide = () => new nn.Sequential(new nn.Linear(2, 1000), new nn.Linear(1000, 2));

async function failure(work: () => unknown): Promise<GradloomError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    return error as GradloomError;
  }
  throw new Error('nothing was refused');
}

describe('what fails leaves no buffer behind', () => {
  it.each<[string, string, () => unknown]>([
    [
      'a trainer with an unknown optimizer',
      'argument',
      () =>
        new Trainer(device, new nn.Linear(2, 2), { ...options, optimizer: { type: 'adm', lr: 1 } as never }),
    ],
    [
      'a trainer with a bad clip',
      'argument',
      () => new Trainer(device, new nn.Linear(2, 2), { ...options, clip: { maxNorm: -1 } }),
    ],
    [
      'a trainer with a bad schedule',
      'argument',
      () => new Trainer(device, new nn.Linear(2, 2), { ...options, schedule: { type: 'x' } as never }),
    ],
    [
      'a trainer whose optimizer state does not fit',
      'out-of-memory',
      () => new Trainer(device, wide(), options),
    ],
    [
      'a step without parameters',
      'argument',
      () => new TrainStep(device, ({ x }) => ops.sum(x), { parameters: [], optimizer: options.optimizer }),
    ],
    ['a predictor that does not fit', 'out-of-memory', () => new Predictor(device, new nn.Linear(2, 10_000))],
    [
      'a module that contains itself',
      'argument',
      () => {
        const module = new nn.Linear(2, 2) as nn.Linear & { self?: nn.Module };
        module.self = module;
        return new Trainer(device, module, options);
      },
    ],
  ])('%s', async (_, code, make) => {
    const before = live.size;
    expect((await failure(make)).code).toBe(code);
    expect(live.size).toBe(before);
  });

  it('a constructor at every limit of memory', async () => {
    const pool = device.buffers as unknown as { memoryLimit: number };
    const limit = pool.memoryLimit;
    try {
      for (let allowed = 0; allowed < 12_000; allowed += 500) {
        pool.memoryLimit = allowed;
        try {
          await new Trainer(device, new nn.Linear(8, 8), options).dispose();
        } catch (error) {
          expect((error as GradloomError).code).toBe('out-of-memory');
        }
        expect(live.size, `${allowed} bytes`).toBe(0);
      }
    } finally {
      pool.memoryLimit = limit;
    }
  });

  it('a data set that does not fit, and says what to change', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 2), options);
    const before = live.size;
    const large = ArrayDataset.fromArrays({
      x: new Float32Array(40_000),
      xShape: [2],
      y: new Int32Array(20_000),
    });
    const error = await failure(() => trainer.fit(large));
    expect(error).toMatchObject({ code: 'out-of-memory', op: 'data set data' });
    expect(error.message).toMatch(/Use fewer samples, bytes \(Uint8Array\).*or raise memoryLimit/);
    expect(live.size).toBe(before);
    await trainer.dispose();
    expect(live.size).toBe(0);
  });
});

it('hints fit what does not fit', () => {
  const bytes = 2 ** 40;
  const hint = (what: string) => {
    try {
      device.buffers.require([bytes], what);
    } catch (error) {
      return (error as GradloomError).fix;
    }
    return '';
  };
  expect(hint('data set mnist')).toMatch(/fewer samples/);
  expect(hint('parameters')).toMatch(/smaller model/);
  expect(hint('optimizer state')).toMatch(/less state/);
  expect(hint('compile')).toMatch(/smaller batch/);
});

describe('what is disposed of', () => {
  it('is freed to the last buffer, also while it works', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 2), options);
    await trainer.fit(data, { batchSize: 3 });
    const pending = [trainer.evaluate(data), trainer.predict(x), trainer.stateDict()].map((work) =>
      work.then(
        () => 'done',
        (error) => (error as GradloomError).code,
      ),
    );
    await trainer.dispose();
    for (const outcome of await Promise.all(pending)) expect(['done', 'argument']).toContain(outcome);
    await trainer.dispose();
    expect(live.size).toBe(0);
    const step = new TrainStep(device, ({ x }) => ops.sum(x), {
      parameters: new nn.Linear(2, 2),
      optimizer: { type: 'sgd', lr: 1 },
    });
    await Promise.all([step.dispose(), step.dispose()]);
    expect((await failure(() => step.gradients())).message).toMatch(/a step that was disposed of/);
    expect(live.size).toBe(0);
  });

  it('data sets and plans that are not used any more are freed', async () => {
    const trainer = new Trainer(device, new nn.Linear(2, 2), options);
    const sizes: number[] = [];
    for (let i = 0; i < 24; i++) {
      const other = ArrayDataset.fromArrays({ x, y: x.map(() => 0), classCount: 2 });
      await trainer.fitSteps(other, { steps: 1, batchSize: 4 });
      sizes.push(live.size);
    }
    expect(Math.max(...sizes.slice(12))).toBe(sizes[12]);
    await trainer.dispose();
    expect(live.size).toBe(0);
  });
});

it('weights set after a trainer was made, and by another one, are the same for all', async () => {
  const shared = new nn.Linear(2, 2);
  const first = new Trainer(device, shared, options);
  const second = new Trainer(device, shared, options);
  shared.weight.data = [1, 2, 3, 4] as unknown as Float32Array;
  shared.bias!.data = new Float32Array(2);
  expect([...(await first.predict([[1, 1]])).data]).toEqual([3, 7]);
  await second.fitSteps(data, { steps: 1 });
  expect((await first.stateDict()).weight.data).toEqual((await second.stateDict()).weight.data);
  expect((await first.predict([[1, 1]])).data).toEqual((await second.predict([[1, 1]])).data);
  await first.dispose();
  expect((await second.predict([[1, 1]])).data[0]).not.toBe(3);
  await second.dispose();
  expect(live.size).toBe(0);
});

it('frozen weights and buffers bound beside running statistics train', async () => {
  class Scaled extends nn.Module {
    readonly norm = new nn.BatchNorm1d(2);
    readonly head = new nn.Linear(2, 2);
    readonly scale = nn.buffer([2], (values) => values.fill(0.5));
    override forward(x: import('../graph/ir/graph').Tensor) {
      return this.head.forward(ops.mul(this.norm.forward(x), x.graph.tensor(this.scale)));
    }
  }
  const model = new Scaled();
  model.norm.freeze('weight');
  const trainer = new Trainer(device, model, options);
  const { epochs } = await trainer.fit(data, { epochs: 2, batchSize: 4 });
  expect(epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  const state = await trainer.stateDict();
  expect([...state['norm.weight'].data]).toEqual([1, 1]);
  expect([...state['norm.running_mean'].data]).not.toEqual([0, 0]);
  expect([...state.scale.data]).toEqual([0.5, 0.5]);
  await trainer.dispose();
  expect(live.size).toBe(0);
});

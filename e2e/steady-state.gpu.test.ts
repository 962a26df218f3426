/** What steady training costs: no GPU objects, at most two submits per step, constant memory, the same bits. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDigits } from '../src/data';
import type { Device } from '../src/gpu/device';
import { lenet } from '../src/spec';
import { Trainer } from '../src/train/trainer';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const { train } = makeDigits({ train: 512, test: 16 });
const makeTrainer = (seed = 1) =>
  new Trainer(device, lenet(), { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-3 }, seed });

/** Counts the calls of some methods while `work` runs. */
async function countCalls(
  target: object,
  methods: string[],
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(methods.map((method) => [method, 0]));
  const owner = target as Record<string, (...args: unknown[]) => unknown>;
  for (const method of methods) {
    const original = owner[method];
    owner[method] = (...args: unknown[]) => {
      counts[method]++;
      return original.apply(target, args);
    };
  }
  try {
    await work();
  } finally {
    for (const method of methods) delete owner[method];
  }
  return counts;
}

describe('steady training of LeNet', () => {
  it('creates no buffer, bind group or pipeline, submits at most twice per step, and runs Adam as one dispatch', async () => {
    const trainer = makeTrainer();
    await trainer.fit(train, { batchSize: 16 });
    const creations = [
      'createBuffer',
      'createBindGroup',
      'createBindGroupLayout',
      'createShaderModule',
      'createComputePipeline',
      'createComputePipelineAsync',
    ];
    let submits: Record<string, number> = {};
    const before = trainer.steps;
    const counts = await countCalls(device.gpu, creations, async () => {
      submits = await countCalls(device.gpu.queue, ['submit'], () =>
        trainer.fit(train, { batchSize: 16, epochs: 2 }),
      );
    });
    const steps = trainer.steps - before;
    expect(steps).toBe(64);
    expect(counts).toEqual(Object.fromEntries(creations.map((name) => [name, 0])));
    // Beside the steps: one shuffle per epoch and the copies of the weights at the end.
    const variables = trainer.model.variables().length;
    expect(submits.submit).toBeLessThanOrEqual(2 * steps + 2 + variables);
    const plan = await trainer.trainingPlan(train, 16);
    expect(plan.kernelNames.filter((name) => name === 'adam_step')).toHaveLength(1);
    await trainer.dispose();
  });

  it('gives bit-identical weights after 50 steps, twice', async () => {
    const run = async () => {
      const trainer = makeTrainer(7);
      const losses = await trainer.fitSteps(train, { steps: 50, batchSize: 16 });
      const state = await trainer.stateDict();
      await trainer.dispose();
      return { losses, state };
    };
    const [first, second] = [await run(), await run()];
    expect(second.losses).toEqual(first.losses);
    for (const name of Object.keys(first.state)) {
      const bits = ({ data }: { data: Float32Array }) =>
        new Uint32Array(data.buffer, data.byteOffset, data.length);
      expect(bits(second.state[name]), name).toEqual(bits(first.state[name]));
    }
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0]);
  });

  it('keeps GPU memory constant over 1,000 steps and gives all of it back', async () => {
    const before = device.buffers.allocatedBytes;
    const trainer = makeTrainer();
    await trainer.fitSteps(train, { steps: 10, batchSize: 4 });
    const during = device.buffers.allocatedBytes;
    const heap = () => (typeof process === 'undefined' ? 0 : process.memoryUsage().heapUsed);
    globalThis.gc?.();
    const heapBefore = heap();
    await trainer.fitSteps(train, { steps: 1000, batchSize: 4 });
    expect(device.buffers.allocatedBytes).toBe(during);
    globalThis.gc?.();
    // Garbage that was not collected yet is allowed for; a leak of one object per step and dispatch would be more.
    expect(heap() - heapBefore).toBeLessThan(16e6);
    await trainer.dispose();
    expect(device.buffers.allocatedBytes).toBe(before);
  });
});

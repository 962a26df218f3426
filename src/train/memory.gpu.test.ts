/** Memory that runs out: a named error, nothing leaked, and training goes on with less on the same device. */
import { afterEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { Trainer } from './trainer';

const data = ArrayDataset.fromArrays({
  x: Float32Array.from({ length: 512 * 64 }, (_, i) => Math.sin(i)),
  xShape: [64],
  y: Int32Array.from({ length: 512 }, (_, i) => i % 4),
});
const makeModel = () => new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 4));
const makeTrainer = (device: Device, model: nn.Module = makeModel()) =>
  new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-3 } });

/** A GPU that refuses buffers of at least so many bytes, in the way of real ones: the error comes later. */
function refuseFrom(device: Device, bytes: number): () => void {
  const { gpu } = device;
  const [create, push, pop] = [gpu.createBuffer, gpu.pushErrorScope, gpu.popErrorScope];
  const scopes: boolean[] = [];
  gpu.createBuffer = (descriptor) => {
    if (descriptor.size >= bytes && scopes.length > 0) scopes[scopes.length - 1] = true;
    return create.call(gpu, descriptor);
  };
  gpu.pushErrorScope = (filter) => {
    scopes.push(false);
    return push.call(gpu, filter);
  };
  gpu.popErrorScope = async () => {
    const isRefused = scopes.pop();
    const error = await pop.call(gpu);
    return isRefused ? ({ message: 'Out of memory' } as GPUError) : error;
  };
  return () => Object.assign(gpu, { createBuffer: create, pushErrorScope: push, popErrorScope: pop });
}

const devices: Device[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.destroy();
});
async function open(memoryLimit?: number): Promise<Device> {
  const device = await testDevice({ memoryLimit });
  devices.push(device);
  return device;
}

describe('out of memory', () => {
  it.each(['the limit', 'the GPU'])('of a batch by %s leaves the trainer as it was', async (by) => {
    const device = await open(by === 'the limit' ? 1_400_000 : undefined);
    const errors: unknown[] = [];
    device.onError((error) => errors.push(error));
    const before = device.buffers.allocatedBytes;
    const trainer = makeTrainer(device);
    await trainer.fit(data, { batchSize: 16 });
    const state = await trainer.stateDict();
    const allocated = device.buffers.allocatedBytes;
    const undo = by === 'the GPU' ? refuseFrom(device, 400_000) : () => {};
    for (let tries = 0; tries < 2; tries++) {
      await expect(trainer.fit(data, { batchSize: 512 })).rejects.toMatchObject({ code: 'out-of-memory' });
      expect(device.buffers.allocatedBytes).toBe(allocated);
    }
    undo();
    expect(await trainer.stateDict()).toEqual(state);
    const { epochs } = await trainer.fit(data, { batchSize: 16 });
    expect(epochs[0].loss).toBeLessThan(2);
    await trainer.dispose();
    expect(device.buffers.allocatedBytes).toBe(before);
    expect(errors).toEqual([]);
  });

  it('of a data set that the GPU refuses is tried again next time', async () => {
    const device = await open();
    const trainer = makeTrainer(device);
    const undo = refuseFrom(device, 100_000);
    await expect(trainer.fit(data, { batchSize: 16 })).rejects.toMatchObject({ code: 'out-of-memory' });
    undo();
    expect((await trainer.fit(data, { batchSize: 16 })).epochs).toHaveLength(1);
    await trainer.dispose();
  });

  it('of model and optimizer leaves nothing behind, and the values of the model', async () => {
    const small = await open(200_000);
    const before = small.buffers.allocatedBytes;
    expect(() => makeTrainer(small)).toThrow(/needs .* together with what is already allocated/);
    expect(small.buffers.allocatedBytes).toBe(before);

    const device = await open();
    const free = device.buffers.allocatedBytes;
    const model = makeModel().initialize(1);
    const values = model.stateDict();
    const undo = refuseFrom(device, 60_000);
    const trainer = makeTrainer(device, model);
    await expect(trainer.fit(data, { batchSize: 16 })).rejects.toMatchObject({ code: 'out-of-memory' });
    await trainer.dispose();
    undo();
    expect(model.stateDict()).toEqual(values);
    expect(device.buffers.allocatedBytes).toBe(free);
    const again = makeTrainer(device, model);
    expect((await again.fit(data, { batchSize: 16 })).epochs).toHaveLength(1);
    await again.dispose();
  });
});

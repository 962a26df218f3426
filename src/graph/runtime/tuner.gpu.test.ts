// The tuner takes the fastest variant that is right, remembers it, and leaves training alone meanwhile.
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import scaleForward from '../../../shaders/elementwise/scale.forward.wgsl';
import { makeDigits } from '../../data';
import { memoryStore } from '../../gpu/adapter-store';
import type { Device } from '../../gpu/device';
import { mlp } from '../../spec';
import { Trainer } from '../../train';
import { Graph } from '../ir/graph';
import { defineInternal } from '../ir/op';
import { compile } from './compile';
import { tuner } from './tuner';

let device: Device;
const devices: Device[] = [];
const freshDevice = async () => {
  const made = await testDevice();
  devices.push(made);
  return made;
};
beforeEach(async () => {
  device = await freshDevice();
});
afterAll(() => {
  for (const made of devices) made.destroy();
});

/** Doubles; `slow` does it again and again, `fast` once, `wrong` triples. */
const doubled = defineInternal({
  name: 'doubled',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x }),
  lower({ x, y }, _: undefined, k) {
    const variant = k.device.variants.select('doubled', ['slow', 'wrong', 'fast']);
    const times = variant === 'slow' ? 40 : 1;
    const factor = variant === 'wrong' ? 3 : 2;
    for (let i = 0; i < times; i++) {
      k.dispatch(scaleForward, { x }, { y }, { n: x.size, factor, accumulate: 0 }, { threads: x.size });
    }
  },
});

async function runDoubled(on: Device): Promise<{ values: number[]; dispatches: number }> {
  const graph = new Graph();
  const { y } = doubled({ x: graph.input('x', [4096]) }, undefined);
  const plan = await compile(on, graph, { outputs: { y } });
  plan.write(
    'x',
    Float32Array.from({ length: 4096 }, (_, i) => i),
  );
  plan.run();
  const values = [...(await plan.read('y'))].slice(0, 3);
  const { dispatches } = plan.statistics;
  plan.destroy();
  return { values, dispatches };
}

describe('tuner', () => {
  it('starts with the default, then takes the fastest variant with the same results', async () => {
    await tuner({ store: memoryStore() })(device);
    expect(await runDoubled(device)).toEqual({ values: [0, 2, 4], dispatches: 40 });
    await device.tuning!.finish();
    expect(Object.values(device.tuning!.results)).toEqual(['fast']);
    expect(await runDoubled(device)).toEqual({ values: [0, 2, 4], dispatches: 1 });
  });

  it('never takes what is disabled', async () => {
    await tuner({ store: memoryStore() })(device);
    device.variants.disable('doubled', 'fast');
    await runDoubled(device);
    await device.tuning!.finish();
    expect(Object.values(device.tuning!.results)).toEqual(['slow']);
    expect((await runDoubled(device)).dispatches).toBe(40);
  });

  it('drops what it found when that is disabled later', async () => {
    await tuner({ store: memoryStore() })(device);
    await runDoubled(device);
    await device.tuning!.finish();
    device.variants.disable('doubled', 'fast');
    device.variants.disable('doubled', 'wrong');
    expect((await runDoubled(device)).dispatches).toBe(40);
  });

  it('remembers for the next device of the same adapter', async () => {
    const content = new Map<string, Record<string, string>>();
    await tuner({ store: memoryStore(content) })(device);
    await runDoubled(device);
    await device.tuning!.finish();
    expect(content.size).toBe(1);
    const next = await freshDevice();
    await tuner({ store: memoryStore(content) })(next);
    expect((await runDoubled(next)).dispatches).toBe(1);
  });

  it('measures the products of a training plan and gives all memory back', async () => {
    await tuner({ store: memoryStore() })(device);
    const { train } = makeDigits({ train: 64, test: 8 });
    const make = (on: Device) =>
      new Trainer(on, mlp({ hidden: [] }), { loss: 'crossEntropy', optimizer: { type: 'adam' } });
    const trainer = make(device);
    const losses = await trainer.fitSteps(train, { steps: 4, batchSize: 32 });
    await device.tuning!.finish();
    // What the same training holds on a device without a tuner; on this one it may have been at work already.
    const plain = await freshDevice();
    await make(plain).fitSteps(train, { steps: 4, batchSize: 32 });
    expect(device.buffers.allocatedBytes).toBe(plain.buffers.allocatedBytes);
    const more = await trainer.fitSteps(train, { steps: 4, batchSize: 32 });
    expect(more.at(-1)).toBeLessThan(losses[0]);
    await trainer.dispose();
  });

  it('stops with the device', async () => {
    await tuner({ store: memoryStore() })(device);
    await runDoubled(device);
    const finished = device.tuning!.finish();
    device.destroy();
    await finished;
    expect(device.tuning!.results).toEqual({});
  });
});

/** Training beside a page: the same bits in pieces, whole states in between, and rest while the page is hidden. */
import { beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { Random } from '../random';
import { memoryStore } from './checkpoint/stores';
import { Trainer } from './trainer';
import type { FitOptions, PageVisibility } from './types';

const random = new Random(5);
const data = ArrayDataset.fromArrays({
  x: Float32Array.from({ length: 4 * 40 }, () => random.normal()),
  xShape: [4],
  y: Int32Array.from({ length: 40 }, () => random.integer(3)),
});

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const makeTrainer = () => {
  const layers = [new nn.Linear(4, 6), new nn.BatchNorm1d(6), new nn.Dropout(0.2), new nn.Linear(6, 3)];
  const model = new nn.Sequential(...layers).initialize(5);
  return new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 }, seed: 3 });
};

async function run(options: FitOptions, meanwhile?: (trainer: Trainer) => unknown) {
  const trainer = makeTrainer();
  const losses: number[] = [];
  const fitting = trainer.fit(data, {
    epochs: 3,
    batchSize: 8,
    onStep: ({ loss }) => void losses.push(loss),
    ...options,
  });
  await meanwhile?.(trainer);
  await fitting;
  const result = { losses, state: await trainer.stateDict() };
  await trainer.dispose();
  return result;
}

class Visibility implements PageVisibility {
  hidden = false;
  private readonly listeners = new Set<() => void>();

  onChange(listener: () => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(hidden: boolean) {
    this.hidden = hidden;
    for (const listener of [...this.listeners]) listener();
  }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('training beside a page', () => {
  it('gives the same bits however small the pieces are, and whole states meanwhile', async () => {
    const whole = await run({ frameBudget: false });
    let submits = 0;
    const { queue } = device.gpu;
    const { submit } = queue;
    queue.submit = (buffers) => {
      submits++;
      return submit.call(queue, buffers);
    };
    const files: Uint8Array<ArrayBuffer>[] = [];
    const paced = await run({ frameBudget: 1e-3 }, async (trainer) => {
      for (let i = 0; i < 6; i++) {
        await pause(2);
        files.push(await trainer.checkpoint());
      }
    });
    Reflect.deleteProperty(queue, 'submit');
    expect(submits).toBeGreaterThan(100); // a dispatch each
    expect(paced).toEqual(whole);
    for (const file of files) {
      const { state } = await run({ resume: file });
      expect(state).toEqual(whole.state);
    }
  });

  it('rests while the page is hidden, and saves before', async () => {
    const whole = await run({});
    const visibility = new Visibility();
    const store = memoryStore();
    let save: () => void;
    const askedBy = (ask: () => void) => {
      save = ask;
      return () => {};
    };
    let steps = 0;
    const onStep = () => {
      steps++;
      if (steps !== 4) return;
      visibility.set(true);
      save();
    };
    const options = { visibility, checkpoint: { store, askedBy, every: 1000 }, epochs: 3 } as const;
    const resting = await run({ ...options, whenHidden: 'pause', onStep }, async (trainer) => {
      while ((await store.list()).length === 0) await pause(5);
      await pause(50);
      const before = trainer.steps;
      await pause(100);
      expect(trainer.steps).toBe(before);
      expect(before).toBeLessThan(15);
      const again = await run({ resume: await trainer.checkpoint() });
      expect(again.state).toEqual(whole.state);
      visibility.set(false);
    });
    expect(steps).toBe(15);
    expect(resting.state).toEqual(whole.state);
    visibility.hidden = true;
    expect((await run({ ...options, whenHidden: 'continue' })).state).toEqual(whole.state);
  });

  it('ends on a signal while it rests', async () => {
    const visibility = new Visibility();
    visibility.hidden = true;
    const abort = new AbortController();
    const trainer = makeTrainer();
    const fitting = trainer.fit(data, { visibility, whenHidden: 'pause', signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect((await fitting).aborted).toBe(true);
    expect(trainer.steps).toBe(0);
    await trainer.dispose();
  });

  it('refuses what is no pace', async () => {
    const trainer = makeTrainer();
    const refused = (options: object) =>
      trainer.fit(data, options).catch(({ argument, fix }) => [argument, fix]);
    expect(await refused({ frameBudget: 0 })).toEqual(['frameBudget', undefined]);
    expect(await refused({ whenHidden: 'paus' })).toEqual(['whenHidden', 'Did you mean pause?']);
    expect(await refused({ visibility: 'hidden' })).toEqual(['visibility', undefined]);
    await trainer.dispose();
  });
});

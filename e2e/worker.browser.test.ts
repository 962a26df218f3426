/** The trainer in a worker: to the same bits as on the page, which stays free meanwhile. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeDigits, memoryStore, nn, requestDevice, type StepInfo, Trainer } from '../src';
import { createWorkerTrainer, type WorkerTrainer, type WorkerTrainerOptions } from '../src/worker';

const trainers: WorkerTrainer[] = [];
afterEach(() => Promise.all(trainers.splice(0).map((trainer) => trainer.dispose())));

const OPTIONS = { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 }, seed: 3 } as const;

async function make(options: Partial<WorkerTrainerOptions> = {}): Promise<WorkerTrainer> {
  const worker = new Worker(new URL('./support/train.worker.ts', import.meta.url), { type: 'module' });
  const trainer = await createWorkerTrainer(worker, { ...OPTIONS, model: 'small', ...options });
  trainers.push(trainer);
  return trainer;
}
const digits = () => makeDigits({ train: 96, test: 16 });

describe('a trainer in a worker', () => {
  it('gives the bits of one on the page, tells the same, and goes on from its checkpoints', async () => {
    const { train, test } = digits();
    const model = new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(784, 12),
      new nn.Dropout(0.2),
      new nn.Linear(12, 10),
    );
    const page = new Trainer(await requestDevice(), model, OPTIONS);
    const expected: unknown[] = [];
    const fit = { epochs: 3, batchSize: 16, validation: test };
    const withoutTime = ({ seconds: _, ...info }: any) => info;
    await page.fit(train, {
      ...fit,
      onStep: (info) => void expected.push(info),
      onEpoch: (info) => void expected.push(withoutTime(info)),
    });

    const trainer = await make();
    const sent = digits();
    const told: unknown[] = [];
    const store = memoryStore();
    const options = { ...fit, validation: sent.test };
    const history = await trainer.fit(sent.train, {
      ...options,
      checkpoint: { store, every: 7, keepLast: 9 },
      onStep: (info) => void told.push(info),
      onEpoch: (info) => void told.push(withoutTime(info)),
    });
    expect(told).toEqual(expected);
    expect(history.epochs).toHaveLength(3);
    expect(sent.train.x).toHaveLength(0); // it moved
    const weights = await page.stateDict();
    expect(await trainer.stateDict()).toEqual(weights);
    expect((await trainer.predict(sent.test)).data).toEqual((await page.predict(test)).data);
    expect(await trainer.evaluate(sent.test)).toEqual(await page.evaluate(test));
    expect(await trainer.steps()).toBe(18);

    const [second, again] = [await make(), digits()];
    const file = await store.read('step-000000007.safetensors');
    await second.fit(again.train, { ...fit, validation: again.test, resume: file });
    expect(await second.stateDict()).toEqual(weights);
    page.device.destroy();
  });

  it('takes predictions meanwhile and ends on a signal; the page is not held up', async () => {
    const { train, test } = digits();
    const trainer = await make();
    await trainer.evaluate(test);
    const abort = new AbortController();
    const gaps: number[] = [];
    const channel = new MessageChannel();
    let last = performance.now();
    channel.port1.onmessage = () => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (!abort.signal.aborted) channel.port2.postMessage(0);
    };
    const heard: StepInfo[] = [];
    const fitting = trainer.fit(train, {
      epochs: 1000,
      batchSize: 4,
      signal: abort.signal,
      onStep: (info) => void heard.push(info),
    });
    channel.port2.postMessage(0);
    while (heard.length < 150) expect((await trainer.predict(test)).shape).toEqual([16, 10]);
    abort.abort();
    expect((await fitting).aborted).toBe(true);
    expect(heard.map(({ step }) => step)).toEqual(heard.map((_, i) => i));
    gaps.sort((a, b) => a - b);
    // The CPU adapter takes the cores from the page at times: that is no work of the page's.
    const share = gaps.filter((gap) => gap > 5).length / gaps.length;
    console.log(
      `gaps: ${gaps.length}, longest ${gaps.at(-1)?.toFixed(1)} ms, over 5 ms ${(100 * share).toFixed(3)} %`,
    );
    expect(share).toBeLessThan(0.005);
  });

  it('rests while its page is hidden, and tells where a run went to NaN', async () => {
    const { train } = digits();
    const trainer = await make({ optimizer: { type: 'sgd', lr: 1e30 } });
    const listeners = new Set<() => void>();
    const visibility = {
      hidden: true,
      onChange(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const fitting = trainer.fit(train, { batchSize: 16, epochs: 5, visibility, whenHidden: 'pause' });
    for (let i = 0; i < 20; i++) expect(await trainer.steps()).toBe(0);
    visibility.hidden = false;
    for (const listener of listeners) listener();
    const error = await fitting.catch((caught) => caught);
    expect(error).toMatchObject({ code: 'diverged', report: { tensor: { name: expect.any(String) } } });
    expect(error.step).toBeGreaterThan(0);
    expect(listeners.size).toBe(0);
  });

  it('takes models by spec and by address, and passes on errors by name', async () => {
    const { test } = digits();
    const spec = await make({
      model: [{ type: 'flatten' }, { type: 'linear', inFeatures: 784, outFeatures: 3 }],
    });
    expect((await spec.predict(test)).shape).toEqual([16, 3]);
    const url = new URL('./support/own-model.ts', import.meta.url).href;
    const own = await make({ model: { url }, transfer: false });
    const again = digits().test;
    expect((await own.predict(again)).shape).toEqual([16, 10]);
    expect(again.x.length).toBeGreaterThan(0);

    const refused = (options: object) => make(options).catch((error) => error);
    expect(await refused({ model: 'smal' })).toMatchObject({ code: 'argument', fix: 'Did you mean small?' });
    expect(await refused({ optimizer: { type: 'adm' } })).toMatchObject({ code: 'argument' });
    expect(await refused({ loss: () => 0 })).toMatchObject({ code: 'argument', op: 'WorkerTrainer.create' });
    await expect(own.fit(again, { batch_size: 3 } as never)).rejects.toThrow(/Did you mean batchSize/);
    const fail = own.fit(again, {
      batchSize: 4,
      onStep: () => {
        throw new Error('from the page');
      },
    });
    await expect(fail).rejects.toThrow('from the page');
    await expect(own.restore(new Uint8Array(9))).rejects.toMatchObject({ code: 'data' });
    await own.dispose();
    await expect(own.stateDict()).rejects.toMatchObject({ code: 'aborted' });
  });
});

/** `fit`, `evaluate` and steps on loaders and arrays by name: the same as on data sets, and what only they can do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset, DataLoader, type DataLoaderOptions } from '../data';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { TrainStep } from './train-step';
import { Trainer } from './trainer';
import type { FitData, FitOptions, TrainerOptions } from './types';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const N = 11;
const X = Array.from({ length: N }, (_, i) => [Math.sin(i), Math.cos(i), i / N]);
const Y = Array.from({ length: N }, (_, i) => i % 3);
const data = ArrayDataset.fromArrays({ x: X, y: Y });
const samples = X.map((x, i) => ({ x, y: Y[i] }));
const classifier = () => new nn.Sequential(new nn.Linear(3, 6), new nn.Tanh(), new nn.Linear(6, 3));
const make = (options: Partial<TrainerOptions> = {}, model: nn.Module = classifier()) =>
  new Trainer(device, model, {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 0.02 },
    seed: 3,
    ...options,
  });

async function trained(from: FitData, options: FitOptions, more: Partial<TrainerOptions> = {}) {
  const trainer = make(more);
  const steps: [number, number][] = [];
  const history = await trainer.fit(from, {
    onStep: ({ step, loss }) => void steps.push([step, loss]),
    ...options,
  });
  const evaluation = await trainer.evaluate(data, { batchSize: 4 });
  const state = await trainer.stateDict();
  await trainer.dispose();
  return { history, steps, evaluation, state };
}

describe('loaders', () => {
  it('train to the bits of the data set in its own order, and evaluate the same', async () => {
    const options = { epochs: 2, batchSize: 4, shuffle: false, validation: data };
    const whole = await trained(data, options);
    async function* stream() {
      yield* samples;
    }
    const loaders = [
      new DataLoader(data, { batchSize: 4 }),
      new DataLoader(samples, { batchSize: 4 }),
      new DataLoader(stream, { batchSize: 4 }),
      new DataLoader({ x: X, y: Y }, { batchSize: 4 }),
    ];
    for (const loader of loaders) {
      const found = await trained(loader, { epochs: 2, validation: loader });
      expect(found.state).toEqual(whole.state);
      expect(found.steps).toEqual(whole.steps);
      found.history.epochs.forEach(({ loss, accuracy, validationLoss, validationAccuracy }, i) => {
        const wanted = whole.history.epochs[i];
        expect(loss).toBe(wanted.loss);
        expect(accuracy).toBe(wanted.accuracy);
        expect(validationLoss).toBeCloseTo(wanted.validationLoss!, 6);
        expect(validationAccuracy).toBe(wanted.validationAccuracy);
      });
    }
    const arrays = { x: X, y: Y };
    expect((await trained(arrays, { ...options, validation: arrays })).state).toEqual(whole.state);
  });

  it('measure what data sets measure', async () => {
    const trainer = make();
    const options = { metrics: ['f1', 'confusionMatrix', 'top2'] };
    const wanted = await trainer.evaluate(data, { ...options, batchSize: 4 });
    expect(await trainer.evaluate(new DataLoader(samples, { batchSize: 4 }), options)).toEqual(wanted);
    expect(Object.keys(await trainer.evaluate(new DataLoader(() => samples)))).toEqual(['loss', 'accuracy']);
    await trainer.dispose();
  });

  it('go on in mid-epoch from a checkpoint to the same bits', async () => {
    const sources: [unknown, DataLoaderOptions][] = [
      [samples, { shuffle: true }],
      [() => samples, { shuffle: true, shuffleBuffer: 5 }],
      [samples, { sampler: (epoch) => [epoch, 5, 2, 7, 1, 0, 3] }],
    ];
    for (const [source, options] of sources) {
      const loader = () => new DataLoader(source as never, { batchSize: 2, seed: 8, ...options });
      const whole = make();
      const all = await whole.fit(loader(), { epochs: 3 });
      const first = make();
      let file: Uint8Array | undefined;
      const told: number[] = [];
      const wanted = await whole.stateDict();
      await first.fit(loader(), {
        epochs: 3,
        onStep: async ({ step }) => {
          if (step === 6) {
            file = await first.checkpoint();
            first.stop('enough');
          }
        },
      });
      const second = make();
      const rest = await second.fit(loader(), {
        epochs: 3,
        resume: file,
        onStep: ({ step }) => void told.push(step),
      });
      expect(await second.stateDict()).toEqual(wanted);
      expect(rest.epochs.map(({ loss }) => loss)).toEqual(all.epochs.map(({ loss }) => loss));
      expect(told.at(-1)).toBe(whole.steps - 1);
      for (const trainer of [whole, first, second]) await trainer.dispose();
    }
  });

  it('leave the run as it was when the source fails, and end when aborted', async () => {
    let isBroken = true;
    async function* broken() {
      for (const [i, sample] of samples.entries()) {
        if (i === 7 && isBroken) throw new RangeError('the disk is gone');
        yield sample;
      }
    }
    const loader = new DataLoader(broken, { batchSize: 2 });
    const trainer = make();
    const told: number[] = [];
    const onStep = ({ step }: { step: number }) => void told.push(step);
    const exceptions: unknown[] = [];
    const callbacks = [{ onException: (error: unknown) => exceptions.push(error) }];
    await expect(trainer.fit(loader, { onStep, callbacks })).rejects.toThrow(RangeError);
    expect(told).toEqual([0, 1, 2]);
    expect(exceptions).toHaveLength(1);
    expect(trainer.steps).toBe(3);
    const file = await trainer.checkpoint();
    isBroken = false;
    await trainer.fit(loader, { resume: file });
    expect(trainer.steps).toBe(6);
    const plain = await trained(new DataLoader(samples, { batchSize: 2 }), {});
    expect(await trainer.stateDict()).toEqual(plain.state);
    const stop = new AbortController();
    async function* endless() {
      for (let i = 0; ; i++) {
        if (i === 5) {
          setTimeout(() => stop.abort());
          await new Promise(() => {});
        }
        yield samples[i % N];
      }
    }
    const { aborted } = await trainer.fit(new DataLoader(endless, { batchSize: 2 }), { signal: stop.signal });
    expect(aborted).toBe(true);
    expect(trainer.steps).toBe(8);
    await trainer.dispose();
  });

  it('may be endless, of any batch size, and drive steps of one’s own', async () => {
    function* endless() {
      for (let i = 0; ; i++) yield samples[i % N];
    }
    const trainer = make();
    const seen: number[] = [];
    await trainer.fit(new DataLoader(endless, { batchSize: 3 }), {
      epochs: 2,
      stepsPerEpoch: 4,
      onStep: ({ stepsPerEpoch, learningRate }) => void seen.push(stepsPerEpoch, learningRate),
    });
    expect(trainer.steps).toBe(8);
    expect(seen.slice(0, 2)).toEqual([4, 0.02]);
    const sizes = [[0], [1, 2, 3], [4, 5]];
    await trainer.fit(new DataLoader(samples, { batchSampler: sizes }));
    expect(trainer.steps).toBe(11);
    await expect(
      trainer.fit(new DataLoader(samples.slice(0, 2).values(), {}), { epochs: 2 }),
    ).rejects.toThrow(/epoch without a batch.*function that opens/s);
    await trainer.dispose();
    const model = classifier();
    const step = new TrainStep(device, ({ x, y }) => ops.crossEntropy(model.forward(x), y), {
      parameters: model,
      optimizer: { type: 'sgd', lr: 0.1 },
    });
    for await (const { x, y } of new DataLoader(data, { batchSize: 4 })) await step.run({ x, y } as never);
    expect(step.steps).toBe(3);
    await step.dispose();
  });

  it('refuse what the GPU could not tell, and options that they decide', async () => {
    const trainer = make();
    const train = (from: unknown, options: FitOptions = {}) => trainer.fit(from as FitData, options);
    const late = samples.map((sample, i) => (i === 9 ? { ...sample, y: 3 } : sample));
    await expect(train(new DataLoader(late, { batchSize: 2 }))).rejects.toThrow(
      /y of the batch is 3 at 1.*0 to 2/s,
    );
    await expect(train(new DataLoader(samples), { batchSize: 4 })).rejects.toThrow(/batchSize.*DataLoader/);
    await expect(train(new DataLoader(() => samples), { validationSplit: 0.5 })).rejects.toThrow(
      /validationSplit/,
    );
    await expect(train({ a: 1 })).rejects.toThrow(/data is/);
    await trainer.dispose();
    const model = new nn.Sequential(new nn.Embedding(4, 2), new nn.Flatten(), new nn.Linear(4, 2));
    const tokens = make({}, model);
    const rows = [
      { x: [0, 3], y: 1 },
      { x: [2, 4], y: 0 },
    ];
    await expect(tokens.fit(new DataLoader(rows, { batchSize: 1 }))).rejects.toThrow(
      /tokens of the batch is 4.*0 to 3/s,
    );
    await tokens.dispose();
  });
});

/** Two inputs by name, two outputs by name. */
class Two extends nn.Module {
  readonly left = new nn.Linear(2, 4);
  readonly right = new nn.Linear(1, 4);
  readonly sort = new nn.Linear(4, 3);
  readonly size = new nn.Linear(4, 1);
  override forward(x: Tensor): any {
    const { a, b } = x as unknown as Record<string, Tensor>;
    const hidden = ops.tanh(ops.add(this.left.forward(a), this.right.forward(b)));
    return { sort: this.sort.forward(hidden), size: this.size.forward(hidden) };
  }
}

describe('several inputs and outputs', () => {
  const named = {
    x: { a: X.map(([p, q]) => [p, q]), b: X.map(([, , r]) => [r]) },
    y: { sort: Y, size: X.map(([p, , r]) => [p - r]) },
  };
  const loss = { sort: 'crossEntropy', size: { type: 'huber', delta: 0.5 } };
  const options: Partial<TrainerOptions> = { loss, lossWeights: { size: 0.25 } };

  it('have a loss and a weight each, as a step of one’s own adds them up', async () => {
    const trainer = make(options, new Two());
    await trainer.fit(named, { epochs: 2, batchSize: 4, shuffle: false });
    const model = new Two().initialize(3);
    const step = new TrainStep(
      device,
      ({ a, b, sort, size }) => {
        const found = model.forward({ a, b } as never);
        const second = ops.huberLoss(found.size, size, { delta: 0.5 });
        return ops.add(ops.crossEntropy(found.sort, sort), ops.mul(second, 0.25));
      },
      { parameters: model, optimizer: { type: 'adam', lr: 0.02 }, seed: 3 },
    );
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let i = 0; i < N; i += 4) {
        const cut = <T>(list: T[]) => list.slice(i, i + 4);
        await step.run({
          a: cut(named.x.a),
          b: cut(named.x.b),
          sort: Int32Array.from(cut(named.y.sort)),
          size: cut(named.y.size),
        });
      }
    }
    await step.dispose();
    for (const [name, { data: values }] of Object.entries(await trainer.stateDict())) {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(model.stateDict()[name].data[i], 5);
      });
    }
    const found = await trainer.evaluate(named, { metrics: { sort: ['f1'], size: ['mae', 'r2'] } });
    const { metrics = {} } = found;
    expect(Object.keys(metrics).sort()).toEqual(
      ['size.loss', 'size.mae', 'size.r2', 'sort.accuracy', 'sort.f1', 'sort.loss'].sort(),
    );
    expect(found.loss).toBeCloseTo(
      (metrics['sort.loss'] as number) + 0.25 * (metrics['size.loss'] as number),
      5,
    );
    const { epochs } = await trainer.fit(named, { batchSize: 4, validation: named });
    expect(epochs[0].validationLoss).toBeDefined();
    await trainer.dispose();
  });

  it('may share one loss, and come as a list', async () => {
    class Pair extends nn.Module {
      readonly one = new nn.Linear(3, 1);
      override forward(x: Tensor): any {
        return [this.one.forward(x), ops.neg(this.one.forward(x))];
      }
    }
    const trainer = make({ loss: 'mse' }, new Pair());
    const both = { x: X, y: { 0: X.map(([p]) => [p]), 1: X.map(([p]) => [-p]) } };
    const { epochs } = await trainer.fit(both, { epochs: 3, batchSize: 4 });
    expect(epochs[2].loss).toBeLessThan(epochs[0].loss);
    await trainer.dispose();
  });

  it('may meet in a loss of several tensors', async () => {
    class Embedder extends nn.Module {
      readonly embed = new nn.Linear(3, 2);
      override forward(x: Tensor): any {
        const { anchor, positive, negative } = x as unknown as Record<string, Tensor>;
        const [a, p, n] = [anchor, positive, negative].map((one) => this.embed.forward(one));
        return { anchor: a, positive: p, negative: n };
      }
    }
    const trainer = make({ loss: { type: 'tripletMargin', margin: 0.5 } }, new Embedder());
    const triplets = {
      x: { anchor: X, positive: [...X].reverse(), negative: X.map(([p, q, r]) => [q, r, p]) },
      y: Y,
    };
    const { epochs } = await trainer.fit(triplets, { epochs: 2, batchSize: 4 });
    expect(epochs[0].loss).toBeGreaterThan(0);
    await trainer.dispose();
    class Steps extends nn.Module {
      readonly scores = new nn.Linear(2, 3);
      override forward(x: Tensor): any {
        return ops.permute(ops.logSoftmax(this.scores.forward(x), { dim: -1 }), { dims: [1, 0, 2] });
      }
    }
    const model = new Steps().initialize(3);
    const ctc = make({ loss: { type: 'ctcLoss', blank: 0 } }, model);
    const frames = [0, 1].map((n) => Array.from({ length: 5 }, (_, t) => [Math.sin(n + t), Math.cos(t)]));
    const lengths = { inputLengths: Int32Array.of(5, 4), targetLengths: Int32Array.of(1, 2) };
    const targets = { shape: [2, 2], data: Int32Array.of(1, 0, 2, 1) };
    const read = { x: frames, y: { targets, ...lengths } };
    const step = new TrainStep(
      device,
      ({ x, t, i, l }) => ops.ctcLoss(model.forward(x), t, i, l, { blank: 0 }),
      { parameters: model, optimizer: { type: 'sgd' } },
    );
    const wanted = await step.evaluate({
      x: frames,
      t: targets,
      i: lengths.inputLengths,
      l: lengths.targetLengths,
    });
    expect((await ctc.evaluate(read)).loss).toBeCloseTo(wanted.loss as number, 5);
    await ctc.fit(read, { epochs: 2 });
    await step.dispose();
    await ctc.dispose();
  });

  it.each([
    [{ loss: { sort: 'crossEntropy', sise: 'mse' } }, /"sise", which is not there.*Did you mean size/s],
    [{ loss, lossWeights: { sorts: 2 } }, /lossWeights for is "sorts".*Did you mean sort/s],
    [{ loss, lossWeights: { sort: '2' } }, /lossWeights.sort is "2"/],
    [{ loss: { sort: 'crossEntropi' } }, /crossEntropi.*Did you mean crossEntropy/s],
    [{ loss: { sort: 'crossEntropy', other: 'mse' } }, /output.*"other"/s],
  ])('%j is refused', async (wrong, message) => {
    const trainer = make(wrong as Partial<TrainerOptions>, new Two());
    await expect(trainer.fit(named)).rejects.toThrow(message);
    await trainer.dispose();
  });
});

describe('weights of samples', () => {
  const sampleWeight = [1, 0, 2, 0.5, 1, 3, 0, 1, 1, 0.25, 4];

  it('weigh the mean, class weights included, and accuracies', async () => {
    const model = classifier().initialize(3);
    const trainer = make({ loss: { type: 'crossEntropy', weight: [1, 2, 3] } }, model);
    const found = await trainer.evaluate({ x: X, y: Y, sampleWeight }, { batchSize: N });
    const logits = (await trainer.predict(X)).data;
    let [sum, total, right, all] = [0, 0, 0, 0];
    Y.forEach((label, i) => {
      const row = [...logits.subarray(3 * i, 3 * i + 3)];
      const nll = Math.log(row.reduce((a, b) => a + Math.exp(b), 0)) - row[label];
      sum += sampleWeight[i] * (label + 1) * nll;
      total += sampleWeight[i] * (label + 1);
      all += sampleWeight[i];
      if (row.indexOf(Math.max(...row)) === label) right += sampleWeight[i];
    });
    expect(found.loss).toBeCloseTo(sum / total, 5);
    expect(found.accuracy).toBeCloseTo(right / all, 6);
    await trainer.dispose();
  });

  it('of classes train as the loss with class weights does', async () => {
    const options = { epochs: 2, batchSize: 4, shuffle: false };
    const wanted = await trained(data, options, { loss: { type: 'crossEntropy', weight: [1, 5, 0.5] } });
    for (const classWeight of [[1, 5, 0.5], { 1: 5, 2: 0.5 }]) {
      const found = await trained(data, { ...options, classWeight } as FitOptions);
      for (const [name, { data: values }] of Object.entries(found.state)) {
        values.forEach((value, i) => {
          expect(value).toBeCloseTo(wanted.state[name].data[i], 5);
        });
      }
    }
    const balanced = await trained(data, { ...options, classWeight: 'balanced', validationSplit: 0.3 });
    expect(balanced.history.epochs).toHaveLength(2);
    expect(balanced.history.epochs[1].validationLoss).toBeGreaterThan(0);
    const split = { sampleWeight: new Array(N).fill(1), validationSplit: 0.3 };
    await expect(trained(data, split)).rejects.toThrow(/validationSplit/);
  });

  it('leave regression and sums as they should be, and batches of weight 0 alone', async () => {
    const model = new nn.Linear(3, 2).initialize(1);
    const targets = X.map(([p, q]) => [q, p]);
    const trainer = make({ loss: 'mse' }, model);
    const found = await trainer.evaluate({ x: X, y: targets, sampleWeight }, { batchSize: 3 });
    const { data: output } = await trainer.predict(X);
    const each = targets.map((target, i) =>
      target.reduce((sum, t, j) => sum + (output[2 * i + j] - t) ** 2 / 2, 0),
    );
    const total = sampleWeight.reduce((a, b) => a + b, 0);
    expect(found.loss).toBeCloseTo(each.reduce((sum, e, i) => sum + sampleWeight[i] * e, 0) / total, 5);
    const before = await trainer.stateDict();
    const { epochs } = await trainer.fit(
      { x: X, y: targets, sampleWeight: new Array(N).fill(0) },
      { batchSize: 4, onNaN: 'ignore' },
    );
    expect(Number.isNaN(epochs[0].loss)).toBe(true);
    expect(await trainer.stateDict()).toEqual(before);
    await trainer.dispose();
    const sums = make({ loss: { type: 'mse', reduction: 'sum' } }, model);
    const summed = await sums.evaluate({ x: X, y: targets, sampleWeight }, { batchSize: 3 });
    expect(summed.loss).toBeCloseTo(
      each.reduce((sum, e, i) => sum + 2 * sampleWeight[i] * e, 0),
      4,
    );
    await sums.dispose();
  });

  it.each([
    [{ sampleWeight: [1] }, /sampleWeight is 1 weights.*11, one per sample/],
    [{ classWeight: [1, 2] }, /classWeight is 2 weights.*3, one per class/],
    [{ classWeight: { 5: 1 } }, /classWeight.*weight for 5.*classes 0 to 2/],
    [{ classWeight: { 1: -1 } }, /classWeight\[1\] is -1/],
    [{ classWeight: 'even' }, /classWeight is "even".*balanced/],
  ])('%j is refused', async (wrong, message) => {
    const trainer = make();
    await expect(trainer.fit(data, wrong as FitOptions)).rejects.toThrow(message);
    const ofFunction = make({ loss: (x, y) => ops.crossEntropy(x, y) });
    await expect(ofFunction.fit(data, { sampleWeight: new Array(N).fill(1) })).rejects.toThrow(
      /takes|output, target, weight/,
    );
    await trainer.dispose();
    await ofFunction.dispose();
  });
});

describe('penalties', () => {
  const factors = { l1: 0.01, l2: 0.03 };

  it('are added to the loss in training, on what they name', async () => {
    for (const loader of [data, new DataLoader(samples, { batchSize: 4 })]) {
      const trainer = make({
        regularization: [
          { ...factors, params: ['0.weight'] },
          { l2: 0.5, params: (name) => name === '2.bias' },
        ],
      });
      const options = loader === data ? { epochs: 2, batchSize: 4, shuffle: false } : { epochs: 2 };
      const losses: number[] = [];
      await trainer.fit(loader as FitData, { ...options, onStep: ({ loss }) => void losses.push(loss) });
      const model = classifier().initialize(3);
      const of = Object.fromEntries(model.namedParameters());
      const step = new TrainStep(
        device,
        ({ x, y }, graph) => {
          const w = graph.tensor(of['0.weight']);
          const b = graph.tensor(of['2.bias']);
          const penalty = ops.add(ops.mul(ops.sum(ops.abs(w)), 0.01), ops.mul(ops.sum(ops.mul(w, w)), 0.03));
          return ops.add(
            ops.crossEntropy(model.forward(x), y),
            ops.add(penalty, ops.mul(ops.sum(ops.mul(b, b)), 0.5)),
          );
        },
        { parameters: model, optimizer: { type: 'adam', lr: 0.02 }, seed: 3 },
      );
      let at = 0;
      for (let epoch = 0; epoch < 2; epoch++) {
        for (let i = 0; i < N; i += 4) {
          await step.run({ x: X.slice(i, i + 4), y: Int32Array.from(Y.slice(i, i + 4)) });
          expect((await step.read()).loss).toBeCloseTo(losses[at++], 5);
        }
      }
      await step.dispose();
      for (const [name, { data: values }] of Object.entries(await trainer.stateDict())) {
        values.forEach((value, i) => {
          expect(value).toBeCloseTo(model.stateDict()[name].data[i], 5);
        });
      }
      const plain = make({}, trainer.model);
      expect((await trainer.evaluate(data)).loss).toBe((await plain.evaluate(data)).loss);
      for (const used of [trainer, plain]) await used.dispose();
    }
  });

  it.each([
    [{ l1: -1 }, /regularization.l1 is -1/],
    [{ L2: 1 }, /L2.*Did you mean l2/],
    [[{ l2: 1, params: ['0.wieght'] }], /regularization\[0\].params is "0.wieght".*Did you mean 0.weight/],
  ])('%j is refused', async (regularization, message) => {
    const trainer = make({ regularization } as never);
    await expect(trainer.fit(data)).rejects.toThrow(message);
    await trainer.dispose();
  });
});

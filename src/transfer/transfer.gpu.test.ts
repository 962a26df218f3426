/** Weights of other models, other heads, modules in evaluation mode, distillation, gradual unfreezing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { copyOf, outputsOf, ramp } from '../../e2e/support/models';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import { ResNet } from '../models';
import * as nn from '../nn';
import { lenet } from '../spec';
import { gradualUnfreezing, Trainer } from '../train';
import { summary } from '../train/summary';
import { Distillation, layerwiseRates, loadPretrained, replaceHead, replaceModule } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('loadPretrained', () => {
  it('tells what was loaded, missing, unexpected, of another shape and skipped', () => {
    const source = new nn.Sequential({
      body: new nn.Linear(4, 3),
      head: new nn.Linear(3, 10),
      other: new nn.Linear(1, 1),
    });
    const model = new nn.Sequential({
      body: new nn.Linear(4, 3),
      head: new nn.Linear(3, 2),
      norm: new nn.LayerNorm(2),
    });
    const state = source.initialize(3).stateDict();
    const report = loadPretrained(model, state, { ignoreMismatched: true });
    expect(report).toEqual({
      loaded: ['body.weight', 'body.bias'],
      missing: ['head.weight', 'head.bias', 'norm.weight', 'norm.bias'],
      unexpected: ['other.weight', 'other.bias'],
      mismatched: [
        { name: 'head.weight', got: [10, 3], expected: [2, 3] },
        { name: 'head.bias', got: [10], expected: [2] },
      ],
      skipped: [],
    });
    expect(model.stateDict()['body.weight'].data).toEqual(state['body.weight'].data);
    expect(loadPretrained(model, state, { skip: ['head', 'o*'] }).skipped).toHaveLength(4);
  });

  it('maps names by prefix and by function, and refuses what cannot be meant', () => {
    const model = new nn.Sequential({ fc: new nn.Linear(2, 2) });
    const state = new nn.Sequential({ backbone: new nn.Linear(2, 2) }).initialize(1).stateDict();
    expect(loadPretrained(model, state, { rename: { 'backbone.': 'fc.' } }).missing).toEqual([]);
    const byFunction = (name: string) => (name.endsWith('bias') ? undefined : name.replace('backbone', 'fc'));
    expect(loadPretrained(model, state, { rename: byFunction }).loaded).toEqual(['fc.weight']);
    expect(() => loadPretrained(model, state)).toThrow(
      /loadPretrained: state is names such as backbone.weight/,
    );
    expect(() => loadPretrained(model, state, { rename: () => 'fc.bias' })).toThrow(/fc.bias|both/);
    const wider = new nn.Sequential({ fc: new nn.Linear(3, 2) }).stateDict();
    expect(() => loadPretrained(model, wider)).toThrow(/fc.weight is \[2, 3\].*ignoreMismatched/s);
    // @ts-expect-error
    expect(() => loadPretrained(model, state, { renames: {} })).toThrow(/Did you mean rename/);
  });
});

describe('replaceHead and replaceModule', () => {
  it.each([
    ['fc', () => new ResNet({ depth: 18, numClasses: 10 }), [3, 512]],
    ['1', () => new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 2)), [3, 4]],
    ['11', () => lenet(), [3, 84]],
  ])('gives a model another last layer: %s', (path, make, shape) => {
    const model = make();
    expect(replaceHead(model, 3)).toBe(path);
    expect(model.stateDict()[`${path}.weight`].shape).toEqual(shape);
  });

  it('keeps the options of a convolution, and takes a path', () => {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 3, { padding: 1, groups: 1, bias: false }),
      new nn.Conv2d(4, 8, [1, 3], { stride: 2, groups: 2 }),
    );
    replaceHead(model, 6);
    replaceHead(model, 4, { path: '0' });
    const [first, second] = [...model.namedChildren()].map(([, module]) => module as nn.Conv2d);
    expect(first.bias).toBeUndefined();
    expect(first.attrs.padding).toBe(1);
    expect(second.weight.shape).toEqual([6, 2, 1, 3]);
    expect(second.attrs).toMatchObject({ stride: 2, groups: 2 });
  });

  it('refuses what is no place', () => {
    const model = lenet();
    expect(() => replaceHead(model, 3, { path: '12' })).toThrow(/path is "12"/);
    expect(() => replaceHead(model, 0)).toThrow(/numClasses/);
    expect(() => replaceHead(new nn.Sequential(new nn.ReLU()), 3)).toThrow(/without such a layer/);
    expect(() => replaceModule(model, 'fc4', new nn.ReLU())).toThrow(/replaceModule: path/);
    // @ts-expect-error
    expect(() => replaceModule(model, '11', 3)).toThrow(/replaceModule: module/);
  });
});

describe('evalMode', () => {
  it('leaves running statistics and inputs of dropout alone while the rest is trained', async () => {
    const norm = new nn.BatchNorm1d(3);
    const model = new nn.Sequential({ norm, drop: new nn.Dropout(0.5), head: new nn.Linear(3, 1) });
    nn.evalMode(norm);
    const data = ArrayDataset.fromArrays({ x: ramp(24, 3), y: ramp(8), xShape: [3] });
    const trainer = new Trainer(device, model, { loss: 'mse', optimizer: { type: 'sgd', lr: 0.1 } });
    await trainer.fit(data, { batchSize: 4 });
    expect(model.stateDict()['norm.running_mean'].data).toEqual(new Float32Array(3));
    await trainer.dispose();
    nn.trainMode(norm);
    const again = new Trainer(device, model, { loss: 'mse', optimizer: { type: 'sgd', lr: 0.1 } });
    await again.fit(data, { batchSize: 4 });
    expect(model.stateDict()['norm.running_mean'].data).not.toEqual(new Float32Array(3));
    await again.dispose();
  });

  it('stays on a module whose model was summarized, as weight normalization does', () => {
    const linear = nn.weightNorm(new nn.Linear(3, 2));
    const model = new nn.Sequential(linear);
    for (let i = 0; i < 2; i++) expect(summary(model, [3]).parameters).toBe(10);
  });
});

describe('layerwiseRates', () => {
  it('falls from the output to the input', () => {
    const model = new nn.Sequential({
      a: new nn.Linear(2, 2),
      act: new nn.ReLU(),
      b: new nn.Linear(2, 2),
      c: new nn.Linear(2, 2),
    });
    expect(layerwiseRates(model, { lr: 1, decay: 0.5 })).toEqual([
      { params: ['a'], lr: 0.25 },
      { params: ['b'], lr: 0.5 },
      { params: ['c'], lr: 1 },
    ]);
    expect(() => layerwiseRates(model, { lr: 1, layers: ['d'] })).toThrow(/layers is "?d/);
    expect(() => layerwiseRates(model, { lr: -1 })).toThrow(/lr is -1/);
  });
});

describe('Distillation', () => {
  const data = ArrayDataset.fromArrays({
    x: ramp(60, 2),
    y: Int32Array.from({ length: 20 }, (_, i) => i % 4),
    xShape: [3],
  });
  const student = () => new nn.Sequential({ fc: new nn.Linear(3, 4) }).initialize(1);
  const teacher = () =>
    new nn.Sequential({
      body: new nn.Linear(3, 8),
      drop: new nn.Dropout(0.9),
      act: new nn.Tanh(),
      head: new nn.Linear(8, 4),
    }).initialize(2);
  const lossOf = async (model: nn.Module) => {
    const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0 } });
    const [loss] = await trainer.fitSteps(data, { steps: 1, batchSize: 20 });
    await trainer.dispose();
    return loss;
  };

  it('is (1 - alpha) times the loss plus alpha T^2 KL of the softened outputs, the teacher in evaluation mode', async () => {
    const [small, large] = [student(), teacher()];
    const [own, theirs] = [await outputsOf(device, small, data), await outputsOf(device, large, data)];
    const T = 3;
    const probabilities = (scores: Float32Array, i: number) => {
      const row = [...scores.subarray(4 * i, 4 * i + 4)].map((score) => Math.exp(score / T));
      const total = row.reduce((a, b) => a + b);
      return row.map((value) => value / total);
    };
    let kl = 0;
    for (let i = 0; i < 20; i++) {
      const [p, q] = [probabilities(theirs, i), probabilities(own, i)];
      p.forEach((value, c) => {
        kl += value * Math.log(value / q[c]);
      });
    }
    const plain = await lossOf(small);
    const distilled = new Distillation(small, large, { temperature: T, alpha: 0.7 });
    expect(await lossOf(distilled)).toBeCloseTo(0.3 * plain + (0.7 * T * T * kl) / 20, 5);
    expect(Object.keys(distilled.stateDict())).toEqual(['student.fc.weight', 'student.fc.bias']);
    const hints = new Distillation(small, large, { alpha: 0, features: { fc: 'head' }, featureWeight: 2 });
    let squares = 0;
    own.forEach((value, i) => {
      squares += (value - theirs[i]) ** 2;
    });
    expect(await lossOf(hints)).toBeCloseTo(plain + (2 * squares) / 80, 5);
  });

  it('trains the student alone, which answers in evaluation', async () => {
    const [small, large] = [student(), teacher()];
    const before = copyOf(large.stateDict());
    const model = new Distillation(small, large, { alpha: 1 });
    const trainer = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'adam', lr: 0.1 },
    });
    const { epochs } = await trainer.fit(data, { epochs: 15, batchSize: 10 });
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0].loss / 2);
    expect(epochs[0].accuracy).toBeGreaterThanOrEqual(0);
    expect((await trainer.predict(data)).data).toEqual(await outputsOf(device, small, data));
    expect(copyOf(large.stateDict())).toEqual(before);
    await trainer.dispose();
  });

  it('refuses what does not fit', async () => {
    const refuse = (options: object, message: RegExp) =>
      expect(() => new Distillation(student(), teacher(), options)).toThrow(message);
    refuse({ temperature: 0 }, /temperature is 0/);
    refuse({ alpha: 2 }, /alpha is 2/);
    refuse({ features: { fcc: 'head' } }, /"fcc".*Did you mean fc/s);
    refuse({ temp: 2 }, /temp is not an option/);
    const other = new Distillation(student(), new nn.Linear(3, 5));
    await expect(lossOf(other)).rejects.toThrow(/output of the teacher is \[20, 5\]/);
  });
});

it('gradualUnfreezing lets parts join one epoch after the other', async () => {
  const model = new nn.Sequential({
    a: new nn.Linear(3, 3),
    b: new nn.Linear(3, 3),
    c: new nn.Linear(3, 2),
  }).initialize(1);
  const data = ArrayDataset.fromArrays({ x: ramp(24), y: ramp(16), xShape: [3], yShape: [2] });
  const moved: string[] = [];
  let before = copyOf(model.stateDict());
  const trainer = new Trainer(device, model, { loss: 'mse', optimizer: { type: 'adam', lr: 0.01 } });
  const unfreezing = gradualUnfreezing(model, { stages: ['c', ['b.weight', 'b.bias'], 'a'] });
  const watch = {
    async onEpochEnd() {
      const now = await trainer.stateDict();
      const changed = Object.keys(now).filter((name) =>
        now[name].data.some((value, i) => value !== before[name].data[i]),
      );
      moved.push([...new Set(changed.map((name) => name[0]))].join(''));
      before = copyOf(now);
    },
  };
  await trainer.fit(data, { epochs: 3, batchSize: 4, callbacks: [watch, unfreezing] });
  expect(moved).toEqual(['c', 'bc', 'abc']);
  await trainer.dispose();
  expect(() => gradualUnfreezing(model, { stages: ['d'] })).toThrow(/unfreeze: d/);
});

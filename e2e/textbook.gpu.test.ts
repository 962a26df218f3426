/** Programs of deep-learning textbooks, written with the public API and trained to a stated figure. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArrayDataset,
  Distillation,
  Ensemble,
  type FitOptions,
  makeDigits,
  makeSeries,
  nn,
  ops,
  Predictor,
  type Tensor,
  Trainer,
  type TrainerOptions,
} from '../src';
import type { Device } from '../src/gpu/device';
import { Random } from '../src/random';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Trains and measures on other data. */
async function trained(
  model: nn.Module,
  data: [ArrayDataset, ArrayDataset],
  options: Partial<TrainerOptions>,
  fit: FitOptions,
) {
  const trainer = new Trainer(device, model, {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 3e-3 },
    seed: 1,
    ...options,
  });
  await trainer.fit(data[0], fit);
  const measured = await trainer.evaluate(data[1]);
  await trainer.dispose();
  return measured;
}

const digits = makeDigits({ train: 600, test: 200 });
const pair: [ArrayDataset, ArrayDataset] = [digits.train, digits.test];

it('the convolutional network of the Keras examples reads digits', async () => {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 8, 3),
    new nn.ReLU(),
    new nn.Conv2d(8, 16, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Dropout(0.25),
    new nn.Flatten(),
    new nn.Linear(16 * 12 * 12, 32),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(32, 10),
  );
  const { accuracy } = await trained(model, pair, {}, { epochs: 6, batchSize: 32 });
  expect(accuracy).toBeGreaterThan(0.9);
});

it('a convolutional network with batch norm reads digits after three epochs', async () => {
  const block = (from: number, to: number) => [
    new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  ];
  const model = new nn.Sequential(
    ...block(1, 8),
    ...block(8, 16),
    new nn.Flatten(),
    new nn.Linear(16 * 49, 10),
  );
  const { accuracy } = await trained(
    model,
    pair,
    { optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9 } },
    { epochs: 3, batchSize: 32 },
  );
  expect(accuracy).toBeGreaterThan(0.93);
});

it('a softmax MLP on one-hot targets trains a thousand steps without NaN', async () => {
  class SoftmaxMLP extends nn.Module {
    readonly hidden = new nn.Linear(784, 32);
    readonly out = new nn.Linear(32, 10);
    override forward(x: Tensor) {
      const h = ops.relu(this.hidden.forward(ops.flatten(x, { startDim: 1 })));
      return ops.softmax(this.out.forward(h), { dim: 1 });
    }
  }
  const oneHot = (data: ArrayDataset) => {
    const y = new Float32Array(data.length * 10);
    for (let i = 0; i < data.length; i++) y[10 * i + data.y[i]] = 1;
    return ArrayDataset.fromArrays({ x: data.x, y, xShape: data.xShape, yShape: [10], scale: data.scale });
  };
  // The cross entropy of probabilities, as books write it; xlogy(0, 0) is 0.
  const loss = (p: Tensor, target: Tensor) =>
    ops.neg(ops.mean(ops.sum(ops.xlogy(target, ops.clamp(p, { min: 1e-7 })), { dim: 1 })));
  const model = new SoftmaxMLP();
  const trainer = new Trainer(device, model, { loss, optimizer: { type: 'adam', lr: 0.01 }, seed: 2 });
  const losses = await trainer.fitSteps(oneHot(digits.train), { steps: 1000, batchSize: 16 });
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.slice(-20).every((value) => value < 0.05)).toBe(true);
  const { data } = await trainer.predict(digits.test);
  const right = [...digits.test.y].filter((label, i) => {
    const row = data.subarray(10 * i, 10 * i + 10);
    return row.indexOf(Math.max(...row)) === label;
  });
  expect(right.length / digits.test.length).toBeGreaterThan(0.85);
  await trainer.dispose();
});

describe('recurrent regressors', () => {
  const series = makeSeries({ kind: 'sine', length: 400, window: 12 });
  const parts: [ArrayDataset, ArrayDataset] = [series.slice(0, 320), series.slice(320)];

  class Regressor extends nn.Module {
    readonly rnn: nn.LSTM | nn.GRU;
    readonly fc = new nn.Linear(16, 1);
    constructor(Kind: typeof nn.LSTM | typeof nn.GRU) {
      super();
      this.rnn = new Kind(1, 16, { batchFirst: true });
    }
    override forward(x: Tensor) {
      const { y } = this.rnn.forward(x);
      return this.fc.forward(ops.select(y, { dim: 1, index: -1 }));
    }
  }

  it.each([
    ['LSTM', nn.LSTM],
    ['GRU', nn.GRU],
  ] as const)('%s predicts a sine to a twentieth of the error of its last value', async (_, Kind) => {
    const { loss } = await trained(
      new Regressor(Kind),
      parts,
      { loss: 'mse', optimizer: { type: 'adam', lr: 0.01 } },
      { epochs: 12, batchSize: 32 },
    );
    const { x, y, length } = parts[1];
    let last = 0;
    for (let i = 0; i < length; i++) last += (y[i] - x[12 * i + 11]) ** 2 / length;
    expect(loss).toBeLessThan(last / 20);
  });
});

/** Sequences of 4 features, whose class is the kind of wave in them. */
function waves(n: number, seed: number): ArrayDataset {
  const random = new Random(seed);
  const [T, F] = [16, 4];
  const x = new Float32Array(n * T * F);
  const y = Int32Array.from({ length: n }, (_, i) => i % 3);
  for (let i = 0; i < n; i++) {
    const phase = random.uniform(0, 6);
    for (let t = 0; t < T; t++) {
      const angle = phase + 0.8 * t;
      const wave = [Math.sin(angle), Math.sign(Math.sin(angle)), 2 * ((angle / (2 * Math.PI)) % 1) - 1][y[i]];
      for (let f = 0; f < F; f++) x[(i * T + t) * F + f] = wave * (f % 2 ? -1 : 1) + random.normal(0, 0.1);
    }
  }
  return ArrayDataset.fromArrays({ x, y, xShape: [T, F], classes: ['sine', 'square', 'saw'] });
}

describe('attention', () => {
  const data: [ArrayDataset, ArrayDataset] = [waves(240, 1), waves(90, 2)];

  it('self-attention with a residual and layer norm tells waves apart', async () => {
    class SelfAttention extends nn.Module {
      readonly embed = new nn.Linear(4, 16);
      readonly positions = new nn.LearnedPositions(16, 16);
      readonly attention = new nn.MultiheadAttention(16, 4, { batchFirst: true });
      readonly norm = new nn.LayerNorm(16);
      readonly fc = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 3));
      override forward(x: Tensor) {
        const h = this.positions.forward(this.embed.forward(x));
        const attended = this.norm.forward(ops.add(h, this.attention.forward(h)));
        return this.fc.forward(ops.mean(attended, { dim: 1 }));
      }
    }
    const { accuracy } = await trained(
      new SelfAttention(),
      data,
      { optimizer: { type: 'adam', lr: 0.01 } },
      { epochs: 15, batchSize: 24 },
    );
    expect(accuracy).toBeGreaterThan(0.8);
  });

  it('convolution, attention, their concatenation and an LSTM in one model', async () => {
    class Composite extends nn.Module {
      readonly conv = new nn.Conv1d(4, 8, 3, { padding: 1 });
      readonly attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
      readonly lstm = new nn.LSTM(16, 16, { batchFirst: true });
      readonly fc = new nn.Linear(16, 3);
      override forward(x: Tensor) {
        const turned = ops.transpose(x, { dim0: 1, dim1: 2 });
        const local = ops.transpose(ops.relu(this.conv.forward(turned)), { dim0: 1, dim1: 2 });
        const joined = ops.cat([local, this.attention.forward(local)], { dim: 2 });
        const { y } = this.lstm.forward(joined);
        return this.fc.forward(ops.select(y, { dim: 1, index: -1 }));
      }
    }
    const { accuracy } = await trained(
      new Composite(),
      data,
      { optimizer: { type: 'adam', lr: 0.01 } },
      { epochs: 12, batchSize: 24 },
    );
    expect(accuracy).toBeGreaterThan(0.9);
  });
});

it('an embedding with a bidirectional LSTM finds out whether a sequence holds a pair in order', async () => {
  const [T, V] = [10, 12];
  const make = (n: number, seed: number) => {
    const random = new Random(seed);
    const x = Float32Array.from({ length: n * T }, () => 3 + random.integer(V - 3));
    const y = Int32Array.from({ length: n }, (_, i) => i % 2);
    // Both classes hold 1 and 2: in one 1 comes first.
    for (let i = 0; i < n; i++) {
      const first = random.integer(T - 1);
      const second = first + 1 + random.integer(T - 1 - first);
      x[i * T + first] = y[i] ? 1 : 2;
      x[i * T + second] = y[i] ? 2 : 1;
    }
    return ArrayDataset.fromArrays({ x, y, xShape: [T], classes: ['2 first', '1 first'] });
  };
  class Classifier extends nn.Module {
    readonly embedding = new nn.Embedding(V, 8);
    readonly lstm = new nn.LSTM(8, 12, { batchFirst: true, bidirectional: true });
    readonly fc = new nn.Linear(24, 2);
    override forward(x: Tensor) {
      const { hn } = this.lstm.forward(this.embedding.forward(x));
      const [forwards, backwards] = [0, 1].map((index) => ops.select(hn, { dim: 0, index }));
      return this.fc.forward(ops.cat([forwards, backwards], { dim: 1 }));
    }
  }
  const { accuracy } = await trained(
    new Classifier(),
    [make(300, 1), make(100, 2)],
    { optimizer: { type: 'adam', lr: 0.02 } },
    { epochs: 12, batchSize: 30 },
  );
  expect(accuracy).toBeGreaterThan(0.95);
});

it('fine-tuning leaves every bit of frozen convolutions and their batch norm, with weight decay', async () => {
  const features = new nn.Sequential(
    new nn.Conv2d(1, 6, 3, { padding: 1 }),
    new nn.BatchNorm2d(6),
    new nn.ReLU(),
    new nn.MaxPool2d(4),
  );
  const model = new nn.Sequential({ features, flat: new nn.Flatten(), head: new nn.Linear(6 * 49, 10) });
  await trained(model, pair, {}, { epochs: 1, batchSize: 32 });
  const before = new Map(Object.entries(model.stateDict()).map(([name, { data }]) => [name, data.slice()]));
  model.freeze('features');
  nn.evalMode(features);
  const { accuracy } = await trained(
    model,
    pair,
    { optimizer: { type: 'adamW', lr: 5e-3, weightDecay: 0.1 } },
    { epochs: 4, batchSize: 32 },
  );
  for (const [name, { data }] of Object.entries(model.stateDict())) {
    if (name.startsWith('features')) expect(data, name).toEqual(before.get(name));
    else expect(data, name).not.toEqual(before.get(name));
  }
  expect(accuracy).toBeGreaterThan(0.85);
});

describe('several models', () => {
  const net = (hidden: number) =>
    new nn.Sequential(new nn.Flatten(), new nn.Linear(784, hidden), new nn.ReLU(), new nn.Linear(hidden, 10));

  it('a student that a teacher teaches reads digits nearly as well', async () => {
    const teacher = net(64);
    const { accuracy: best } = await trained(teacher, pair, {}, { epochs: 8, batchSize: 32 });
    const student = net(10);
    await trained(
      new Distillation(student, teacher, { temperature: 3, alpha: 0.8 }),
      pair,
      {},
      { epochs: 10, batchSize: 32 },
    );
    const measured = await trained(
      student,
      pair,
      { optimizer: { type: 'sgd', lr: 0 } },
      { epochs: 1, batchSize: 32 },
    );
    expect(measured.accuracy).toBeGreaterThan(best! - 0.1);
  });

  it.each(['average', 'softVoting', 'hardVoting', 'stacking'] as const)(
    'an ensemble by %s is better than chance and its own mean',
    async (combine) => {
      const head = combine === 'stacking' ? new nn.Linear(30, 10) : undefined;
      const members = [net(8), net(10), net(12)];
      const model = new Ensemble(members, { combine, head });
      const { accuracy } = await trained(
        model,
        pair,
        { optimizer: { type: 'adam', lr: 5e-3 } },
        { epochs: 5, batchSize: 32 },
      );
      const alone = await Promise.all(
        members.map(async (member) => {
          const predictor = new Predictor(device, member);
          const { data } = await predictor.predict(digits.test);
          predictor.dispose();
          return (
            [...digits.test.y].filter((label, i) => {
              const row = data.subarray(10 * i, 10 * i + 10);
              return row.indexOf(Math.max(...row)) === label;
            }).length / digits.test.length
          );
        }),
      );
      expect(accuracy).toBeGreaterThanOrEqual(alone.reduce((sum, value) => sum + value / 3, 0) - 0.01);
      expect(accuracy).toBeGreaterThan(0.75);
    },
  );
});

/** Metrics of evaluations: numbers counted by hand, the same however the data is divided into batches. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import * as nn from '../../nn';
import * as ops from '../../ops';
import { type MetricSpec, Trainer, type TrainerOptions } from '..';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** What a model that gives its inputs back is worth, in batches that leave a smaller one, and in one. */
async function evaluated(
  loss: TrainerOptions['loss'],
  x: unknown,
  y: unknown,
  metrics: readonly MetricSpec[],
  slope = 1,
): Promise<Record<string, any>> {
  const model = new nn.PReLU(1, { init: 1 });
  model.weight.data = Float32Array.of(slope);
  const trainer = new Trainer(device, model, { loss, optimizer: { type: 'sgd', lr: 0 } });
  try {
    const data = ArrayDataset.fromArrays({ x, y } as Parameters<typeof ArrayDataset.fromArrays>[0]);
    const plain = await trainer.evaluate(data);
    const whole = await trainer.evaluate(data, { metrics });
    const { metrics: _, ...rest } = whole;
    expect(rest).toEqual(plain);
    const parts = await trainer.evaluate(data, { metrics, batchSize: 2 });
    for (const [name, value] of Object.entries(whole.metrics!)) {
      const [a, b] = [value, parts.metrics![name]].map((one) => [one].flat(2) as number[]);
      expect(a.length).toBe(b.length);
      a.forEach((number, i) => {
        if (Number.isNaN(number)) expect(b[i]).toBeNaN();
        else expect(b[i]).toBeCloseTo(number, 5);
      });
    }
    return parts.metrics!;
  } finally {
    await trainer.dispose();
  }
}

// Classes 2, 1, 0, 0, 1 are given.
const scores = [
  [1, 0, 2, -1],
  [0, 3, 1, 2],
  [5, 4, 3, 0],
  [2, 1, 0, 1.5],
  [0, 1, 0.5, 0.25],
];
const labels = Int32Array.of(2, 2, 0, 1, 1);
const METRICS = [
  'top1',
  'top2',
  'top3',
  'precision',
  'recall',
  'f1',
  'f1Micro',
  'f1PerClass',
  'confusionMatrix',
];

describe('classes', () => {
  it('counts hits, precision and recall', async () => {
    const oneHot = Array.from(labels, (label) => [0, 1, 2, 3].map((c) => Number(c === label)));
    for (const y of [labels, oneHot]) {
      const found = await evaluated('crossEntropy', scores, y, METRICS);
      // The right classes are 1st, 3rd, 1st, 3rd and 1st.
      expect(found.top1).toBeCloseTo(3 / 5, 6);
      expect(found.top2).toBeCloseTo(3 / 5, 6);
      expect(found.top3).toBe(1);
      expect(found.confusionMatrix).toEqual([
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
      ]);
      // The fourth class neither occurs nor is given.
      expect(found.precision).toBeCloseTo((1 / 2 + 1 / 2 + 1) / 3, 6);
      expect(found.recall).toBeCloseTo((1 + 1 / 2 + 1 / 2) / 3, 6);
      expect(found.f1).toBeCloseTo((2 / 3 + 1 / 2 + 2 / 3) / 3, 6);
      expect(found.f1Micro).toBeCloseTo(3 / 5, 6);
      expect(found.f1PerClass).toEqual([2 / 3, 1 / 2, 2 / 3, 0]);
    }
  });

  it('weighs classes by how often they are right, and intersects', async () => {
    const found = await evaluated('crossEntropy', scores, labels, [
      'f1Weighted',
      'iou',
      'iouMicro',
      'iouPerClass',
      'precisionWeighted',
    ]);
    // sklearn's f1_score, jaccard_score and precision_score.
    expect(found.f1Weighted).toBeCloseTo((2 / 3 + 2 * (1 / 2) + 2 * (2 / 3)) / 5, 6);
    expect(found.precisionWeighted).toBeCloseTo((1 / 2 + 2 * (1 / 2) + 2 * 1) / 5, 6);
    expect(found.iouPerClass).toEqual([1 / 2, 1 / 3, 1 / 2, 0]);
    expect(found.iou).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 2) / 3, 6);
    expect(found.iouMicro).toBeCloseTo(3 / 7, 6);
  });

  it('ranks scores: ties count half, classes without right or wrong answers do not', async () => {
    const binary = await evaluated(
      'bceWithLogits',
      [[0.1], [0.4], [0.35], [0.8], [0.4]],
      [[0], [0], [1], [1], [1]],
      ['auc', 'aucPerClass', 'averagePrecision'],
    );
    // Pairs: 0.35 above 0.1; 0.8 above both; 0.4 above 0.1 and equal to 0.4.
    expect(binary.auc).toBeCloseTo((1 + 2 + 1.5) / 6, 6);
    expect(binary.aucPerClass).toHaveLength(1);
    expect(binary.averagePrecision).toBeCloseTo((1 * 1) / 3 + (1 / 3) * (2 / 3) + (1 / 3) * (3 / 4), 6);
    const two = scores.map(([a, b, c]) => [a, b, c]);
    const found = await evaluated('crossEntropy', two, Int32Array.of(2, 1, 0, 0, 1), ['auc', 'aucPerClass']);
    const soft = two.map((row) => {
      const sum = row.reduce((all, s) => all + Math.exp(s), 0);
      return row.map((s) => Math.exp(s) / sum);
    });
    const area = (c: number) => {
      let [won, pairs] = [0, 0];
      [2, 1, 0, 0, 1].forEach((a, i) => {
        [2, 1, 0, 0, 1].forEach((b, j) => {
          if (a !== c || b === c) return;
          pairs++;
          won += soft[i][c] > soft[j][c] ? 1 : soft[i][c] === soft[j][c] ? 0.5 : 0;
        });
      });
      return won / pairs;
    };
    [0, 1, 2].forEach((c) => {
      expect(found.aucPerClass[c]).toBeCloseTo(area(c), 6);
    });
    expect(found.auc).toBeCloseTo((area(0) + area(1) + area(2)) / 3, 6);
    const ignoring = { type: 'crossEntropy', ignoreIndex: 2 };
    const part = await evaluated(ignoring, two, Int32Array.of(2, 1, 0, 0, 1), ['aucPerClass']);
    expect(part.aucPerClass[2]).toBeNaN();
    expect(part.aucPerClass[0]).toBeGreaterThan(0);
  });

  it('may be of one’s own, of sums over all batches', async () => {
    const errors = {
      name: 'relativeError',
      sums: (output: Tensor, target: Tensor) =>
        ops.stack([ops.sum(ops.abs(ops.sub(output, target))), ops.sum(ops.abs(target))]),
      value: ([error, all]: Float64Array) => error / all,
    };
    const found = await evaluated('mse', [[1], [2], [4]], [[2], [2], [1]], [errors, 'mae']);
    expect(found.relativeError).toBeCloseTo(4 / 5, 6);
    await expect(evaluated('mse', [[1]], [[1]], [{ name: 'odd' } as never])).rejects.toThrow(
      /sums\(output, target\)/,
    );
  });

  it('leaves out what the loss ignores', async () => {
    const loss = { type: 'crossEntropy', ignoreIndex: 2 };
    const found = await evaluated(loss, scores, labels, ['top1', 'confusionMatrix', 'perplexity']);
    expect(found.top1).toBeCloseTo(2 / 3, 6);
    expect(found.confusionMatrix.slice(0, 3)).toEqual([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
    const nll = [2, 3, 4].map(
      (n) => Math.log(scores[n].reduce((sum, s) => sum + Math.exp(s), 0)) - scores[n][labels[n]],
    );
    expect(found.perplexity).toBeCloseTo(Math.exp((nll[0] + nll[1] + nll[2]) / 3), 4);
  });

  it('ties with the target do not come before it, NaN does', async () => {
    // What is negative becomes NaN.
    const x = [
      [1, 1, 1],
      [-1, 0.5, 0.25],
      [0.5, -1, 5],
    ];
    const y = Int32Array.of(2, 1, 1);
    expect(await evaluated('crossEntropy', x, y, ['top1', 'top2'], Number.NaN)).toEqual({
      top1: expect.closeTo(1 / 3, 6),
      top2: expect.closeTo(2 / 3, 6),
    });
  });
});

describe('yes and no', () => {
  it('one label has the scores of yes', async () => {
    // Yes, no, no, yes, yes for yes, no, yes, no, yes.
    const x = [[2], [-1], [-3], [1], [4]];
    const metrics = ['precision', 'recall', 'f1', 'confusionMatrix'];
    expect(await evaluated('bceWithLogits', x, [1, 0, 1, 0, 1], metrics)).toEqual({
      precision: 2 / 3,
      recall: 2 / 3,
      f1: 2 / 3,
      confusionMatrix: [
        [1, 1],
        [1, 2],
      ],
    });
  });

  it('several labels are averaged over all of them', async () => {
    const x = [
      [1, -1, -1],
      [1, 1, -1],
      [-1, 1, -1],
    ];
    const y = [
      [1, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
    ];
    const found = await evaluated('bceWithLogits', x, y, ['recall', 'precisionMicro', 'precisionPerClass']);
    expect(found.recall).toBeCloseTo((1 + 2 / 3 + 0) / 3, 6);
    expect(found.precisionMicro).toBeCloseTo(3 / 4, 6);
    expect(found.precisionPerClass).toEqual([1 / 2, 1, 0]);
  });
});

describe('numbers', () => {
  it('has errors and explained variance, also far from zero', async () => {
    const x = [[10001], [10002.5], [10003], [10003], [10006]];
    const y = [10001, 10002, 10003, 10004, 10005];
    const found = await evaluated('mse', x, y, ['mae', 'mse', 'rmse', 'r2']);
    expect(found.mae).toBeCloseTo(2.5 / 5, 6);
    expect(found.mse).toBeCloseTo(2.25 / 5, 6);
    expect(found.rmse).toBeCloseTo(Math.sqrt(2.25 / 5), 6);
    expect(found.r2).toBeCloseTo(1 - 2.25 / 10, 5);
  });

  it('averages outputs; targets that are all the same are met or not', async () => {
    const x = [
      [1, 5, 7],
      [2, 5, 7],
      [5, 5, 8],
    ];
    const y = [
      [1, 5, 7],
      [3, 5, 7],
      [5, 5, 7],
    ];
    expect((await evaluated('mse', x, y, ['r2'])).r2).toBeCloseTo((1 - 1 / 8 + 1 + 0) / 3, 6);
  });

  it('takes functions of output and target', async () => {
    const bias = (output: Tensor, target: Tensor) => ops.mean(ops.sub(output, target));
    const x = [[1], [2], [6]];
    const found = await evaluated('mse', x, [0, 0, 0], [bias, 'mae']);
    expect(found).toEqual({ bias: expect.closeTo(3, 6), mae: expect.closeTo(3, 6) });
  });
});

it('fit measures on the validation data after every epoch, and keeps it in checkpoints', async () => {
  const data = ArrayDataset.fromArrays({ x: scores, y: labels });
  const make = () =>
    new Trainer(device, new nn.PReLU(1, { init: 1 }), {
      loss: 'crossEntropy',
      optimizer: { type: 'sgd', lr: 0 },
    });
  const trainer = make();
  const options = { batchSize: 2, validation: data, metrics: ['top2', 'confusionMatrix'] };
  const { epochs } = await trainer.fit(data, { ...options, epochs: 2 });
  const { metrics } = await trainer.evaluate(data, { metrics: options.metrics });
  expect(epochs.map(({ validationMetrics }) => validationMetrics)).toEqual([metrics, metrics]);
  const file = await trainer.checkpoint();
  const other = make();
  const resumed = await other.fit(data, { ...options, epochs: 3, resume: file });
  expect(resumed.epochs.map(({ validationMetrics }) => validationMetrics)).toEqual([
    metrics,
    metrics,
    metrics,
  ]);
  await expect(trainer.fit(data, { metrics: ['top2'] })).rejects.toThrow(/metrics .*validation/);
  await expect(trainer.fit(data, { validation: data, metrics: ['top2', 'f3'] })).rejects.toThrow(/"f3"/);
  await Promise.all([trainer.dispose(), other.dispose()]);
});

const each = (output: Tensor) => output;
it.each<[TrainerOptions['loss'], readonly MetricSpec[], RegExp]>([
  ['mse', ['f2'], /metrics is "f2"; expected one of top5, .*f1/],
  ['mse', ['top0'], /metrics is "top0"/],
  ['mse', ['mae', 'mae'], /mae twice/],
  ['mse', ['f1'], /f1 for a loss or targets that it is not defined for; expected class indices/],
  ['mse', ['perplexity'], /perplexity for a loss/],
  ['mse', [(output) => output], /a function without a name/],
  ['mse', [each], /each, which gives \[2, 1\], .*one number per batch/],
  ['mse', 'f1' as never, /metrics is "f1"; expected a list/],
  ['crossEntropy', ['mae'], /mae for a loss/],
])('%s refuses %j', async (loss, metrics, message) => {
  const [x, y] =
    loss === 'mse'
      ? [
          [[1], [2]],
          [1, 2],
        ]
      : [scores, labels];
  await expect(evaluated(loss, x, y, metrics)).rejects.toThrow(message);
});

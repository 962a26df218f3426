/** Accuracy without being asked for: what is right depends on the loss and its targets. Numbers are counted by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import type { LossSpec } from './loss';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

type Rows = readonly (number | readonly number[])[];

/** Accuracies of an epoch, a validation, an evaluation and single steps of a model that gives its inputs back, in batches of 2. */
async function accuracies(loss: LossSpec, x: Rows, y: unknown, yShape?: number[]) {
  const model = new nn.PReLU(1, { init: 1 });
  const trainer = new Trainer(device, model, { loss, optimizer: { type: 'sgd', lr: 0 } });
  try {
    const data = ArrayDataset.fromArrays({ x, y, yShape } as Parameters<typeof ArrayDataset.fromArrays>[0]);
    const steps: (number | undefined)[] = [];
    const onStep = ({ accuracy }: { accuracy?: number }) => steps.push(accuracy);
    const { epochs } = await trainer.fit(data, { batchSize: 2, shuffle: false, validation: data, onStep });
    const { accuracy } = await trainer.evaluate(data, { batchSize: 2 });
    return { all: [epochs[0].accuracy, epochs[0].validationAccuracy, accuracy], steps };
  } finally {
    await trainer.dispose();
  }
}

/** The same number from everywhere. */
async function expectAccuracy(expected: number, ...run: Parameters<typeof accuracies>) {
  for (const found of (await accuracies(...run)).all) expect(found).toBeCloseTo(expected, 6);
}

const scores = [
  [2, 1, 0],
  [0, 3, 1],
  [1, 0, 2],
  [5, 4, 3],
  [0, 0, 1],
];
// Right, right, wrong, wrong, right.
const labels = [0, 1, 0, 1, 2];
const oneHot = labels.map((label) => [0, 1, 2].map((c) => Number(c === label)));

describe('classes', () => {
  it('counts indices, one-hot vectors of floats and of whole numbers, and probabilities alike', async () => {
    const flat = Int32Array.from(oneHot.flat());
    const soft = oneHot.map((row) => row.map((p) => 0.1 + 0.7 * p));
    for (const y of [Int32Array.from(labels), oneHot, soft]) {
      await expectAccuracy(3 / 5, 'crossEntropy', scores, y);
    }
    expect((await accuracies('crossEntropy', scores, flat, [3])).steps).toEqual([1, 0, 1]);
    expect((await accuracies('crossEntropy', scores, oneHot)).steps).toEqual([1, 0, 1]);
  });

  it('takes classes of positions along dim 1, and along the last dim for categoricalHinge', async () => {
    // [N, 2 classes, 3 positions], right at 2 + 1 + 3 positions.
    const x = [
      [
        [1, 0, 1],
        [0, 1, 0],
      ],
      [
        [1, 1, 1],
        [0, 0, 0],
      ],
      [
        [0, 0, 1],
        [1, 1, 0],
      ],
    ];
    const y = [
      [
        [1, 0, 0],
        [0, 1, 1],
      ],
      [
        [1, 0, 0],
        [0, 1, 1],
      ],
      [
        [0, 0, 1],
        [1, 1, 0],
      ],
    ];
    await expectAccuracy(6 / 9, 'crossEntropy', x as never, y);
    await expectAccuracy(3 / 5, 'categoricalHinge', scores, oneHot);
    // One position per sample, so that dim 1 has no classes.
    await expectAccuracy(1, 'categoricalHinge', [[[1, 2, 3]], [[3, 2, 1]]] as never, [
      [[0, 0, 1]],
      [[1, 0, 0]],
    ]);
  });
});

describe('yes and no', () => {
  const answers = [1, 0, 1, 0, 1];

  it('compares probabilities with 0.5, in every form of target', async () => {
    // Yes, no, no, yes, no for exactly 0.5: right, right, wrong, wrong, wrong.
    const x = [[0.9], [0.2], [0.4], [0.6], [0.5]];
    for (const y of [answers, answers.map((value) => [value]), Int32Array.from(answers)]) {
      await expectAccuracy(2 / 5, 'bce', x, y);
    }
    expect((await accuracies('binaryCrossEntropy', x, answers)).steps).toEqual([1, 0, 0]);
  });

  it.each(['bceWithLogits', 'multilabelSoftMargin', { type: 'sigmoidFocal', reduction: 'mean' }])(
    '%j compares logits with 0, label by label',
    async (loss) => {
      const x = [
        [0.3, -2],
        [0.4, 0.1],
        [-1, -1],
        [0, 2],
        [3, -3],
      ];
      const y = [
        [1, 0],
        [0, 1],
        [1, 1],
        [0, 0],
        [1, 1],
      ];
      // 2 + 1, 0 + 1, 1 of 2 each.
      await expectAccuracy(5 / 10, loss as LossSpec, x, y);
      expect((await accuracies(loss as LossSpec, x, y)).steps).toEqual([0.75, 0.25, 0.5]);
    },
  );

  it.each(['hinge', 'squaredHinge', 'softMargin'])('%s compares margins with 0', async (loss) => {
    const x = [[0.3], [-2], [-0.4], [0.1], [7]];
    for (const y of [answers, answers.map((value) => 2 * value - 1)]) {
      await expectAccuracy(3 / 5, loss, x, y);
    }
  });

  it('NaN is never right', async () => {
    const model = new nn.PReLU(1);
    const trainer = new Trainer(device, model, { loss: 'bceWithLogits', optimizer: { type: 'sgd', lr: 0 } });
    model.weight.data = new Float32Array([Number.NaN]);
    const data = ArrayDataset.fromArrays({ x: [[1], [-1], [-1]], y: [1, 0, 1] });
    expect(await trainer.evaluate(data)).toEqual({ loss: Number.NaN, accuracy: 1 / 3 });
    await trainer.dispose();
  });
});

it.each(['mse', 'l1', 'huber', 'logCosh', 'poissonNll', 'hingeEmbedding', 'klDiv'])(
  '%s has none',
  async (loss) => {
    const { all, steps } = await accuracies(loss, [[0.5], [1], [0.25]], [[0.5], [1], [1]]);
    expect([...all, ...steps].filter((value) => value !== undefined)).toEqual([]);
  },
);

it('lists of labels, which end with -1, have a loss and no accuracy', async () => {
  const y = [
    [2, -1, 0],
    [0, 1, -1],
  ];
  expect((await accuracies('multilabelMargin', scores.slice(0, 2), y)).steps).toEqual([undefined]);
});

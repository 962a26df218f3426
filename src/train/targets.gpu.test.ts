/** Targets beside outputs: what means the same trains the same, what does not is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset, type ArrayDatasetInit } from '../data';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { Graph, type Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { Trainer, type TrainerOptions } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const x = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/** Losses of two steps of a layer with known weights. */
async function losses(
  init: Partial<ArrayDatasetInit>,
  loss: TrainerOptions['loss'],
  outputs = 1,
): Promise<number[]> {
  const model = new nn.Linear(2, outputs);
  model.weight.data = new Float32Array(2 * outputs).fill(0.5);
  model.bias!.data = new Float32Array(outputs).fill(0.25);
  const trainer = new Trainer(device, model, { loss, optimizer: { type: 'sgd', lr: 0.1 } });
  try {
    const data = ArrayDataset.fromArrays({ x, y: [], ...init } as ArrayDatasetInit);
    const run = await trainer.fitSteps(data, { steps: 2, batchSize: 4 });
    expect(await trainer.evaluate(data)).toMatchObject({ loss: expect.any(Number) });
    return run;
  } finally {
    await trainer.dispose();
  }
}

describe('one number for each sample', () => {
  it.each(['mse', 'l1', 'smoothL1', 'huber', 'bceWithLogits', 'poissonNll', 'softMargin', 'hingeEmbedding'])(
    '%s takes it in every form',
    async (loss) => {
      const values = [0, 1, 1, 0];
      const [first, ...others] = await Promise.all([
        losses({ y: Float32Array.from(values), yShape: [1] }, loss),
        losses({ y: Float32Array.from(values) }, loss),
        losses({ y: Int32Array.from(values) }, loss),
        losses({ y: values }, loss),
        losses({ y: values.map((value) => [value]) }, loss),
        losses({ y: Uint8Array.from(values), classes: ['no', 'yes'] }, loss),
      ]);
      for (const other of others) expect(other).toEqual(first);
    },
  );

  it('has the mean squared error of PyTorch', async () => {
    // Outputs 0.25, 0.75, 0.75, 1.25 for 0, 1, 1, 0: (1/16 + 1/16 + 1/16 + 25/16) / 4.
    const [first] = await losses({ y: [0, 1, 1, 0] }, 'mse');
    expect(first).toBeCloseTo(28 / 64, 6);
  });

  it('is refused where there are several outputs, or targets', async () => {
    await expect(losses({ y: [0, 1, 1, 0] }, 'mse', 4)).rejects.toThrow(
      /mseLoss: target is \[4\] for the model's output \[4, 4\]; expected one target for each output.*yShape \[4\]/,
    );
    const y = new Float32Array(12);
    await expect(losses({ y, yShape: [3] }, 'l1')).rejects.toThrow(/l1Loss: target is \[4, 3\] .* \[4, 1\]/);
    await expect(losses({ y, yShape: [3] }, 'bce', 2)).rejects.toThrow(/\[4, 3\] .* \[4, 2\]/);
  });
});

it('whole one-hot targets are probabilities', async () => {
  const oneHot = await losses(
    {
      y: [
        [1, 0],
        [0, 1],
        [0, 1],
        [1, 0],
      ],
    },
    'crossEntropy',
    2,
  );
  expect(oneHot).toEqual(await losses({ y: [0, 1, 1, 0] }, 'crossEntropy', 2));
});

describe('ops', () => {
  const graph = new Graph();
  const column = graph.input('column', [5, 1]);
  const row = graph.input('row', [5]);
  it.each([
    ops.mseLoss,
    ops.l1Loss,
    ops.smoothL1Loss,
    ops.huberLoss,
    ops.klDiv,
    ops.poissonNllLoss,
    ops.softMarginLoss,
    ops.hingeEmbeddingLoss,
    ops.binaryCrossEntropy,
    ops.binaryCrossEntropyWithLogits,
    ops.multilabelSoftMarginLoss,
  ] as ((x: Tensor, target: Tensor) => Tensor)[])('%# pair no values all with all', (loss) => {
    for (const [output, target] of [
      [column, row],
      [row, column],
    ]) {
      expect(() => loss(output, target)).toThrow(GradloomError);
      expect(() => loss(output, target)).toThrow(/target is .*\[5(, 1)?\].*expected the shape of x/);
    }
  });

  it('broadcast where shapes say so', () => {
    expect(ops.mseLoss(column, 0.5, { reduction: 'none' }).shape).toEqual([5, 1]);
    expect(
      ops.mseLoss(graph.input('pairs', [5, 3]), graph.input('one', [3]), { reduction: 'none' }).shape,
    ).toEqual([5, 3]);
    expect(() => ops.gaussianNllLoss(column, row, column)).toThrow(/would be paired to \[5, 5\]/);
    expect(() => ops.marginRankingLoss(column, row, 1)).toThrow(/x2 is \[5\] beside \[5, 1\]/);
  });
});

/** Class scores first or last: the same loss, whether the trainer is told or finds out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import type { LossSpec } from './loss';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const POSITIONS = 5;

/** Loss of a tagger with `classes` scores per position. */
async function lossOf(model: nn.Module, classes: number, classesLast?: boolean): Promise<number> {
  const data = ArrayDataset.fromArrays({
    x: Float32Array.from({ length: 3 * POSITIONS * 2 }, (_, i) => Math.sin(i)),
    xShape: [POSITIONS, 2],
    y: Int32Array.from({ length: 3 * POSITIONS }, (_, i) => (i * 7) % classes),
    yShape: [POSITIONS],
    classCount: classes,
  });
  const options = { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0 }, classesLast } as const;
  const trainer = new Trainer(device, model, options);
  const [loss] = await trainer.fitSteps(data, { steps: 1, batchSize: 3 });
  await trainer.dispose();
  return loss;
}

it.each([4, POSITIONS])('takes the scores of a linear layer last, with %i classes', async (classes) => {
  const model = new nn.Sequential(new nn.Linear(2, classes));
  const told = await lossOf(model, classes, true);
  expect(await lossOf(model, classes)).toBe(told);
});

it('takes the second dim where the shapes fit both ways and the model does not say', async () => {
  const model = new nn.Sequential(new nn.Linear(2, POSITIONS), new nn.Identity());
  const first = await lossOf(model, POSITIONS, false);
  expect(await lossOf(model, POSITIONS)).toBe(first);
  expect(await lossOf(model, POSITIONS, true)).not.toBe(first);
});

describe('padding', () => {
  // Texts of 1 to 4 tokens, of which the model finds every label: the class is the token.
  const LENGTHS = [1, 4, 2, 3, 1];
  const [T, CLASSES] = [4, 3];
  const texts = LENGTHS.map((length, n) => Array.from({ length }, (_, t) => (n + t) % CLASSES));
  const dataset = (texts: readonly number[][], padding: number) =>
    ArrayDataset.fromArrays({
      x: Float32Array.from(texts.flatMap((text) => row(text, 0).flatMap((c) => oneHot(c)))),
      xShape: [T, CLASSES],
      y: Int32Array.from(texts.flatMap((text) => row(text, padding))),
      yShape: [T],
    });
  const row = (text: readonly number[], padding: number) =>
    Array.from({ length: T }, (_, t) => text[t] ?? padding);
  const oneHot = (c: number) => Array.from({ length: CLASSES }, (_, i) => Number(i === c));

  /** A linear layer that scores token c as class c, except that it takes class 2 for class 0. */
  async function trainerOf(loss: LossSpec) {
    const trainer = new Trainer(device, new nn.Sequential(new nn.Linear(CLASSES, CLASSES + 1)), {
      loss,
      optimizer: { type: 'sgd', lr: 0 },
      classesLast: true,
    });
    const weight = [5, 0, 5, 0, 5, 0, 0, 0, 0, 0, 0, 0];
    trainer.loadStateDict({
      '0.weight': { shape: [CLASSES + 1, CLASSES], data: Float32Array.from(weight) },
      '0.bias': { shape: [CLASSES + 1], data: new Float32Array(CLASSES + 1) },
    });
    return trainer;
  }

  it.each([
    ['by default', 'crossEntropy', -100],
    ['by ignoreIndex', { type: 'crossEntropy', ignoreIndex: CLASSES }, CLASSES],
    ['by ignoreIndex out of range', { type: 'crossEntropy', ignoreIndex: 255 }, 255],
  ] as const)('does not count, %s', async (_, loss, padding) => {
    const trainer = await trainerOf(loss);
    const tokens = texts.flat();
    const right = tokens.filter((token) => token !== 2).length / tokens.length;
    // Softmax of one score of 5 and three of 0.
    const high = -Math.log(Math.exp(5) / (Math.exp(5) + 3));
    const mean = right * high + (1 - right) * (high + 5);
    const data = dataset(texts, padding);
    for (const batchSize of [5, 2, 1]) {
      const { loss, accuracy } = await trainer.evaluate(data, { batchSize });
      expect(accuracy, `batches of ${batchSize}`).toBeCloseTo(right, 6);
      expect(loss, `batches of ${batchSize}`).toBeCloseTo(mean, 5);
    }
    const steps: (number | undefined)[] = [];
    const { epochs } = await trainer.fit(data, {
      batchSize: 2,
      shuffle: false,
      onStep: ({ accuracy }) => steps.push(accuracy),
    });
    expect(epochs[0].accuracy).toBeCloseTo(right, 6);
    expect(epochs[0].loss).toBeCloseTo(mean, 5);
    const batches = [texts.slice(0, 2), texts.slice(2, 4), texts.slice(4)].map((batch) => batch.flat());
    batches.forEach((batch, i) => {
      expect(steps[i]).toBeCloseTo(batch.filter((token) => token !== 2).length / batch.length, 6);
    });
    await trainer.dispose();
  });

  it('leaves batches of nothing else out', async () => {
    const trainer = await trainerOf('crossEntropy');
    const { loss, accuracy } = await trainer.evaluate(dataset([[0], []], -100), { batchSize: 1 });
    expect(accuracy).toBe(1);
    expect(loss).toBeLessThan(0.1);
    await trainer.dispose();
  });

  it('is refused where the loss counts it', async () => {
    const trainer = await trainerOf({ type: 'crossEntropy', ignoreIndex: 0 });
    await expect(trainer.evaluate(dataset(texts, -100))).rejects.toThrow(
      /label of sample 0 .* is -100; expected 0 to 3/,
    );
    await trainer.dispose();
  });
});

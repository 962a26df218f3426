/** Inputs for which an embedding has no row are refused before training. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const train = async (x: number[], maxLength = 4) => {
  const model = new nn.Sequential(
    new nn.Embedding(5, 4),
    new nn.LearnedPositions(maxLength, 4),
    new nn.Flatten(),
    new nn.Linear(16, 2),
  );
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam' } });
  const data = ArrayDataset.fromArrays({ x: Float32Array.from(x), xShape: [4], y: Int32Array.of(0, 1) });
  try {
    return await trainer.fitSteps(data, { steps: 1, batchSize: 2 });
  } finally {
    await trainer.dispose();
  }
};

describe('tokens', () => {
  it('in the vocabulary train', async () => {
    expect((await train([0, 1, 2, 3, 4, 3, 2, 1]))[0]).toBeGreaterThan(0);
  });

  it.each([5, -1, 1.5])('%s is refused with its place', async (token) => {
    await expect(train([0, 1, 2, 3, 4, 3, token, 1])).rejects.toThrow(
      /token 2 of sample 1 of .* is (5|-1|1\.5); expected a whole number from 0 to 4.*5 rows/,
    );
  });

  it('beyond the learned positions are refused', async () => {
    await expect(train([0, 1, 2, 3, 4, 3, 2, 1], 3)).rejects.toThrow(
      /sequence of 4 positions; expected 1 to 3/,
    );
  });
});

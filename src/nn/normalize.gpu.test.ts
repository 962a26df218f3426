import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import { fromSpec } from '../spec';
import { predict } from '../train/predictor';
import * as nn from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

it('normalizes plain inputs with the statistics of the training part, which travel with spec and weights', async () => {
  const train = ArrayDataset.fromArrays({
    x: [
      [[1], [3]],
      [[5], [7]],
    ],
    y: [0, 1],
  });
  const { mean, std } = train.statistics();
  const fitted = new nn.Sequential(new nn.Normalize({ mean, std }), new nn.Flatten());
  const { data } = await predict(device, fitted, train);
  expect(Array.from(data)).toEqual([-1, -1, 1, 1]);
  const loaded = fromSpec({
    type: 'sequential',
    layers: [{ type: 'normalize', mean: [0, 0], std: [1, 1] }, { type: 'flatten' }],
  });
  loaded.loadStateDict(fitted.stateDict());
  expect((await predict(device, loaded, train)).data).toEqual(data);
  expect(fitted.parameters()).toEqual([]);
  const image = new nn.Normalize({ mean: 0.5, std: 0.5 });
  expect(Array.from((await predict(device, image, [[[[0, 1]]]])).data)).toEqual([-1, 1]);
});

it('refuses statistics that cannot be', () => {
  expect(() => new nn.Normalize({ mean: [0, 1], std: [1] })).toThrow(/std is 1 numbers; expected 2/);
  expect(() => new nn.Normalize({ mean: 0, std: 0 })).toThrow(/numbers above 0/);
});

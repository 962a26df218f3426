/** Training follows PyTorch: 20 losses of recurrent networks, a GPT and a ResNet with batch norm from the same weights. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../src/gpu/device';
import { crossEntropy, reshape } from '../src/ops';
import { Trainer } from '../src/train/trainer';
import losses from './goldens/fixtures/models/model-curves.json';
import { type CurveModelName, curveData, curveModel, curveSteps } from './goldens/model-curves';
import { testDevice } from './support/device';

const TOLERANCE = 5e-4;
const OPTIMIZERS = { sgd: { type: 'sgd', lr: 0.05, momentum: 0.9 }, adam: { type: 'adam', lr: 2e-3 } };

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe.each(Object.keys(losses) as CurveModelName[])('%s', (name) => {
  it.each(['sgd', 'adam'] as const)('follows PyTorch with %s', async (optimizer) => {
    const trainer = new Trainer(device, curveModel(name), {
      loss: (x, target) => crossEntropy(x, reshape(target, { shape: [target.size] })),
      optimizer: OPTIMIZERS[optimizer] as never,
    });
    const got = await trainer.fitSteps(curveData(name), curveSteps);
    await trainer.dispose();
    losses[name][optimizer].forEach((want, i) => {
      expect(Math.abs(got[i] - want) / want, `loss of step ${i}: ${got[i]} for ${want}`).toBeLessThan(
        TOLERANCE,
      );
    });
  });
});

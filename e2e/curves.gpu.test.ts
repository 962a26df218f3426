/** Training follows PyTorch: 20-step loss curves and final weights of LeNet and an MLP from the same start. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArrayDataset } from '../src/data/dataset';
import type { Device } from '../src/gpu/device';
import { fromSpec } from '../src/spec/model';
import { Trainer } from '../src/train/trainer';
import { type CurveFixture, curveSettings, makeCurveStart } from './goldens/curves';
import lenet from './goldens/fixtures/curves/lenet.json';
import mlp from './goldens/fixtures/curves/mlp.json';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

for (const fixture of [lenet, mlp] as unknown as CurveFixture[]) {
  describe(fixture.model, () => {
    for (const curve of fixture.curves) {
      it(`follows PyTorch with ${JSON.stringify(curve.optimizer)}`, async () => {
        const { layers, stateDict, x, y } = makeCurveStart(fixture.model, curveSettings);
        const model = fromSpec(layers).loadStateDict(stateDict);
        const data = ArrayDataset.fromArrays({ x: x.data, xShape: x.shape.slice(1), y: y.data });
        const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: curve.optimizer });
        const { steps, batchSize } = curveSettings;
        const losses = await trainer.fitSteps(data, { steps, batchSize });
        expect(losses).toHaveLength(curve.losses.length);
        losses.forEach((loss, i) => {
          expect(Math.abs(loss - curve.losses[i]) / curve.losses[i], `loss of step ${i}`).toBeLessThan(1e-4);
        });
        const state = await trainer.stateDict();
        await trainer.dispose();
        for (const [name, { sum, sumOfSquares }] of Object.entries(curve.final)) {
          const { data: values } = state[name];
          const got = values.reduce((total, v) => total + v, 0);
          const gotSquares = values.reduce((total, v) => total + v * v, 0);
          const scale = Math.sqrt(values.length * sumOfSquares);
          expect(Math.abs(got - sum) / scale, `sum of ${name}`).toBeLessThan(1e-4);
          expect(Math.abs(gotSquares - sumOfSquares) / sumOfSquares, `squares of ${name}`).toBeLessThan(1e-4);
        }
      });
    }
  });
}

/** Gradient clipping by norm and by value, and both: what the optimizer applies is what PyTorch leaves in `grad`. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArrayDataset, nn, ops, type Tensor, Trainer, Variable } from '../src';
import type { Device } from '../src/gpu/device';
import fixture from './goldens/fixtures/optim/clip.json';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const SIZES = [5, 2];

/** sum(gradient * weights), whatever the input: data sets refuse NaN, constants do not. */
class Linear extends nn.Module {
  readonly first = new Variable([SIZES[0]], (data) => data.fill(0));
  readonly second = new Variable([SIZES[1]], (data) => data.fill(0));

  constructor(private readonly gradient: Float32Array) {
    super();
  }

  override forward(x: Tensor): Tensor {
    const weights = ops.cat([x.graph.tensor(this.first), x.graph.tensor(this.second)]);
    return ops.sum(ops.mul(x.graph.constant(this.gradient, [7]), weights));
  }
}

it.each(fixture.cases.map((made) => [made.name, JSON.stringify(made.clip), made] as const))(
  'a %s gradient, %s',
  async (_, __, { clip, gradients, clipped }) => {
    const trainer = new Trainer(device, new Linear(Float32Array.from(gradients.flat(), Number)), {
      loss: (output) => output,
      optimizer: { type: 'sgd', lr: 1 },
      clip,
    });
    const data = ArrayDataset.fromArrays({
      x: new Float32Array(1),
      xShape: [1],
      y: new Float32Array(1),
      yShape: [1],
    });
    await trainer.fitSteps(data, { steps: 1, batchSize: 1 });
    const state = await trainer.stateDict();
    ['first', 'second'].forEach((name, i) => {
      const want = clipped[i].map((value) => -Number(value));
      Array.from(state[name].data).forEach((value, j) => {
        if (Number.isFinite(want[j])) expect(value, `${name}[${j}]`).toBeCloseTo(want[j], 6);
        else expect(value, `${name}[${j}]`).toBe(want[j]);
      });
    });
    await trainer.dispose();
  },
);

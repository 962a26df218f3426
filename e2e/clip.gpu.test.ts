/** Gradient clipping by norm and by value, and both: what the optimizer applies is what PyTorch leaves in `grad`. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArrayDataset, nn, ops, type Tensor, Trainer, TrainStep, Variable } from '../src';
import type { Device } from '../src/gpu/device';
import type { ClipOptions } from '../src/optim';
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
  async (_, __, { clip, gradients, clipped, norm }) => {
    const trainer = new Trainer(device, new Linear(Float32Array.from(gradients.flat(), Number)), {
      loss: (output) => output,
      optimizer: { type: 'sgd', lr: 1 },
      clip: clip as ClipOptions,
    });
    const data = ArrayDataset.fromArrays({
      x: new Float32Array(1),
      xShape: [1],
      y: new Float32Array(1),
      yShape: [1],
    });
    let gradNorm: number | undefined;
    await trainer.fitSteps(data, {
      steps: 1,
      batchSize: 1,
      onStep: (info) => {
        gradNorm = info.gradNorm;
      },
    });
    if (!('maxNorm' in clip)) expect(gradNorm).toBeUndefined();
    else if (Number.isFinite(Number(norm))) expect(gradNorm! / Number(norm) || 1).toBeCloseTo(1, 5);
    else expect(gradNorm).toBe(Number(norm));
    const state = await trainer.stateDict();
    ['first', 'second'].forEach((name, i) => {
      const want = clipped[i].map((value) => -Number(value));
      Array.from(state[name].data).forEach((value, j) => {
        const most = 5e-7 * Math.max(1, Math.abs(want[j]));
        if (Number.isFinite(want[j])) expect(Math.abs(value - want[j]), `${name}[${j}]`).toBeLessThan(most);
        else expect(value, `${name}[${j}]`).toBe(want[j]);
      });
    });
    await trainer.dispose();
  },
);

it('refuses gradients that are not finite where it shall, and goes on as if they had not been', async () => {
  const models = [0, 1].map(() => new nn.Linear(2, 1).initialize(3));
  const steps = models.map(
    (model) =>
      new TrainStep(device, ({ x }) => ops.sum(model.forward(x)), {
        parameters: model,
        optimizer: { type: 'nadam', lr: 0.1 },
        schedule: { type: 'exponentialLR', gamma: 0.5 },
        clip: { maxNorm: 1, normType: 'inf', errorIfNonfinite: true },
      }),
  );
  const [one, other] = steps;
  for (const x of [
    [1, 2],
    [3, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 0],
    [2, 2],
  ]) {
    const good = x.every(Number.isFinite);
    const run = () => one.run({ x: [x] });
    if (good) await run();
    else {
      await expect(run()).rejects.toMatchObject({ code: 'diverged', argument: 'gradNorm' });
      await one.accumulate({ x: [x] });
      await expect(one.apply()).rejects.toThrow(/gradNorm is (NaN|Infinity).*Nothing was updated/s);
    }
    if (good) await other.run({ x: [x] });
  }
  expect(one.steps).toBe(3);
  for (const step of steps) await step.dispose();
  expect(models[0].stateDict()).toEqual(models[1].stateDict());
});

it.each([
  [{ max_norm: 1 }, /clip: max_norm.*Did you mean maxNorm/],
  [{ maxNorm: '1' }, /clip: maxNorm is "1"/],
  [{ maxNorm: -1 }, /clip: maxNorm is -1/],
  [{ maxNorm: Number.NaN }, /clip: maxNorm/],
  [{ maxNorm: 1, normType: 0 }, /clip: normType is 0/],
  [{ maxNorm: 1, normType: 'two' }, /clip: normType is "two"/],
  [{ normType: 1 }, /clip: normType is 1 without maxNorm/],
  [{ value: -0.5 }, /clip: value is -0.5/],
  [{ value: Number.NaN }, /clip: value/],
  [3, /clip: clip is 3/],
  [null, /clip: clip is null/],
])('refuses %j by name', (clip, message) => {
  const model = new nn.Linear(1, 1);
  const options = { parameters: model, optimizer: { type: 'sgd' as const }, clip: clip as ClipOptions };
  expect(() => new TrainStep(device, ({ x }) => ops.sum(model.forward(x)), options)).toThrow(message);
});

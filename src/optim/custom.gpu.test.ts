/** Optimizers and metrics of one's own: the code of docs/custom-ops.md, against their formulas. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { defineKernel } from '../kernels/define';
import * as nn from '../nn';
import * as ops from '../ops';
import { TrainStep } from '../train/train-step';
import { defineOptimizer } from './custom';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Lion without decay, after Chen et al. 2023. */
const LION = `
struct Params { n: u32, beta1: f32, beta2: f32 }
struct Step {
  seed_lo: u32, seed_hi: u32, index: u32, batch_start: u32, slot: u32, epoch: u32,
  lr: f32, h0: f32, h1: f32, h2: f32, h3: f32, h4: f32, grad_scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<f32>;
@group(0) @binding(5) var<storage, read_write> exp_avg: array<f32>;

@compute @workgroup_size(64)
fn lion(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let threads = groups.x * groups.y * 64u;
  for (var i = (group.y * groups.x + group.x) * 64u + local; i < params.n; i += threads) {
    let g = grad[i] * scale[0] * step.grad_scale;
    let update = params.beta1 * exp_avg[i] + (1.0 - params.beta1) * g;
    p[i] -= step.lr * sign(update);
    exp_avg[i] = params.beta2 * exp_avg[i] + (1.0 - params.beta2) * g;
  }
}`;

describe('an optimizer of one’s own', () => {
  it('trains, with state, clipping, accumulation and a frozen parameter in between', async () => {
    const kernel = await defineKernel(LION, { file: 'lion.wgsl' });
    const [beta1, beta2, lr] = [0.9, 0.99, 0.1];
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 1), new nn.Linear(1, 1));
    model.initialize(4);
    model.freeze('1');
    const start = model.stateDict();
    const step = new TrainStep(device, ({ x }) => ops.sum(ops.square(model.forward(x))), {
      parameters: model,
      optimizer: defineOptimizer({ name: 'lion', kernel, lr, state: ['exp_avg'], params: { beta1, beta2 } }),
      clip: { maxNorm: 1 },
    });
    const expected = Object.fromEntries(Object.entries(start).map(([key, { data }]) => [key, [...data]]));
    const average: Record<string, number[]> = {};
    for (let i = 0; i < 3; i++) {
      await step.accumulate({ x: [[1, 2]] });
      await step.accumulate({ x: [[3, -1]] });
      const gradients = await step.gradients();
      await step.apply({ scale: 0.5 });
      const all = Object.values(gradients).flatMap(({ data }) => [...data]);
      const norm = 0.5 * Math.hypot(...all);
      for (const [key, { data }] of Object.entries(gradients)) {
        const m = (average[key] ??= [...data].map(() => 0));
        data.forEach((value, j) => {
          const g = 0.5 * value * Math.min(1, 1 / (norm + 1e-6));
          expected[key][j] -= lr * Math.sign(beta1 * m[j] + (1 - beta1) * g);
          m[j] = beta2 * m[j] + (1 - beta2) * g;
        });
      }
    }
    await step.dispose();
    for (const [key, { data }] of Object.entries(model.stateDict())) {
      for (const [j, value] of data.entries()) expect(value, key).toBeCloseTo(expected[key][j], 5);
    }
    expect([...model.stateDict()['1.weight'].data]).toEqual([...start['1.weight'].data]);
  });

  it('is refused by name where its kernel does not fit', async () => {
    const kernel = await defineKernel(LION);
    const make = (more: object) => () =>
      defineOptimizer({
        name: 'lion',
        kernel,
        lr: 0.1,
        state: ['exp_avg'],
        params: { beta1: 1, beta2: 1 },
        ...more,
      });
    expect(make({})).not.toThrow();
    expect(make({ state: ['avg'] })).toThrow(/lion.*avg.*no such binding/s);
    expect(make({ state: [] })).toThrow(/exp_avg.*nothing is given/s);
    expect(make({ params: { beta1: 1 } })).toThrow(/beta2.*missing/s);
    expect(make({ params: { beta1: 1, beta2: 1, beta3: 1 } })).toThrow(/beta3/);
    expect(make({ lr: -1 })).toThrow(/lr/);
    const model = new nn.Linear(2, 1);
    const options = { parameters: model, optimizer: make({})(), clip: { value: 1 } };
    const step = new TrainStep(device, ({ x }) => ops.sum(model.forward(x)), options);
    await expect(step.run({ x: [[1, 2]] })).rejects.toThrow(/clip/);
    await step.dispose();
  });
});

it('computes metrics of one’s own on the device', async () => {
  const model = new nn.Linear(2, 1);
  model.weight.data = Float32Array.from([1, 1]);
  model.bias!.data = Float32Array.from([0]);
  const step = new TrainStep(
    device,
    ({ x, y }) => {
      const prediction = model.forward(x);
      const error = ops.sub(prediction, y);
      return {
        loss: ops.mean(ops.square(error)),
        meanAbsoluteError: ops.mean(ops.abs(error)),
        within: ops.mean(ops.cast(ops.lt(ops.abs(error), 1.5), { dtype: 'f32' })),
        prediction,
      };
    },
    { parameters: model, optimizer: { type: 'sgd', lr: 0 } },
  );
  await step.run({
    x: [
      [1, 2],
      [3, 4],
    ],
    y: [[2], [5]],
  });
  const { loss, meanAbsoluteError, within, prediction } = await step.read();
  expect([loss, meanAbsoluteError, within]).toEqual([2.5, 1.5, 0.5]);
  expect(prediction).toEqual({ shape: [2, 1], data: Float32Array.from([3, 7]) });
  await step.dispose();
});

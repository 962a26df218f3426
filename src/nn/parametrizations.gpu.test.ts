/** Weight and spectral normalization in training: names, initial weights, and when the power iteration moves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { mean, square } from '../ops';
import { TrainStep } from '../train';
import { Conv2d, Linear, type Module, Sequential, spectralNorm, weightNorm } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const names = (module: Module) => Object.keys(module.stateDict());
const stepOf = (model: Module) =>
  new TrainStep(device, ({ x }) => mean(square(model.forward(x))), {
    parameters: model,
    optimizer: { type: 'sgd', lr: 0.1 },
  });

describe('weightNorm', () => {
  it('has the names of torch.nn.utils.parametrizations and the weight from before', async () => {
    const model = new Sequential(weightNorm(new Linear(3, 2)));
    expect(names(model).sort()).toEqual([
      '0.bias',
      '0.parametrizations.weight.original0',
      '0.parametrizations.weight.original1',
    ]);
    const state = model.stateDict();
    const directions = state['0.parametrizations.weight.original1'].data;
    const lengths = state['0.parametrizations.weight.original0'].data;
    expect(state['0.parametrizations.weight.original0'].shape).toEqual([2, 1]);
    expect(lengths[1]).toBeCloseTo(Math.hypot(...directions.slice(3)), 6);
    const whole = weightNorm(new Conv2d(2, 3, 2), 'weight', null).stateDict();
    expect(whole['parametrizations.weight.original0'].shape).toEqual([]);
  });

  it('is trained: lengths and directions move, and the gradient of directions is orthogonal to them', async () => {
    const model = weightNorm(new Linear(3, 2)).initialize(1);
    const before = model.stateDict();
    const old = Float32Array.from(before['parametrizations.weight.original1'].data);
    const length = before['parametrizations.weight.original0'].data[0];
    const step = stepOf(model);
    await step.run({ x: [[1, 2, 3]] });
    await step.read();
    await step.dispose();
    const after = model.stateDict();
    const now = after['parametrizations.weight.original1'].data;
    expect(after['parametrizations.weight.original0'].data[0]).not.toBe(length);
    let product = 0;
    for (let i = 0; i < 3; i++) product += old[i] * (now[i] - old[i]);
    expect(Math.abs(product)).toBeLessThan(1e-6);
  });

  it('refuses what is no parameter, a second time, and dims that the weight lacks', () => {
    expect(() => weightNorm(new Linear(3, 2), 'wieght')).toThrow(/weightNorm: name is "wieght"/);
    expect(() => weightNorm(weightNorm(new Linear(3, 2)))).toThrow(/not parametrized yet/);
    expect(() => weightNorm(new Linear(3, 2), 'weight', 2)).toThrow(/weightNorm: dim is 2/);
    expect(() => weightNorm(new Linear(3, 2)).weight).toThrow(/parametrizations.weight/);
  });
});

describe('spectralNorm', () => {
  it('has the names of PyTorch, and begins with the largest singular value found', () => {
    const model = spectralNorm(new Linear(4, 3)).initialize(2);
    expect(names(model).sort()).toEqual([
      'bias',
      'parametrizations.weight.0._u',
      'parametrizations.weight.0._v',
      'parametrizations.weight.original',
    ]);
    const state = model.stateDict();
    const [w, u, v] = ['original', '0._u', '0._v'].map(
      (name) => state[`parametrizations.weight.${name}`].data,
    );
    const product = (x: ArrayLike<number>) =>
      [0, 1, 2].map((r) => [0, 1, 2, 3].reduce((total, c) => total + w[4 * r + c] * x[c], 0));
    const sigma = product(v).reduce((total, value, r) => total + u[r] * value, 0);
    const image = product(v);
    // A singular pair: W v = sigma u, as near as fifteen iterations come.
    image.forEach((value, r) => {
      expect(value).toBeCloseTo(sigma * u[r], 2);
    });
  });

  it('moves its vectors in training alone', async () => {
    const model = spectralNorm(new Linear(4, 3)).initialize(3);
    const vectors = () => Array.from(model.stateDict()['parametrizations.weight.0._u'].data);
    model.loadStateDict({
      ...model.stateDict(),
      'parametrizations.weight.0._v': { shape: [4], data: Float32Array.of(1, 0, 0, 0) },
    });
    const before = vectors();
    const step = stepOf(model);
    const { loss } = await step.evaluate({ x: [[1, 2, 3, 4]] });
    expect(Number.isFinite(Number(loss))).toBe(true);
    await step.run({ x: [[1, 2, 3, 4]] });
    await step.read();
    await step.dispose();
    const after = vectors();
    expect(after).not.toEqual(before);
    expect(Math.hypot(...after)).toBeCloseTo(1, 5);
  });
});

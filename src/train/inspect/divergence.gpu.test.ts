/** Training that goes to NaN: where it began, steps that are skipped, and the way back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import * as nn from '../../nn';
import * as ops from '../../ops';
import type { DivergedError } from '../divergence';
import { Trainer } from '../trainer';
import type { DivergenceInfo, FitOptions, TrainerOptions } from '../types';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const sgd = (lr: number): TrainerOptions => ({ loss: 'mse', optimizer: { type: 'sgd', lr } });
/** NaN reaches a data set only after it was checked. */
function dataOf(x: number[][], y: number[][]): ArrayDataset {
  const data = ArrayDataset.fromArrays({ x: x.map((row) => row.map((v) => v || 0)), y, name: 'few' });
  (data.x as Float32Array).set(x.flat());
  return data;
}

/** A layer with one weight of 1, and a function of its product with x. */
class Scaled extends nn.Module {
  readonly weight = nn.parameter([1], (data) => data.fill(1));

  constructor(private readonly f: (x: Tensor) => Tensor) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return this.f(ops.mul(x, this.weight));
  }
}

async function diverge(model: nn.Module, options: TrainerOptions, data: ArrayDataset, fit: FitOptions) {
  const trainer = new Trainer(device, model, options);
  const error: DivergedError = await trainer.fit(data, { shuffle: false, ...fit }).then(
    () => undefined,
    (caught) => caught,
  );
  await trainer.dispose();
  return { error, report: error?.report };
}

describe('the report of a step that went to NaN', () => {
  it('names op, module, line, tensor, counts and ranges of the forward pass', async () => {
    // The weight falls until it is negative.
    const inner = new Scaled((x) => ops.sqrt(x));
    const model = new nn.Sequential(new nn.Identity(), inner);
    const data = dataOf([[1], [4], [1], [4]], [[-1], [-2], [-1], [-2]]);
    const { error, report } = await diverge(model, sgd(0.13), data, { epochs: 9, batchSize: 2 });
    expect(error).toMatchObject({ code: 'diverged', name: 'GradloomError' });
    expect(report).toMatchObject({
      op: 'sqrt',
      phase: 'forward',
      module: '1',
      moduleType: 'Scaled',
      source: expect.stringMatching(/divergence\.gpu\.test\.ts.*:\d+:\d+$/),
      tensor: { name: 'output y of sqrt', nan: 2, infinite: 0, size: 2 },
      inputs: [{ name: 'x', nan: 0, range: [expect.any(Number), expect.any(Number)] }],
    });
    expect(report!.step).toBe(error.step);
    expect(report!.inputs[0].range![1]).toBeLessThan(0);
    expect(report!.tensor.before![0]).toBeGreaterThan(0);
    expect(error.message).toMatch(
      /the loss of step \d+ is NaN; first in sqrt, in 1 \(Scaled\), .*has 2 NaN of 2 values; from x -/,
    );
    expect((await model.stateDict())['1.weight'].data.every(Number.isFinite)).toBe(true);
  });

  it('finds gradients that are NaN in the step before the loss is', async () => {
    // The root of |x| at 0: the value is finite, its gradient is infinite.
    const model = new Scaled((x) => ops.sqrt(ops.abs(x)));
    const data = dataOf([[1], [1], [0], [1]], [[1], [1], [1], [1]]);
    const { error, report } = await diverge(model, sgd(0.01), data, { batchSize: 1 });
    expect(error.step).toBe(3);
    expect(report).toMatchObject({ step: 2, phase: 'backward' });
    expect(report!.tensor.nan + report!.tensor.infinite).toBeGreaterThan(0);
    expect(error.message).toContain('; step 3: first in ');
  });

  it('finds them in the last update, in data, and in parameters that the update blew up', async () => {
    const model = () => new Scaled((x) => ops.sqrt(ops.abs(x)));
    const last = await diverge(model(), sgd(0.01), dataOf([[1], [0]], [[1], [1]]), { batchSize: 1 });
    expect(last.report).toMatchObject({ step: 1, phase: 'backward' });

    const bad = dataOf([[1], [1], [Number.NaN]], [[1], [1], [1]]);
    const data = await diverge(new nn.Linear(1, 1), sgd(0.01), bad, { batchSize: 1 });
    expect(data.report).toMatchObject({ step: 2, phase: 'data', tensor: { nan: 1, size: 1 } });

    const few = dataOf([[1], [1]], [[2], [2]]);
    const update = await diverge(new nn.Linear(1, 1), sgd(3e38), few, { batchSize: 1, epochs: 3 });
    expect(update.report).toMatchObject({
      phase: 'parameters',
      tensor: { name: expect.stringMatching(/^parameter (weight|bias)$/) },
    });
  });

  it('takes masks that are infinite on purpose for what they are', async () => {
    const mask = (x: Tensor) => ops.maskedFill(x, ops.gt(x, 1e9), { value: Number.NEGATIVE_INFINITY });
    const model = new Scaled((x) =>
      ops.log(ops.softmax(mask(ops.cat([x, ops.mul(x, 1e12)], { dim: 1 })), { dim: 1 })),
    );
    const { report } = await diverge(model, sgd(0.01), dataOf([[1]], [[0, 0]]), { batchSize: 1 });
    expect(report).toMatchObject({ op: 'log', phase: 'forward', tensor: { infinite: 1 } });
  });

  it('is left out without snapshots', async () => {
    const few = dataOf([[1], [Number.NaN]], [[1], [1]]);
    const { error, report } = await diverge(new nn.Linear(1, 1), sgd(0.01), few, {
      batchSize: 1,
      recover: false,
    });
    expect(error.message).toContain('the loss of step 2 is NaN; expected');
    expect(report).toBeUndefined();
  });
});

it('restores the state before and goes on with half the rate, as often as it takes', async () => {
  const x = Array.from({ length: 8 }, (_, i) => [(i + 1) / 8]);
  const data = dataOf(x, x);
  const model = new nn.Linear(1, 1).initialize(1);
  const trainer = new Trainer(device, model, sgd(5));
  const infos: DivergenceInfo[] = [];
  const steps: number[] = [];
  const { epochs } = await trainer.fit(data, {
    batchSize: 2,
    epochs: 40,
    onNaN: 'restore',
    recover: { every: 3 },
    onDivergence: (info) => void infos.push(info),
    onStep: ({ step }) => void steps.push(step),
  });
  expect(infos.length).toBeGreaterThan(2);
  infos.forEach((info, i) => {
    expect(info).toMatchObject({ policy: 'restore', learningRate: 5 / 2 ** (i + 1) });
    expect(info.restoredTo).toBeLessThanOrEqual(info.step);
  });
  expect(trainer.learningRate).toBe(5 / 2 ** infos.length);
  expect(epochs).toHaveLength(40);
  expect(epochs.at(-1)!.loss).toBeLessThan(1);
  expect(new Set(steps).size).toBe(160);
  expect(steps.length).toBeGreaterThan(160); // those that took another course are told anew

  // The lower rate goes with checkpoints.
  const again = new Trainer(device, new nn.Linear(1, 1), sgd(5));
  await again.restore(await trainer.checkpoint());
  expect(again.learningRate).toBe(trainer.learningRate);
  again.learningRate = 0.1;
  expect(again.learningRate).toBe(0.1);
  await again.dispose();
  await trainer.dispose();

  const hopeless = dataOf([[1], [Number.NaN]], [[1], [1]]);
  const { error, report } = await diverge(new nn.Linear(1, 1), sgd(0.1), hopeless, {
    batchSize: 1,
    onNaN: 'restore',
  });
  expect(error.message).toMatch(/NaN, 8 restores later; first in/);
  expect(report).toMatchObject({ phase: 'data' });
  await expect(diverge(model, sgd(1), hopeless, { onNaN: 'restore', recover: false })).resolves.toMatchObject(
    {
      error: { code: 'argument', argument: 'recover' },
    },
  );
});

describe('steps that are skipped', () => {
  const x = Array.from({ length: 24 }, (_, i) => [Math.sin(i), Math.cos(i)]);
  const y = x.map(([a, b]) => [a - 2 * b]);
  const spoilt = x.map((row, i) => (i === 9 ? [Number.NaN, 1] : row));
  const make = (lr = 0.05) => {
    const model = new nn.Sequential(
      new nn.Linear(2, 4),
      new nn.BatchNorm1d(4),
      new nn.Tanh(),
      new nn.Linear(4, 1),
    );
    const optimizer = { type: 'sgd', lr, momentum: 0.9 } as const;
    return new Trainer(device, model.initialize(2), { loss: 'mse', optimizer });
  };

  it('leave parameters, state and running statistics as they were', async () => {
    const trainer = make();
    const infos: DivergenceInfo[] = [];
    const { epochs } = await trainer.fit(dataOf(spoilt, y), {
      batchSize: 4,
      epochs: 3,
      shuffle: false,
      onNaN: 'skip',
      onDivergence: (info) => void infos.push(info),
    });
    expect(infos.map(({ step, policy }) => [step, policy])).toEqual([2, 8, 14].map((n) => [n, 'skip']));
    expect(infos.every(({ gradNorm }) => Number.isNaN(gradNorm))).toBe(true);
    expect(epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    // As if the batch were not there.
    const without = (rows: number[][]) => rows.filter((_, i) => i < 8 || i > 11);
    const other = make();
    await other.fit(dataOf(without(x), without(y)), { batchSize: 4, epochs: 3, shuffle: false });
    expect(await trainer.stateDict()).toEqual(await other.stateDict());
    await trainer.dispose();
    await other.dispose();
  });

  it('are the same bits where nothing is skipped, and end a run where all are', async () => {
    const [plain, skipping] = [make(), make()];
    await plain.fit(dataOf(x, y), { batchSize: 4 });
    await skipping.fit(dataOf(x, y), { batchSize: 4, onNaN: 'skip' });
    expect(await skipping.stateDict()).toEqual(await plain.stateDict());
    const all = dataOf([[Number.NaN, 0]], [[1]]);
    const endless = new Trainer(device, new nn.Linear(2, 1), sgd(0.1));
    await expect(endless.fit(all, { epochs: 200, onNaN: 'skip' })).rejects.toThrow(
      /the norm of the gradients of step 101 is NaN for the 101th step in a row/,
    );
    for (const trainer of [plain, skipping, endless]) await trainer.dispose();
  });
});

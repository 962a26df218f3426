/** Searches of settings, cross validation, bagging and boosting, trained for real on small data. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { Random } from '../random';
import { Trainer } from '../train';
import {
  crossValidate,
  formatTrials,
  type SearchOptions,
  search,
  searchTraining,
  type Trial,
  trainBagging,
  trainBoosting,
  withSettings,
} from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const space = { lr: { logUniform: [1e-4, 1] }, width: { int: [2, 4] }, act: ['relu', 'tanh'] } as const;

describe('search', () => {
  it('goes through a grid, finds the best, and shows a table', async () => {
    const seen: Trial[] = [];
    const { best, trials } = await search({
      space: { a: [1, 2, 3], b: { uniform: [0, 1] }, c: { int: [1, 2] } },
      strategy: { type: 'grid', points: 3 },
      trial: ({ a, b, c }) => ({ value: (a - 2) ** 2 + (b - 0.5) ** 2 + c, metrics: { twice: 2 * a } }),
      onTrial: (trial) => seen.push(trial),
    });
    expect(trials).toHaveLength(18);
    expect(seen.map(({ trial }) => trial)).toEqual(Array.from({ length: 18 }, (_, i) => i));
    expect(best).toMatchObject({ settings: { a: 2, b: 0.5, c: 1 }, value: 1, metrics: { twice: 4 } });
    const [header, first] = formatTrials(trials).split('\n');
    expect(header.trim().split(/\s+/)).toEqual(['trial', 'a', 'b', 'c', 'value', 'twice', 'seconds']);
    expect(first.trim().split(/\s+/).slice(1, 6)).toEqual(['2', '0.5', '1', '1', '4']);
  });

  it('draws within the ranges, the same for the same seed', async () => {
    const draw = async (seed: number) => {
      const { trials } = await search({
        space,
        strategy: { type: 'random', trials: 300 },
        seed,
        trial: () => 0,
      });
      return trials.map(({ settings }) => settings);
    };
    const [a, b, c] = [await draw(1), await draw(1), await draw(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    const rates = a.map(({ lr }) => Math.log10(lr));
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(-4);
    expect(Math.max(...rates)).toBeLessThan(0);
    // Even in scale: half of the rates are below 0.01.
    expect(rates.filter((rate) => rate < -2).length).toBeGreaterThan(115);
    expect(rates.filter((rate) => rate < -2).length).toBeLessThan(185);
    for (const width of [2, 3, 4]) expect(a.filter((one) => one.width === width).length).toBeGreaterThan(60);
  });

  it('halves: the best go on with what they have, to larger budgets', async () => {
    const calls: [number, number | undefined, unknown][] = [];
    const { best, trials } = await search({
      space: { x: { uniform: [0, 1] } },
      strategy: { type: 'successiveHalving', trials: 9, minBudget: 1, maxBudget: 9, factor: 3 },
      goal: 'max',
      trial: ({ x }, { trial, budget, state }) => {
        calls.push([trial, budget, state]);
        return { value: x * budget!, state: `${trial} after ${budget}` };
      },
    });
    expect(calls.map(([, budget]) => budget)).toEqual([...Array(9).fill(1), 3, 3, 3, 9]);
    expect(calls.slice(9).every(([trial, budget, state]) => state === `${trial} after ${budget! / 3}`)).toBe(
      true,
    );
    const largest = Math.max(...trials.map(({ settings }) => settings.x));
    expect(best).toMatchObject({ budget: 9, settings: { x: largest } });
    expect(trials).toHaveLength(13);
  });

  it('goes on from a store, ends by a signal, and refuses the results of another search', async () => {
    let text: string | undefined;
    const store = { read: async () => text, write: async (written: string) => void (text = written) };
    const stop = new AbortController();
    const ran: number[] = [];
    const options: SearchOptions = {
      space,
      strategy: { type: 'random', trials: 6 },
      store,
      signal: stop.signal,
      trial: ({ lr }, { trial }) => {
        ran.push(trial);
        if (trial === 3) stop.abort();
        return lr;
      },
    };
    const first = await search(options);
    expect(first).toMatchObject({ aborted: true });
    expect(first.trials).toHaveLength(3); // the one under way does not count
    const { signal: _, ...again } = options;
    const whole = await search(again);
    expect(ran).toEqual([0, 1, 2, 3, 3, 4, 5]);
    expect(whole.trials).toHaveLength(6);
    await expect(search({ ...again, seed: 1 })).rejects.toThrow(
      /search: store is the results of a search with seed 0/,
    );
    text = '{';
    await expect(search(again)).rejects.toThrow(/no JSON/);
  });

  it('passes over trials that diverge, and says when all do; other errors end it', async () => {
    const diverged = new GradloomError({ code: 'diverged', op: 'Trainer', got: 'NaN' });
    const failing = (bad: (trial: number) => boolean, error: () => number) =>
      search({
        space: { x: [1, 2, 3] },
        strategy: { type: 'grid' },
        trial: ({ x }, { trial }) => (bad(trial) ? error() : x),
      });
    const { best, trials } = await failing(
      (i) => i === 0,
      () => {
        throw diverged;
      },
    );
    expect(best.settings).toEqual({ x: 2 });
    expect(trials.at(-1)).toMatchObject({ trial: 0, error: expect.stringContaining('NaN') });
    expect(trials.at(-1)).not.toHaveProperty('value');
    expect(
      (
        await failing(
          (i) => i === 0,
          () => Number.NaN,
        )
      ).trials.at(-1),
    ).toMatchObject({ error: 'its value is NaN' });
    await expect(
      failing(
        () => true,
        () => {
          throw diverged;
        },
      ),
    ).rejects.toThrow(/3 trials that failed/);
    await expect(
      failing(
        () => true,
        () => {
          throw new TypeError('own fault');
        },
      ),
    ).rejects.toThrow('own fault');
    await expect(
      failing(
        () => true,
        () => 'x' as never,
      ),
    ).rejects.toThrow(/trial is "x" returned/);
  });

  it('refuses what is no search', async () => {
    const refuse = (options: object, message: RegExp) =>
      expect(
        search({
          space,
          strategy: { type: 'random', trials: 1 },
          trial: () => 0,
          ...options,
        } as SearchOptions),
      ).rejects.toThrow(message);
    await refuse({ space: {} }, /space/);
    await refuse({ space: { lr: { logUniform: [0, 1] } } }, /space.lr is \[0,1\]; expected numbers above 0/);
    await refuse({ space: { n: { int: [0.5, 2] } } }, /space.n/);
    await refuse({ space: { n: { uniform: [2, 1] } } }, /the smaller one first/);
    await refuse({ space: { n: { uni: [1, 2] } } }, /uni is not an option/);
    await refuse({ space: { n: [] } }, /empty list/);
    await refuse({ strategy: { type: 'grid' } }, /a list of values for a grid/);
    await refuse({ strategy: { type: 'bayes' } }, /grid, random, successiveHalving/);
    await refuse({ strategy: { type: 'random' } }, /trials is undefined/);
    await refuse({ strategy: { type: 'random', trial: 3 } }, /Did you mean trials/);
    await refuse(
      { strategy: { type: 'successiveHalving', trials: 3, maxBudget: 1, minBudget: 2 } },
      /maxBudget/,
    );
    await refuse({ goal: 'low' }, /goal is "low"/);
    expect(withSettings({ a: ['$x', { b: '$y' }], c: 'plain' }, { x: 1, y: [2] })).toEqual({
      a: [1, { b: [2] }],
      c: 'plain',
    });
    expect(() => withSettings('$z', { x: 1 })).toThrow(/no z/);
  });
});

/** Two classes of points in a ring and inside it. */
function ring(n: number, seed: number): ArrayDataset {
  const random = new Random(seed);
  const x = new Float32Array(2 * n);
  const y = Int32Array.from({ length: n }, (_, i) => {
    const [radius, angle] = [(i % 2) * 1.2 + 0.8 * random.uniform(), random.uniform(0, 2 * Math.PI)];
    x[2 * i] = radius * Math.cos(angle);
    x[2 * i + 1] = radius * Math.sin(angle);
    return i % 2;
  });
  return ArrayDataset.fromArrays({ x, y, xShape: [2], classes: ['in', 'out'] });
}
const net = (width: number) =>
  new nn.Sequential(new nn.Linear(2, width), new nn.ReLU(), new nn.Linear(width, 2));
const trainer = (lr = 0.05) => ({ loss: 'crossEntropy', optimizer: { type: 'adam', lr } }) as const;
const fit = { epochs: 4, batchSize: 20 };

const accuracyOf = async (model: nn.Module, data: ArrayDataset) => {
  const measuring = new Trainer(device, model, trainer());
  const { accuracy } = await measuring.evaluate(data);
  await measuring.dispose();
  return accuracy!;
};

it('searchTraining finds a better rate than a bad one, and halving goes on to the bits of one run', async () => {
  const [train, validation] = ring(200, 1).split(0.25, 0);
  const options = {
    space: { lr: [1e-5, 0.05] },
    train,
    validation,
    model: () => net(8),
    trainer: ({ lr }: { lr?: number }) => trainer(lr),
    fit: () => fit,
    metric: 'accuracy',
  };
  const { best, trials } = await searchTraining(device, { ...options, strategy: { type: 'grid' } });
  expect(best.settings).toEqual({ lr: 0.05 });
  expect(best.value!).toBeGreaterThan(trials[1].value!);
  expect(best.metrics!.loss).toBeLessThan(trials[1].metrics!.loss);
  const halving = await searchTraining(device, {
    ...options,
    metric: 'loss',
    space: { lr: [0.05] },
    strategy: { type: 'successiveHalving', trials: 1, minBudget: 2, maxBudget: 4, factor: 2 },
  });
  expect(halving.best.value).toBe(best.metrics!.loss);
  const grid = { type: 'grid' } as const;
  await expect(
    searchTraining(device, { ...options, strategy: grid, metric: 'confusionMatrix' }),
  ).rejects.toThrow(/one number/);
});

it('crossValidate measures each fold by a model of its own', async () => {
  const data = ring(90, 2);
  const folds = [0, 1, 2].map((k) => ({
    validation: data.slice(30 * k, 30 * k + 30),
    train: data.subset(Array.from({ length: 90 }, (_, i) => i).filter((i) => Math.floor(i / 30) !== k)),
  }));
  const result = await crossValidate(device, () => net(8), folds, {
    trainer: trainer(),
    fit: { epochs: 10, batchSize: 20 },
    metrics: ['f1'],
  });
  expect(result.folds).toHaveLength(3);
  const mean = result.folds.reduce((sum, { loss }) => sum + loss / 3, 0);
  expect(result.loss.mean).toBeCloseTo(mean, 12);
  expect(result.loss.std).toBeGreaterThan(0);
  expect(result.accuracy!.mean).toBeGreaterThan(0.7);
  expect(result.metrics!.f1.mean).toBeGreaterThan(0.7);
  await expect(
    crossValidate(device, () => net(8), folds.slice(0, 1), { trainer: trainer() }),
  ).rejects.toThrow(/at least two/);
});

describe('ensembles', () => {
  const [train, test] = [ring(200, 3), ring(200, 4)];

  it('bagging draws samples for each member, and answers together', async () => {
    const bag = await trainBagging(device, () => net(6), train, { members: 3, trainer: trainer(), fit });
    expect(bag.members).toHaveLength(3);
    const weights = bag.members.map((member) => member.stateDict()['0.weight'].data);
    expect(weights[0]).not.toEqual(weights[1]);
    expect(await accuracyOf(bag, test)).toBeGreaterThan(0.8);
    await expect(
      trainBagging(device, () => net(6), train, { members: 0, trainer: trainer() }),
    ).rejects.toThrow(/members is 0/);
  });

  it('boosting of weak members beats one of them', async () => {
    const stump = () => net(1);
    const options = { trainer: trainer(), fit: { epochs: 6, batchSize: 20 } };
    const alone = await trainBoosting(device, stump, train, { ...options, members: 1 });
    const boosted = await trainBoosting(device, stump, train, { ...options, members: 8 });
    expect(boosted.members.length).toBeGreaterThan(3);
    expect(await accuracyOf(boosted, train)).toBeGreaterThan((await accuracyOf(alone, train)) + 0.1);
  });

  it('boosting of numbers learns what is left', async () => {
    const x = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
    const data = ArrayDataset.fromArrays({
      x,
      y: x.map((value) => 3 + Math.sin(4 * value)),
      xShape: [1],
      yShape: [1],
    });
    const make = () => new nn.Sequential(new nn.Linear(1, 4), new nn.Tanh(), new nn.Linear(4, 1));
    const options = {
      trainer: { loss: 'mse', optimizer: { type: 'adam', lr: 0.1 } },
      fit: { epochs: 60, batchSize: 32 },
    } as const;
    const lossOf = async (members: number) => {
      const model = await trainBoosting(device, make, data, { ...options, members });
      const measuring = new Trainer(device, model, options.trainer);
      const { loss } = await measuring.evaluate(data);
      await measuring.dispose();
      return loss;
    };
    expect(await lossOf(6)).toBeLessThan(0.6 * (await lossOf(1)));
  });
});

/** Optimizers against PyTorch: parameters and state after 20 steps on the gradients of e2e/goldens/optimizers.py. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from '../../e2e/goldens/fixtures/optim/optimizers.json';
import { testDevice } from '../../e2e/support/device';
import { draw, LinearLoss } from '../../e2e/support/linear-loss';
import type { Device } from '../gpu/device';
import { TrainStep } from '../train/train-step';
import type { Updater } from '../train/updater';
import { createOptimizer, type OptimizerSpec, optimizerOptions } from './optimizer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const SHAPES = { a: [5, 3], b: [70], c: [2, 4], d: [3] };
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
const STEPS = 20;

function gradientsOf(step: number, kind: string) {
  const idle = kind === 'partial' && !((step >= 2 && step < 5) || step >= 9);
  const names = NAMES.filter((name) => !(idle && 'bd'.includes(name)));
  return Object.fromEntries(
    names.map((name) => {
      const i = NAMES.indexOf(name);
      const data = draw(SHAPES[name], 100 * step + i);
      if (kind === 'nonfinite' && step === 7) {
        data[0] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN][i];
        data[1] = [Number.POSITIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][
          i
        ];
      }
      return [name, { shape: SHAPES[name], data }];
    }),
  );
}

/** The values that the fixture has: the first six and the last two. */
const kept = (data: Float32Array) =>
  data.length <= 8 ? [...data] : [...data.subarray(0, 6), ...data.subarray(-2)];

/** To 1e-5 of each value; what cancels is as exact as float32 is about the largest: to 5e-7 of it. */
function expectClose(got: Float32Array, wanted: readonly (number | string)[], what: string): void {
  const want = wanted.map(Number);
  const largest = Math.max(...want.map(Math.abs).filter(Number.isFinite));
  kept(got).forEach((value, i) => {
    if (!Number.isFinite(want[i])) expect(value, `${what}[${i}]`).toBe(want[i]);
    else
      expect(Math.abs(value - want[i]), `${what}[${i}] is ${value}, not ${want[i]}`).toBeLessThanOrEqual(
        1e-5 * Math.max(Math.abs(want[i]), largest / 20),
      );
  });
}

interface Case {
  spec: OptimizerSpec;
  kind: string;
  parameters: Record<string, (number | string)[]>;
  state: Record<string, Record<string, (number | string)[]>>;
}
const cases = fixture.cases as unknown as Case[];

/** Trains as the fixture says; `groups` makes the parameters lie apart, so that kernels go by a table of blocks. */
async function check({ spec, kind, parameters, state }: Case, groups: boolean): Promise<void> {
  const model = new LinearLoss(SHAPES);
  const optimizer = groups ? { ...spec, groups: [{ params: ['b', 'd'] }] } : spec;
  const step = new TrainStep(device, (inputs) => model.forward(inputs), { parameters: model, optimizer });
  const { learningRate } = createOptimizer(spec);
  for (let i = 0; i < STEPS; i++) {
    await step.run(gradientsOf(i, kind), kind === 'rates' ? { lr: learningRate * 0.9 ** i } : {});
  }
  const [updater] = (step as unknown as { updaters: Updater[] }).updaters;
  for (const [name, states] of Object.entries(state)) {
    for (const [key, wanted] of Object.entries(states)) {
      const slice = updater.stateSlice(key, model.values[name])!;
      expectClose(new Float32Array(await device.readback.read(slice)), wanted, `${key} of ${name}`);
    }
  }
  await step.dispose();
  for (const [name, { data }] of Object.entries(model.stateDict())) {
    expectClose(data as Float32Array, parameters[name], name);
  }
}

describe('optimizers', () => {
  it('are all in the fixture', () => {
    expect(new Set(cases.map(({ spec }) => spec.type))).toEqual(new Set(Object.keys(optimizerOptions)));
  });

  it.each(cases.map((made) => [JSON.stringify(made.spec), made.kind, made] as const))(
    '%s, %s',
    async (_, kind, made) => {
      await check(made, false);
      if (kind === 'plain') await check(made, true);
    },
  );
});

it('go on from a state bit by bit, with what they count and keep per parameter', async () => {
  for (const optimizer of [
    { type: 'nadam' },
    { type: 'asgd', t0: 3 },
    { type: 'adagrad' },
  ] as OptimizerSpec[]) {
    const make = () => {
      const model = new LinearLoss(SHAPES);
      const options = { parameters: model, optimizer, clip: { maxNorm: 1 } };
      return { model, step: new TrainStep(device, (inputs) => model.forward(inputs), options) };
    };
    const [whole, first, second] = [make(), make(), make()];
    const run = async (step: TrainStep, from: number, to: number) => {
      for (let i = from; i < to; i++) await step.run(gradientsOf(i, 'partial'), { lr: 0.1 * 0.9 ** i });
    };
    await run(whole.step, 0, 12);
    await run(first.step, 0, 6);
    await second.step.load(await first.step.state());
    await run(second.step, 6, 12);
    for (const { step } of [whole, first, second]) await step.dispose();
    for (const [name, { data }] of Object.entries(whole.model.stateDict()))
      expect(second.model.stateDict()[name].data, `${optimizer.type} ${name}`).toEqual(data);
  }
});

/** The step of a model with its plan for one batch of gradients. */
async function planned(optimizer: OptimizerSpec, freeze: string[] = []) {
  const model = new LinearLoss(SHAPES);
  for (const name of freeze) model.freeze(name);
  const step = new TrainStep(device, (inputs) => model.forward(inputs), { parameters: model, optimizer });
  return { model, step, plan: await step.plan(gradientsOf(0, 'plain')) };
}

describe('parameter groups', () => {
  const kernels = (names: readonly string[]) => names.filter((name) => /_step$/.test(name));

  it('have rates, decay and betas of their own, and are one dispatch each', async () => {
    const spec: OptimizerSpec = {
      type: 'adamW',
      lr: 0.01,
      groups: [
        { params: ['b'], lr: 0.1, betas: [0.5, 0.6], weightDecay: 0 },
        { params: (name) => name === 'd', frozen: true },
      ],
    };
    const { model, step, plan } = await planned(spec);
    const names = plan.kernelNames;
    expect(kernels(names)).toEqual(['adam_step', 'adam_step']);
    const start = model.stateDict();
    await step.run(gradientsOf(0, 'plain'));
    const gradients = await step.gradients();
    expect(Object.keys(gradients).sort()).toEqual(['a', 'b', 'c']);
    await step.dispose();
    const end = model.stateDict();
    // The first step of Adam goes as far as the rate, against the gradient's sign.
    for (const [name, rate, decay] of [
      ['a', 0.01, 0.01],
      ['b', 0.1, 0],
      ['c', 0.01, 0.01],
      ['d', 0, 0],
    ] as const) {
      const gradient = gradientsOf(0, 'plain')[name].data;
      start[name].data.forEach((value, i) => {
        const wanted = value * (1 - rate * decay) - rate * Math.sign(gradient[i]);
        expect(end[name].data[i]).toBeCloseTo(wanted, 5);
      });
    }
  });

  it('and frozen parameters cost neither gradient nor state nor dispatch', async () => {
    const whole = await planned({ type: 'adam' });
    const parts = await planned({ type: 'adam', groups: [{ params: ['b', 'c'], frozen: true }] });
    const flags = await planned({ type: 'adam' }, ['b', 'c']);
    const gradients = ({ plan }: typeof whole) =>
      plan.kernelNames.filter((name) => !/_step$/.test(name)).length;
    expect(gradients(parts)).toBeLessThan(gradients(whole));
    expect(gradients(flags)).toBe(gradients(parts));
    for (const { step, model, plan } of [parts, flags]) {
      const [updater] = (step as unknown as { updaters: Updater[] }).updaters;
      expect(updater.stateSlice('exp_avg', model.values.a)).toBeDefined();
      expect(updater.stateSlice('exp_avg', model.values.b)).toBeUndefined();
      expect(updater.gradientSlice(model.values.b)).toBeUndefined();
      expect(kernels(plan.kernelNames)).toHaveLength(1);
    }
    for (const { step } of [whole, parts, flags]) await step.dispose();
  });

  it('may have another optimizer', async () => {
    const spec: OptimizerSpec = {
      type: 'sgd',
      lr: 0.1,
      momentum: 0.9,
      groups: [{ params: ['b'], type: 'adagrad', lr: 1 }],
    };
    const { step, plan } = await planned(spec);
    const names = plan.kernelNames;
    expect(kernels(names).sort()).toEqual(['adagrad_step', 'sgd_step']);
    await step.dispose();
  });

  it('count accumulated gradients as one', async () => {
    for (const type of ['adagrad', 'rmsprop', 'muon'] as const) {
      const models = [new LinearLoss(SHAPES), new LinearLoss(SHAPES)];
      const steps = models.map(
        (model) =>
          new TrainStep(device, (inputs) => model.forward(inputs), {
            parameters: model,
            optimizer: { type, lr: 0.1 } as OptimizerSpec,
          }),
      );
      for (let i = 0; i < 2; i++) {
        await steps[0].run(gradientsOf(i, 'plain'));
        for (let j = 0; j < 4; j++) await steps[1].accumulate(gradientsOf(i, 'plain'));
        await steps[1].apply({ scale: 1 / 4 });
      }
      for (const step of steps) await step.dispose();
      const [once, often] = models.map((model) => model.stateDict());
      for (const name of NAMES) {
        often[name].data.forEach((value, i) => {
          expect(value).toBeCloseTo(once[name].data[i], 5);
        });
      }
    }
  });
});

describe('options are refused by name', () => {
  it.each([
    [{ type: 'adam', lr: -1 }, /adam: lr is -1/],
    [{ type: 'adam', lr: '0.1' }, /adam: lr is "0.1"/],
    [{ type: 'adam', betas: [0.9, 1] }, /adam: betas.1 is 1/],
    [{ type: 'adam', betas: 0.9 }, /adam: betas is 0.9/],
    [{ type: 'adam', eps: -1 }, /adam: eps is -1/],
    [{ type: 'adam', amsgrad: 'yes' }, /adam: amsgrad is "yes"/],
    [{ type: 'adamw', weight_decay: 1 }, /weight_decay.*Did you mean weightDecay/],
    [{ type: 'rmsprop', momentum: -1 }, /rmsprop: momentum is -1/],
    [{ type: 'adadelta', rho: 1.5 }, /adadelta: rho is 1.5/],
    [{ type: 'adagrad', initialAccumulatorValue: -1 }, /adagrad: initialAccumulatorValue is -1/],
    [{ type: 'rprop', etas: [1.2, 0.5] }, /rprop: etas.0 is 1.2/],
    [{ type: 'rprop', stepSizes: [1, 0.1] }, /rprop: stepSizes is \[1,0.1\]/],
    [{ type: 'sgd', nesterov: true }, /sgd: nesterov is true/],
    [{ type: 'muon', adjustLrFn: 'other' }, /muon: adjustLrFn is "other"/],
    [{ type: 'RMSProb' }, /optimizer: type is "RMSProb".*Did you mean rmsprop/],
    [{ type: 'muon', fallback: { type: 'adam', lr: -2 } }, /adam: lr is -2/],
    [{ type: 'adam', groups: {} }, /optimizer: groups is/],
    [{ type: 'adam', groups: [{ params: 'a' }] }, /optimizer: groups\[0\].params is "a"/],
    [{ type: 'adam', groups: [{ params: ['a'], frozen: 1 }] }, /optimizer: groups\[0\].frozen is 1/],
    [{ type: 'adam', groups: [{ params: ['a'], lr: -1 }] }, /adam: lr is -1/],
    [{ type: 'adam', groups: [{ params: ['e'] }] }, /optimizer: groups\[0\].params is "e"/],
  ])('%j', (optimizer, message) => {
    const model = new LinearLoss(SHAPES);
    const make = () =>
      new TrainStep(device, (inputs) => model.forward(inputs), {
        parameters: model,
        optimizer: optimizer as OptimizerSpec,
      });
    expect(make).toThrow(message);
  });
});

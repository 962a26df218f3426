/** Loops of one's own over `TrainStep`, against the same loops in PyTorch (e2e/goldens/train_steps.py). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import guide from '../../docs/training-loops.md?raw';
import goldens from '../../e2e/goldens/fixtures/curves/trainSteps.json' with { type: 'json' };
import { testDevice } from '../../e2e/support/device';
import { drawn, fill } from '../../e2e/support/drawn';
import { runGuide } from '../../e2e/support/guide';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { TrainStep } from './train-step';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

class TwoInputs extends nn.Module {
  readonly frozen = new nn.Linear(6, 5);
  readonly left = new nn.Linear(5, 4);
  readonly right = new nn.Linear(3, 4);
  readonly head = new nn.Linear(4, 3);

  override forward(a: Tensor, b?: Tensor) {
    const left = this.left.forward(ops.relu(this.frozen.forward(a)));
    return this.head.forward(ops.tanh(b ? ops.add(left, this.right.forward(b)) : left));
  }
}

const classes = (salt: number) => Int32Array.from({ length: 5 }, (_, i) => (salt + i) % 3);

function expectClose(got: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-5): void {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(got[i] - value), `value ${i}`).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
  });
}

function expectFinal(model: nn.Module, wanted: Record<string, number[]>): void {
  const state = model.stateDict();
  expect(Object.keys(state).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, values] of Object.entries(wanted)) expectClose(state[name].data, values);
}

const lossOf = async (step: TrainStep, name = 'loss') => (await step.read())[name] as number;

describe('a loop of one’s own', () => {
  it('accumulates micro-batches of two inputs with a rate per step and a frozen layer', async () => {
    const model = fill(new TwoInputs(), 1);
    const frozen = model.frozen.stateDict();
    for (const variable of model.frozen.parameters()) variable.requiresGrad = false;
    const step = new TrainStep(device, ({ a, b, y }) => ops.crossEntropy(model.forward(a, b), y), {
      parameters: model,
      optimizer: { type: 'adam', lr: 1e-2 },
    });
    const losses: number[] = [];
    for (let i = 0; i < 6; i++) {
      for (let micro = 0; micro < 4; micro++) {
        const salt = 100 + i * 4 + micro;
        await step.accumulate({ a: drawn([5, 6], salt), b: drawn([5, 3], salt + 500), y: classes(salt) });
        losses.push(await lossOf(step));
      }
      await step.apply({ lr: 1e-2 / (1 + i), scale: 1 / 4 });
    }
    expectClose(losses, goldens.accumulation.losses);
    await step.dispose();
    expectFinal(model, goldens.accumulation.final);
    expect(model.frozen.stateDict()).toEqual(frozen);
  });

  it('needs the same dispatches to accumulate as to overwrite', async () => {
    const model = fill(new TwoInputs(), 1);
    const step = new TrainStep(device, ({ a, b, y }) => ops.crossEntropy(model.forward(a, b), y), {
      parameters: model,
      optimizer: { type: 'adam' },
    });
    const batch = { a: drawn([5, 6], 1), b: drawn([5, 3], 2), y: classes(0) };
    const whole = await step.plan(batch);
    await step.accumulate(batch);
    const accumulating = await step.plan(batch, 'accumulate');
    // The whole step has one more: the optimizer's.
    expect(accumulating.statistics.dispatches).toBe(whole.statistics.dispatches - 1);
    await step.dispose();
  });

  it('updates groups with options of their own in one dispatch each and clips by the norm of all', async () => {
    const model = fill(new TwoInputs(), 1);
    const step = new TrainStep(device, ({ a, b, y }) => ops.crossEntropy(model.forward(a, b), y), {
      parameters: model,
      optimizer: {
        type: 'adamW',
        lr: 1e-2,
        weightDecay: 0.2,
        groups: [
          { params: ['*.bias'], weightDecay: 0 },
          { params: ['head.weight'], lr: 5e-2, betas: [0.8, 0.9] },
        ],
      },
      clip: { maxNorm: 0.3 },
    });
    const losses: number[] = [];
    const norms: number[] = [];
    for (let i = 0; i < 6; i++) {
      await step.run({ a: drawn([5, 6], 100 + i), b: drawn([5, 3], 600 + i), y: classes(i) });
      losses.push(await lossOf(step));
      norms.push(await lossOf(step, 'gradNorm'));
    }
    expectClose(losses, goldens.groups.losses);
    expectClose(norms, goldens.groups.norms);
    const { kernelNames } = await step.plan({ a: drawn([5, 6], 1), b: drawn([5, 3], 2), y: classes(0) });
    expect(kernelNames.filter((name) => name.includes('adam'))).toHaveLength(3);
    await step.dispose();
    expectFinal(model, goldens.groups.final);
  });

  it('leaves parameters alone that the loss does not depend on', async () => {
    const model = fill(new TwoInputs(), 1);
    const step = new TrainStep(device, ({ a, y }) => ops.crossEntropy(model.forward(a), y), {
      parameters: model,
      optimizer: { type: 'sgd', lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
    });
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) {
      await step.run({ a: drawn([5, 6], 100 + i), y: classes(i) });
      losses.push(await lossOf(step));
    }
    expectClose(losses, goldens.unused.losses);
    await step.dispose();
    expectFinal(model, goldens.unused.final);
  });
});

describe('two models', () => {
  const make = () => ({
    generator: fill(new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 3)), 20),
    critic: fill(
      new nn.Sequential(new nn.Linear(3, 8), new nn.LeakyReLU({ negativeSlope: 0.2 }), new nn.Linear(8, 1)),
      40,
    ),
  });
  const bce = (x: Tensor, target: number) =>
    ops.binaryCrossEntropyWithLogits(x, x.graph.constant(new Float32Array(x.size).fill(target), x.shape));

  it('train in two steps on shared weights', async () => {
    const { generator, critic } = make();
    const dStep = new TrainStep(
      device,
      ({ z, real }, graph) =>
        ops.add(
          bce(critic.forward(real), 1),
          bce(critic.forward(graph.detach(generator.forward(z) as Tensor)), 0),
        ),
      { parameters: critic, optimizer: { type: 'adam', lr: 2e-2, betas: [0.5, 0.999] } },
    );
    const gStep = new TrainStep(device, ({ z }) => bce(critic.forward(generator.forward(z)), 1), {
      parameters: generator,
      optimizer: { type: 'adam', lr: 1e-2, betas: [0.5, 0.999] },
    });
    const [dLosses, gLosses]: number[][] = [[], []];
    for (let i = 0; i < 8; i++) {
      const z = drawn([6, 2], 300 + i);
      await dStep.run({ z, real: drawn([6, 3], 400 + i) });
      await gStep.run({ z });
      dLosses.push(await lossOf(dStep));
      gLosses.push(await lossOf(gStep));
    }
    expectClose(dLosses, goldens.gan.dLosses);
    expectClose(gLosses, goldens.gan.gLosses);
    await dStep.dispose();
    await gStep.dispose();
    expectFinal(generator, goldens.gan.generator);
    expectFinal(critic, goldens.gan.critic);
  });

  it('keep their rates when parameters of one are unfrozen and frozen again', async () => {
    const [a, b] = [fill(new TwoInputs(), 1), fill(new nn.Linear(6, 1), 9)];
    a.freeze('left');
    const sgd = (lr: number) => ({ type: 'sgd' as const, lr });
    const step = new TrainStep(device, ({ x }) => ({ a: ops.sum(a.forward(x)), b: ops.sum(b.forward(x)) }), {
      optimizers: { a: { parameters: a, optimizer: sgd(0) }, b: { parameters: b, optimizer: sgd(1) } },
    });
    const batch = { x: [[1, 1, 1, 1, 1, 1]] };
    const bias = b.bias!.data![0];
    await step.run(batch);
    a.unfreeze();
    await step.run(batch);
    a.freeze('left');
    await step.run(batch);
    await step.dispose();
    expect(b.bias!.data![0]).toBeCloseTo(bias - 3, 5);
  });

  it('train in one step with an optimizer each', async () => {
    const { generator, critic } = make();
    const step = new TrainStep(
      device,
      ({ z, real }, graph) => {
        const fake = generator.forward(z) as Tensor;
        return {
          d: ops.add(bce(critic.forward(real), 1), bce(critic.forward(graph.detach(fake)), 0)),
          g: bce(critic.forward(fake), 1),
          fake,
        };
      },
      {
        optimizers: {
          d: { parameters: critic, optimizer: { type: 'sgd', lr: 1 } },
          g: { parameters: generator, optimizer: { type: 'adam', lr: 1e-2 } },
        },
      },
    );
    const [dLosses, gLosses]: number[][] = [[], []];
    for (let i = 0; i < 5; i++) {
      await step.run({ z: drawn([6, 2], 300 + i), real: drawn([6, 3], 400 + i) }, { lr: { d: 0.1 } });
      const { d, g, fake } = await step.read();
      dLosses.push(d as number);
      gLosses.push(g as number);
      expect((fake as { shape: number[] }).shape).toEqual([6, 3]);
    }
    expectClose(dLosses, goldens.simultaneous.dLosses);
    expectClose(gLosses, goldens.simultaneous.gLosses);
    expect(Object.keys(await step.gradients())).toContain('g.2.weight');
    await step.dispose();
    expectFinal(generator, goldens.simultaneous.generator);
    expectFinal(critic, goldens.simultaneous.critic);
  });
});

it('runs the guide', async () => {
  const before = device.buffers.allocatedBytes;
  const names = ['loss', 'gradNorm', 'd', 'g', 'fake', 'shape', 'data', 'hidden'];
  const made = await runGuide(guide, { device }, names);
  expect(made.loss).toBeLessThan(0.05);
  expect(made.gradNorm).toBeGreaterThan(0);
  expect([made.d, made.g].every(Number.isFinite)).toBe(true);
  expect(made.fake.shape).toEqual([2, 2]);
  expect(made.shape).toEqual([1, 1]);
  expect(Math.abs(made.data[0] - 1)).toBeLessThan(0.5);
  expect(made.hidden.shape).toEqual([1, 16]);
  expect(device.buffers.allocatedBytes).toBe(before);
});

describe('placement', () => {
  it('is shared: a step, a second step and host values see each other’s updates', async () => {
    const model = fill(new nn.Linear(2, 1), 3);
    const make = () =>
      new TrainStep(device, ({ x }) => ops.sum(model.forward(x)), {
        parameters: model,
        optimizer: { type: 'sgd', lr: 1 },
      });
    const before = device.buffers.allocatedBytes;
    const [one, two] = [make(), make()];
    await one.run({ x: [[1, 2]] });
    await two.run({ x: [[1, 2]] });
    await two.download();
    const [w] = [drawn([1, 2], 3).data];
    expectClose(model.weight.data!, [w[0] - 2, w[1] - 4]);
    model.weight.data = Float32Array.from([5, 6]);
    await one.run({ x: [[1, 2]] });
    await one.dispose();
    expectClose(model.weight.data!, [4, 4]);
    await two.dispose();
    expect(device.buffers.allocatedBytes).toBe(before);
  });

  it('keeps state of other modules when the cache drops the plan that changed it', async () => {
    const norm = new nn.BatchNorm1d(2);
    const model = fill(new nn.Linear(2, 1), 3);
    const fn = ({ x }: Record<string, Tensor>) => ops.sum(model.forward(norm.forward(x)));
    const options = { parameters: model, optimizer: { type: 'sgd' as const, lr: 0 } };
    const step = new TrainStep(device, fn, options);
    await step.run({
      x: [
        [1, 2],
        [3, 4],
      ],
    });
    for (let rows = 3; rows < 24; rows++) await step.evaluate({ x: drawn([rows, 2], rows) });
    await step.dispose();
    // Momentum 0.1 from 0 towards the means 2 and 3.
    expectClose(norm.runningMean!.data!, [0.2, 0.3]);
  });

  it('refuses host values of another size, and takes other arrays of numbers', async () => {
    const model = fill(new nn.Linear(2, 1), 3);
    const before = model.weight.data;
    expect(() => {
      model.weight.data = new Float32Array(3);
    }).toThrow(/weight.*3 values; expected 2/s);
    expect(model.weight.data).toBe(before);
    model.weight.data = Float64Array.of(1, 2) as unknown as Float32Array;
    expect(model.weight.data).toEqual(Float32Array.of(1, 2));
  });

  it('unfreezes: parameters get state when they begin to train', async () => {
    const model = fill(new TwoInputs(), 1);
    const frozen = model.frozen.parameters();
    for (const variable of frozen) variable.requiresGrad = false;
    const step = new TrainStep(device, ({ a, y }) => ops.crossEntropy(model.forward(a), y), {
      parameters: model,
      optimizer: { type: 'adam', lr: 1e-2 },
    });
    const batch = { a: drawn([5, 6], 1), y: classes(1) };
    const first = frozen[0].data!;
    await step.run(batch);
    await step.download();
    expect(frozen[0].data).toEqual(first);
    for (const variable of frozen) variable.requiresGrad = true;
    await step.run(batch);
    await step.dispose();
    // The first step of Adam moves every weight with a gradient by the learning rate.
    const moved = frozen[0].data!.map((value, i) => Math.abs(value - first[i]));
    expect(moved.some((distance) => Math.abs(distance - 1e-2) < 1e-4)).toBe(true);
  });
});

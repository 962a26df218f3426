/** Wrong use of a `TrainStep`, and values that are not finite: refused or kept, and the step goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { fill } from '../../e2e/support/drawn';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import type { OptimizerSpec } from '../optim';
import { TrainStep } from './train-step';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('errors', () => {
  const model = fill(new nn.Linear(2, 2), 3);
  const make = (fn = ({ x }: Record<string, Tensor>) => ops.sum(model.forward(x)) as Tensor) =>
    new TrainStep(device, fn, { parameters: model, optimizer: { type: 'sgd', lr: 0.1 } });

  it.each([
    [
      'a loss that is no scalar',
      /loss is \[1,2\]|got \[1,2\]|one number per batch/,
      ({ x }: Record<string, Tensor>) => model.forward(x) as Tensor,
    ],
    ['no tensor', /a scalar loss/, () => undefined as unknown as Tensor],
  ])('names %s', async (_, message, fn) => {
    const step = make(fn);
    await expect(step.run({ x: [[1, 2]] })).rejects.toThrow(message);
    await step.dispose();
  });

  it('takes calls that are not awaited in their order, each with its own batch', async () => {
    const own = fill(new nn.Linear(1, 1), 3);
    const step = new TrainStep(device, ({ x }) => ops.sum(ops.mul(own.weight, x)), {
      parameters: own.weight,
      optimizer: { type: 'sgd', lr: 1 },
    });
    const start = own.weight.data![0];
    const [, first, , second] = await Promise.all([
      step.run({ x: [[1]] }),
      step.read(),
      step.run({ x: [[10]] }),
      step.read(),
    ]);
    expect(first.loss).toBeCloseTo(start, 5);
    expect(second.loss).toBeCloseTo(10 * (start - 1), 4);
    await step.dispose();
    expect(own.weight.data![0]).toBeCloseTo(start - 11, 5);
  });

  it('refuses a step while gradients wait, and a scale that is no number', async () => {
    const step = make();
    await step.accumulate({ x: [[1, 2]] });
    await expect(step.run({ x: [[1, 2]] })).rejects.toThrow(/wait for apply/);
    await expect(step.apply({ scale: Number.NaN })).rejects.toThrow(/scale.*NaN/s);
    await step.discardGradients();
    await step.run({ x: [[1, 2]] });
    await step.dispose();
  });

  it('refuses steps without parameters, optimizer or function', () => {
    const options = { parameters: model, optimizer: { type: 'sgd' as const, lr: 0.1 } };
    const fn = ({ x }: Record<string, Tensor>) => ops.sum(model.forward(x));
    const before = device.buffers.allocatedBytes;
    const make =
      (changes: object, f: unknown = fn) =>
      () =>
        new TrainStep(device, f as typeof fn, { ...options, ...changes });
    expect(make({ parameters: undefined })).toThrow(/parameters.*missing/s);
    expect(make({ parameters: [model, 3] })).toThrow(/parameters of loss\[1\].*number/s);
    expect(make({ optimizer: undefined })).toThrow(/optimizer.*missing/s);
    expect(make({}, 3)).toThrow(/fn/);
    expect(make({ optimizers: {} })).toThrow(/optimizers.*none/s);
    expect(device.buffers.allocatedBytes - before).toBeLessThan(4096);
  });

  it('refuses rates, applying nothing, ragged batches and use after dispose', async () => {
    const step = make();
    await expect(step.run({ x: [[1, 2]] }, { lr: { adam: 1 } })).rejects.toThrow(/adam/);
    await expect(step.run({ x: [[1, 2]] }, { lr: Number.NaN })).rejects.toThrow(/NaN/);
    await expect(step.apply()).rejects.toThrow(/accumulate/);
    await expect(step.run({ x: [[1, 2], [3]] })).rejects.toThrow(/x.*list of 1/s);
    await expect(step.run({ x: [[1, null as unknown as number]] })).rejects.toThrow(/null at \[0\]\[1\]/);
    await step.dispose();
    await expect(step.run({ x: [[1, 2]] })).rejects.toThrow(/disposed/);
  });

  it('refuses unknown clipping options and names of groups', () => {
    const options = { parameters: model, optimizer: { type: 'sgd' as const, lr: 0.1 } };
    const fn = ({ x }: Record<string, Tensor>) => ops.sum(model.forward(x)) as Tensor;
    expect(() => new TrainStep(device, fn, { ...options, clip: { max_norm: 1 } as never })).toThrow(
      /maxNorm/,
    );
    expect(() => new TrainStep(device, fn, { ...options, clip: { maxNorm: -1 } })).toThrow(/clip/);
    const groups = [{ params: ['wieght'], lr: 1 }];
    expect(() => new TrainStep(device, fn, { ...options, optimizer: { type: 'sgd', groups } })).toThrow(
      /weight/,
    );
  });

  it('keeps NaN: a gradient that is NaN makes the parameter NaN, with clipping too', async () => {
    for (const clip of [{}, { value: 1 }, { maxNorm: 1 }]) {
      for (const type of ['sgd', 'adam'] as const) {
        const own = fill(new nn.Linear(2, 2), 3);
        const step = new TrainStep(device, ({ x }) => ops.sum(own.forward(x)), {
          parameters: own,
          optimizer: { type, lr: 0.1 } as OptimizerSpec,
          clip,
        });
        await step.run({ x: [[Number.NaN, 1]] });
        await step.dispose();
        expect(own.weight.data![0], `${type} ${JSON.stringify(clip)}`).toBeNaN();
      }
    }
  });
});

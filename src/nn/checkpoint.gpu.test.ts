/** Activation checkpointing: the same bits with less memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { planningDevice } from '../gpu/planning';
import { GPT, ResNet } from '../models';
import * as ops from '../ops';
import { TrainStep } from '../train';
import { memoryNeeds } from '../train/summary/memory';
import * as nn from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Losses, gradients, weights and running statistics of two steps, and bytes of the plan. */
async function run(model: nn.Module, inputs: { x: unknown; y: unknown }, loss: any) {
  model.initialize(3);
  const fn = ({ x, y }: any) => {
    const output: any = model.forward(x);
    const scores = output.rank === 3 ? ops.reshape(output, { shape: [-1, output.shape[2]] }) : output;
    return loss(scores, output.rank === 3 ? ops.reshape(y, { shape: [-1] }) : y);
  };
  const step = new TrainStep(device, fn, {
    parameters: model,
    optimizer: { type: 'adam', lr: 1e-2 },
    seed: 4,
  });
  const losses = [];
  let gradients = {};
  for (let i = 0; i < 2; i++) {
    await step.run(inputs as any);
    losses.push(await step.read());
    gradients = await step.gradients();
  }
  await step.download();
  const { dispatches, lowerBoundBytes } = (await step.plan(inputs as any)).statistics;
  await step.dispose();
  return { result: { losses, gradients, state: model.stateDict() }, dispatches, bytes: lowerBoundBytes };
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(3 * i));
const rows = (n: number, width: number) =>
  Array.from({ length: n }, (_, i) => numbers(width).map((v) => v + i / n));

describe('a checkpointed module gives the same bits', () => {
  it('with dropout, batch norm, nested segments and results that others read', async () => {
    class Residual extends nn.Module {
      readonly a = new nn.Linear(12, 32);
      readonly norm = new nn.BatchNorm1d(32);
      readonly drop = new nn.Dropout(0.3);
      readonly b = new nn.Linear(32, 12);
      override forward(x: any): any {
        const hidden = ops.relu(this.norm.forward(this.a.forward(x)));
        return ops.add(x, this.b.forward(this.drop.forward(ops.tanh(hidden))));
      }
    }
    const make = () =>
      new nn.Sequential(new Residual(), new Residual(), new Residual(), new nn.Linear(12, 2));
    const inputs = { x: rows(64, 12), y: rows(64, 2) };
    const plain = await run(make(), inputs, ops.mseLoss);
    for (const names of [['0', '1', '2'], ['1'], ['*.a', '*'], ['2.drop']]) {
      const model = nn.checkpoint(make(), ...names);
      const keysOf = (of: nn.Module) => [...of.namedVariables()].map(([name]) => name);
      expect(keysOf(model)).toEqual(keysOf(make()));
      const found = await run(model, inputs, ops.mseLoss);
      expect(found.result, names.join()).toEqual(plain.result);
      if (names.length !== 1) {
        expect(found.dispatches).toBeGreaterThan(plain.dispatches);
        expect(found.bytes).toBeLessThan(plain.bytes);
      }
    }
    const whole = nn.checkpoint(make());
    expect((await run(whole, inputs, ops.mseLoss)).result).toEqual(plain.result);
  });

  it('in a GPT and a ResNet', async () => {
    const gpt = () => new GPT({ vocabSize: 11, blockSize: 16, nLayer: 3, nHead: 2, nEmbd: 16, dropout: 0.2 });
    const tokens = { data: Int32Array.from({ length: 64 }, (_, i) => (3 * i + i * i) % 11), shape: [4, 16] };
    const text = { x: tokens, y: tokens };
    const [plain, checked] = [
      await run(gpt(), text, ops.crossEntropy),
      await run(nn.checkpoint(gpt(), 'transformer.h.*'), text, ops.crossEntropy),
    ];
    expect(checked.result).toEqual(plain.result);
    expect(checked.bytes).toBeLessThan(plain.bytes);

    const resnet = () => new ResNet({ depth: 18, numClasses: 3, width: 4 });
    const image = Array.from({ length: 3 }, () => Array.from({ length: 32 }, () => numbers(32)));
    const images = {
      x: [image, image.map((p) => p.map((r) => r.map((v) => v * 0.5)))],
      y: Int32Array.of(0, 2),
    };
    const [deep, short] = [
      await run(resnet(), images, ops.crossEntropy),
      await run(nn.checkpoint(resnet(), 'layer1', 'layer2', 'layer3', 'layer4'), images, ops.crossEntropy),
    ];
    expect(short.result).toEqual(deep.result);
    console.log(
      `activations: GPT ${plain.bytes} -> ${checked.bytes} bytes, ResNet-18 ${deep.bytes} -> ${short.bytes}`,
    );
  });
});

it('shows in summaries, and names what is no module of the model', () => {
  const make = () =>
    new nn.Sequential(
      ...Array.from(
        { length: 8 },
        () => new nn.Sequential(new nn.Linear(64, 64), new nn.GELU(), new nn.Linear(64, 64), new nn.GELU()),
      ),
    );
  const step = (model: nn.Module) => memoryNeeds(planningDevice(), model, [256, 64], { type: 'adam' }).step!;
  const model = make();
  const before = step(model);
  expect(step(nn.checkpoint(model, '*'))).toBeLessThan(0.6 * before);
  expect(() => nn.checkpoint(model, 'layer*')).toThrow(
    /layer\* is in no name of a module; expected a name .* as 0/,
  );
  expect(() => nn.checkpoint({} as nn.Module)).toThrow(/module is .*expected a module/);
});

/** A look at a training step, and the memory that it takes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import { ArrayDataset } from '../../data';
import type { Device } from '../../gpu/device';
import * as nn from '../../nn';
import { Random } from '../../random';
import { Trainer } from '../trainer';
import { formatMemory } from './memory-table';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const random = new Random(2);
const data = ArrayDataset.fromArrays({
  x: Float32Array.from({ length: 40 * 6 }, () => random.normal()),
  xShape: [6],
  y: Int32Array.from({ length: 40 }, () => random.integer(3)),
});

const layers = () => [
  new nn.Sequential(new nn.Linear(6, 8), new nn.BatchNorm1d(8), new nn.ReLU()),
  new nn.Sequential(new nn.Linear(8, 8), new nn.Dropout(0.2), new nn.ReLU()),
  new nn.Linear(8, 3),
];
const makeTrainer = (model: nn.Module) =>
  new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 }, seed: 1 });

describe('inspect', () => {
  it('tells statistics, dead units and flags, and leaves the run as it was', async () => {
    const model = new nn.Sequential(...layers()).initialize(1);
    const [first, second] = [model, new nn.Sequential(...layers()).initialize(1)].map(makeTrainer);
    const fit = { batchSize: 8, epochs: 1 };
    for (const trainer of [first, second]) await trainer.fit(data, fit);
    const found = await first.inspect(data, { batchSize: 16 });
    for (const trainer of [first, second]) await trainer.fit(data, fit);
    expect(await first.stateDict()).toEqual(await second.stateDict());

    const { loss, parameters, activations, timeline, memory } = found;
    expect(loss).toBeGreaterThan(0);
    const names = model.namedParameters().map(([name]) => name);
    expect(parameters.map(({ name }) => name)).toEqual(names);
    for (const { weight, gradient, ratio, shape } of parameters) {
      const size = shape.reduce((a, b) => a * b);
      expect(weight.size).toBe(size);
      expect(gradient!.histogram.counts.reduce((a, b) => a + b)).toBe(size);
      expect(gradient!.max).toBeGreaterThanOrEqual(gradient!.min);
      expect(ratio).toBeGreaterThan(0);
    }
    const relu = activations.filter(({ op }) => op === 'relu');
    expect(relu.map(({ module, moduleType }) => [module, moduleType])).toEqual([
      ['0.2', 'ReLU'],
      ['1.2', 'ReLU'],
    ]);
    expect(relu[0].statistics).toMatchObject({ size: 128, nan: 0, infinite: 0, min: 0 });
    expect(relu[0].statistics.zeros).toBeGreaterThan(20);
    expect(relu[0].deadUnits).toMatchObject({ units: 8 });
    expect(memory.length).toBeGreaterThan(5);
    expect(memory[0].bytes).toBeGreaterThanOrEqual(memory.at(-1)!.bytes);
    expect(found.dot).toMatch(
      /^digraph \{[\s\S]*label="0\.0\.weight"[\s\S]*label="relu"[\s\S]* -> [\s\S]*\}$/,
    );
    expect(found.mermaid).toMatch(/^flowchart TD\n[\s\S]*subgraph m\d+\["0\.2"\]\n {2}n\d+\["relu"\]/);
    expect(timeline !== undefined).toBe(device.features.timestamps);
    for (const { ph, ts, dur, name } of timeline?.traceEvents ?? []) {
      expect([ph, typeof name, ts >= 0, dur >= 0]).toEqual(['X', 'string', true, true]);
    }
    await first.dispose();
    await second.dispose();
  });

  it('flags dead units, and gradients that are 0, vanish or explode', async () => {
    const model = new nn.Sequential(new nn.Linear(6, 4), new nn.ReLU(), new nn.Linear(4, 3)).initialize(1);
    const state = model.stateDict();
    state['0.weight'].data.fill(0, 0, 12);
    state['0.bias'].data.set([-1, -1, 1, 1]);
    model.loadStateDict(state);
    const trainer = makeTrainer(model);
    const { activations, parameters } = await trainer.inspect(data);
    const relu = activations.find(({ op }) => op === 'relu')!;
    expect(relu.deadUnits).toEqual({ dead: 2, units: 4 });
    expect(relu.flags).toContain('dead units');
    expect(parameters.every(({ flags }) => flags.length === 0)).toBe(true);
    state['0.bias'].data.fill(-100);
    trainer.loadStateDict(state);
    const dead = await trainer.inspect(data);
    expect(dead.parameters.find(({ name }) => name === '0.weight')!.flags).toEqual(['zero']);
    state['0.bias'].data.fill(1);
    state['2.weight'].data.fill(1e-12);
    trainer.loadStateDict(state);
    const small = await trainer.inspect(data);
    expect(small.parameters.find(({ name }) => name === '0.weight')!.flags).toEqual(['vanishing']);
    await expect(trainer.inspect(data, { batch_size: 3 } as never)).rejects.toThrow(/Did you mean batchSize/);
    await trainer.dispose();
  });
});

it('explain plans a step without allocating it, and tells what would take less', async () => {
  const trainer = makeTrainer(new nn.Sequential(...layers()));
  await trainer.evaluate(data);
  const before = device.buffers.allocatedBytes;
  const report = await trainer.explain(data, { batchSize: 512 });
  expect(device.buffers.allocatedBytes).toBe(before);
  const { tensors, results, total, parameters, gradients, optimizer, changes, fits } = report;
  expect(total).toBe(parameters + gradients + optimizer + results);
  expect(optimizer).toBe(2 * gradients);
  expect(fits).toBe(true);
  expect(tensors.some(({ module, name }) => module === '0.0' && name === 'y of batchedMatmul')).toBe(true);
  const smaller = await trainer.explain(data, { batchSize: 256 });
  expect(changes).toContainEqual({ change: 'batchSize: 256', total: smaller.total });
  expect(changes.map((change) => change.total)).toEqual(changes.map((c) => c.total).sort((a, b) => a - b));
  const text = formatMemory(report, { most: 3 });
  expect(text).toMatch(/^Tensor +Shape +Size +Dispatches +Buffer\n/);
  expect(text).toMatch(/and \d+ smaller ones\nTraining on 512: .*it fits\.\nWith /s);
  // What is planned is what training allocates.
  const plan = await trainer.trainingPlan(data, 40);
  const { results: planned } = await trainer.explain(data, { batchSize: 40 });
  expect(Math.abs(planned - plan.statistics.intermediateBytes)).toBeLessThan(0.3 * planned);
  await trainer.dispose();
});

/**
 * The ready models give PyTorch's outputs for the same weights, under torchvision's names. The largest ones take
 * gigabytes: in Node, GRADLOOM_MODELS=all compares them too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../src/gpu/device';
import type { Tensor } from '../src/graph/ir/graph';
import { Graph } from '../src/graph/ir/graph';
import { compile } from '../src/graph/runtime/compile';
import { asModelOutput, type ModelOutput } from '../src/nn';
import { cat } from '../src/ops';
import { fromSpec } from '../src/spec';
import fixture from './goldens/fixtures/models/models.json';
import { fillModel, inputOf, type ModelEntry, type ModelFixture } from './goldens/models';
import { testDevice } from './support/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const { tokens, entries } = fixture as ModelFixture;
const all = typeof process !== 'undefined' && process.env.GRADLOOM_MODELS === 'all';
const compared = entries.filter(({ parameters }) => all || parameters < 4e6);

/** All outputs that are graded, side by side. */
const joined = (output: Tensor | ModelOutput) => {
  const outputs = asModelOutput(output).auxLosses.flatMap((term) => ('output' in term ? [term.output] : []));
  return outputs.length > 1 ? cat(outputs, { dim: 1 }) : outputs[0];
};

async function run(entry: ModelEntry): Promise<{ shape: number[]; data: Float32Array }> {
  const model = fromSpec(entry.spec);
  fillModel(model);
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  expect(parameters).toBe(entry.parameters);
  const graph = new Graph({ training: entry.training });
  const y = joined(model.forward(graph.input('x', entry.input)));
  const plan = await compile(device, graph, { outputs: { y } });
  plan.write('x', inputOf(entry, tokens));
  plan.run();
  try {
    return await plan.readTensor('y');
  } finally {
    plan.destroy();
  }
}

describe('models against PyTorch', () => {
  it.each(compared.map((entry) => [JSON.stringify(entry.spec), entry] as const))('%s', async (_, entry) => {
    const { shape, data } = await run(entry);
    expect(shape).toEqual(entry.output);
    const largest = Math.max(...entry.values.map(Math.abs));
    entry.values.forEach((value, i) => {
      expect(Math.abs(data[i * entry.step] - value) / largest, `output ${i * entry.step}`).toBeLessThan(5e-5);
    });
    const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(norm / entry.norm - 1)).toBeLessThan(5e-5);
  });
});

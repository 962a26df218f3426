/** Modules follow PyTorch: the same state_dict and inputs give the same outputs and gradients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../src/gpu/device';
import { gradients } from '../src/graph/compiler/autodiff';
import type { Tensor } from '../src/graph/ir/graph';
import { compile } from '../src/graph/runtime/compile';
import { decodeArray } from '../src/reference/fixtures';
import goldens from './goldens/fixtures/models/modules.json';
import { buildModule, type ModuleCase, type ModuleGolden, pattern, recordModule } from './goldens/modules';
import cases from './goldens/modules.json';
import { testDevice } from './support/device';

/** Largest difference, relative to the largest value of a tensor where that is above 1. */
const TOLERANCE = 2e-4;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('modules give what PyTorch gives', () => {
  it.each(
    (cases as unknown as ModuleCase[]).map((moduleCase, i) => [moduleCase.name, moduleCase, i] as const),
  )('%s', async (_, moduleCase, index) => {
    const golden = (goldens as unknown as ModuleGolden[])[index];
    expect(golden.name).toBe(moduleCase.name);
    const module = buildModule(moduleCase);
    const { graph, inputs, outputs, feeds } = recordModule(moduleCase, module);
    const targets = Object.entries(outputs).filter(([name]) => name !== 'weights');
    const gradOutputs = targets.map(([name, tensor]) => {
      feeds[`d${name}`] = pattern(`d${name}`, tensor.size);
      return graph.input(`d${name}`, tensor.shape);
    });
    const leaves: Record<string, Tensor> = { ...inputs };
    for (const [name, variable] of module.namedParameters()) leaves[name] = graph.tensor(variable);
    expect(Object.keys(leaves).sort()).toEqual(Object.keys(golden.gradients).sort());
    const found = gradients(
      targets.map(([, tensor]) => tensor),
      gradOutputs,
      Object.values(leaves),
    );
    const wanted: Record<string, Tensor> = { ...outputs };
    Object.keys(leaves).forEach((name, i) => {
      wanted[`gradient of ${name}`] = found[i]!;
    });
    const plan = await compile(device, graph, { outputs: wanted });
    for (const [name, data] of Object.entries(feeds)) plan.write(name, data);
    plan.run();
    const expected = {
      ...golden.outputs,
      ...Object.fromEntries(
        Object.entries(golden.gradients).map(([name, value]) => [`gradient of ${name}`, value]),
      ),
    };
    for (const [name, value] of Object.entries(expected)) {
      const got = await plan.readTensor(name);
      const want = decodeArray(value).data;
      expect(got.shape, name).toEqual(value.shape);
      const scale = want.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      const error = want.reduce((most, v, i) => Math.max(most, Math.abs(v - got.data[i])), 0) / scale;
      expect(error, name).toBeLessThan(TOLERANCE);
    }
    plan.destroy();
  });
});

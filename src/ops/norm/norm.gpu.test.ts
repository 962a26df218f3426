/** What the reference cases of the normalizations cannot say: state in place, evaluation without it, errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { Graph } from '../../graph/ir/graph';
import { Variable } from '../../graph/ir/variable';
import { compile } from '../../graph/runtime/compile';
import { VariableStore } from '../../graph/runtime/variable-store';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

function running(value: number): Variable {
  const variable = new Variable([2], (data) => void data.fill(value), false);
  variable.data = new Float32Array(2).fill(value);
  return variable;
}

describe('running statistics', () => {
  it('move with every training step although nobody reads them', async () => {
    const [runningMean, runningVar] = [running(0), running(1)];
    const placement = VariableStore.of(device).place([runningMean, runningVar]);
    const graph = new Graph({ training: true });
    const x = graph.input('x', [2, 2]);
    const { y } = batchNorm(x, undefined, undefined, runningMean, runningVar, { momentum: 0.5 });
    const plan = await compile(device, graph, { outputs: { y } });
    plan.write('x', new Float32Array([1, 10, 3, 20]));
    plan.run();
    plan.run();
    await placement.download();
    expect(Array.from(runningMean.data!)).toEqual([1.5, 11.25]);
    expect(Array.from(runningVar.data!)).toEqual([1.75, 37.75]);
    plan.destroy();
    placement.release();
  });

  it('stay as they are in evaluation', async () => {
    const [runningMean, runningVar] = [running(1), running(4)];
    const placement = VariableStore.of(device).place([runningMean, runningVar]);
    const graph = new Graph();
    const x = graph.input('x', [1, 2]);
    const { y } = batchNorm(x, undefined, undefined, runningMean, runningVar, { eps: 0 });
    const plan = await compile(device, graph, { outputs: { y } });
    plan.write('x', new Float32Array([1, 5]));
    plan.run();
    expect(Array.from(await plan.read('y'))).toEqual([0, 2]);
    await placement.download();
    expect(Array.from(runningMean.data!)).toEqual([1, 1]);
    plan.destroy();
    placement.release();
  });
});

describe('errors', () => {
  const graph = new Graph({ training: true });
  const x = graph.input('x', [1, 6]);
  const floats = (...shape: number[]) =>
    graph.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

  it.each([
    ['one value per channel', () => batchNorm(x), 'more than one value per channel'],
    ['one value per instance', () => instanceNorm(x), 'more than one value per channel and sample'],
    ['half of the running statistics', () => batchNorm(x, null, null, floats(6)), 'runningVar is missing'],
    ['weights of another size', () => batchNorm(x, floats(5)), 'batchNorm: weight is [5]; expected [6]'],
    [
      'groups that do not divide the channels',
      () => groupNorm(x, { numGroups: 4 }),
      'a divisor of the 6 channels',
    ],
    ['another last dim', () => layerNorm(x, { normalizedShape: [5] }), 'last dims [5], the normalizedShape'],
  ])('%s', (_, compute, message) => expect(compute).toThrow(message));
});

/** What users of graphs and plans can do wrong is named, with a fix; none of it is an internal error. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { parameter } from '../../nn/module';
import * as ops from '../../ops';
import { gradients } from '../compiler/autodiff';
import { Graph, type Tensor } from '../ir/graph';
import { compile } from './compile';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const ones = (graph: Graph) => graph.constant(Float32Array.of(1, 1), [2]);

it('an input of a name that is taken', () => {
  const graph = new Graph();
  graph.input('x', [2]);
  expect(() => graph.input('x', [3])).toThrow('Graph.input: name is "x" for a second input');
});

it('a graph that is compiled twice, and outputs that are none of its tensors', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const weight = parameter([2], (data) => data.fill(1));
  const refuse = (output: unknown, message: string) =>
    expect(compile(device, graph, { outputs: { y: output as Tensor } })).rejects.toThrow(message);
  await refuse(undefined, 'compile: outputs.y is undefined; expected a tensor of the graph');
  await refuse(
    weight,
    'outputs.y is a parameter; expected a tensor of the graph. Use graph.tensor(parameter)',
  );
  await refuse(new Graph().input('x', [2]), 'outputs.y is a tensor of another graph');
  const y = ops.mul(x, weight);
  const plan = await compile(device, graph, { outputs: { y } });
  plan.write('x', Float32Array.of(3, 4));
  plan.run();
  expect(Array.from(await plan.read('y'))).toEqual([3, 4]);
  await refuse(y, 'compile: graph is one that was compiled before; expected a new graph');
  plan.destroy();
});

it('values of other types are converted or refused, and names that a plan lacks', async () => {
  const graph = new Graph();
  const [x, index] = [graph.input('x', [2]), graph.input('index', [1], 'i32')];
  const plan = await compile(device, graph, { outputs: { y: ops.indexSelect(x, index, { dim: 0 }) } });
  const y = async () => {
    plan.run();
    return [...(await plan.read('y'))];
  };
  plan.write('x', Int32Array.of(1, 2));
  plan.write('index', Float32Array.of(1));
  expect(await y()).toEqual([2]);
  plan.write('x', [[3, 4]].flat());
  plan.write('index', BigInt64Array.of(0n));
  expect(await y()).toEqual([3]);
  for (const [name, values, message] of [
    ['index', Float32Array.of(0.5), 'index is 0.5 at 0; expected whole numbers of 32 bits'],
    ['index', BigInt64Array.of(2n ** 40n), 'index is 1099511627776 at 0'],
    ['index', [null], 'index is null at [0]; expected a number'],
    ['x', [1, 'abc'], 'x is "abc" at [1]; expected a number'],
    ['x', [[1], [2]], 'x is [2, 1]; expected 2 for [2]'],
    ['x', [[1, 2], [3]], 'x is a list of 1 at [1]; expected lists of equal length: [2, 2]'],
    ['x', Int32Array.of(1, 2 ** 24 + 1), 'x is 16777217 at 1; expected whole numbers that float32 can hold'],
    ['x', '12', 'x is "12"; expected a typed array or a list'],
    ['x', new ArrayBuffer(8), 'x is an ArrayBuffer'],
    ['x', new Float32Array(3), 'x is 3 values; expected 2 for [2]'],
  ] as [string, any, string][]) {
    expect(() => plan.write(name, values)).toThrow(`Plan.write: ${message}`);
  }
  expect(() => plan.write('indx', Int32Array.of(1))).toThrow('Did you mean index?');
  expect(() => plan.slice('z')).toThrow('an output of the plan: y');
  await expect(plan.read('x')).rejects.toThrow('an output of the plan: y');
  plan.destroy();
  expect(() => plan.run()).toThrow('a plan that was destroyed');
});

it('gradients of what is no tensor, or of another graph', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const weight = parameter([2], (data) => data.fill(1));
  weight.name = 'weight';
  const y = ops.mul(x, weight);
  const other = new Graph().input('x', [2]);
  const refuse = (targets: unknown[], seeds: unknown[], wrt: unknown[], message: string) =>
    expect(() => gradients(targets as Tensor[], seeds as Tensor[], wrt as Tensor[])).toThrow(message);
  refuse(
    [y],
    [ones(graph)],
    [weight],
    'gradients: wrt[0] is the parameter weight; expected a tensor. Use graph.tensor',
  );
  refuse([y], [], [x], 'gradOutputs is 0 tensors; expected one per target, 1');
  refuse([y], [ones(graph)], [other], 'wrt[0] is a tensor [2] of another graph');
  refuse([undefined], [ones(graph)], [x], 'targets[0] is undefined; expected a symbolic tensor');
  expect(gradients([y], [ones(graph)], [graph.tensor(weight)])[0]?.shape).toEqual([2]);
});

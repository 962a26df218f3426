/** relu within max pooling gives what the separate kernels give. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { maxPool2d, relu } from '..';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const SHAPE = [2, 3, 7, 9];
const SIZE = 378;

/** Value and gradient; reading what lies between relu and pooling keeps the kernels apart. */
async function run(apart: boolean, values: Float32Array) {
  const graph = new Graph();
  const x = graph.input('x', SHAPE);
  const between = relu(x);
  const y = maxPool2d(between, { kernelSize: 3, stride: 2, padding: 1 });
  const dy = graph.constant(
    Float32Array.from({ length: y.size }, (_, i) => i + 1),
    y.shape,
  );
  const [dx] = gradients([y], [dy], [x]);
  const plan = await compile(device, graph, {
    outputs: { y, dx: dx!, ...(apart ? { between } : {}) },
  });
  plan.write('x', values);
  plan.run();
  const result = { y: Array.from(await plan.read('y')), dx: Array.from(await plan.read('dx')) };
  const { kernelNames } = plan;
  plan.destroy();
  return { ...result, kernelNames };
}

it('takes one dispatch each way', async () => {
  const values = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(7 * i) - 0.5);
  values[100] = Number.NaN;
  const fused = await run(false, values);
  const apart = await run(true, values);
  expect(fused.kernelNames).toEqual(['max_pool_forward', 'max_pool_backward']);
  expect(apart.kernelNames).toHaveLength(4);
  expect(fused.y).toEqual(apart.y);
  expect(fused.dx).toEqual(apart.dx);
  expect(fused.dx.some(Number.isNaN)).toBe(false);
});

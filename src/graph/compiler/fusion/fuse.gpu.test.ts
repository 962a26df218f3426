/** The fusion pass: fewer dispatches, the same values and gradients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../../e2e/support/device';
import type { Device } from '../../../gpu/device';
import * as ops from '../../../ops';
import { Random } from '../../../random';
import type { Tensor } from '../../ir/graph';
import { Graph } from '../../ir/graph';
import { compile } from '../../runtime/compile';
import { gradients } from '../autodiff';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const SHAPES = { x: [5, 7], weight: [6, 7], bias: [6], second: [3, 6], residual: [5, 3] };

/**
 * residual + second(f(linear(x))) with all its gradients. An output is never fused with what follows it: with
 * `apart`, every value in between is one.
 */
async function run(activate: (x: Tensor) => Tensor, apart: boolean) {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, graph.input(name, shape)]),
  );
  const hidden = ops.linear(inputs.x, inputs.weight, inputs.bias);
  const activated = activate(hidden);
  const product = ops.linear(activated, inputs.second);
  const y = ops.add(inputs.residual, product);
  const dy = graph.input('dy', y.shape);
  const names = Object.keys(SHAPES);
  const found = gradients([y], [dy], [...names.map((name) => inputs[name]), activated]);
  const outputs: Record<string, Tensor> = { y };
  names.forEach((name, i) => {
    outputs[`gradient of ${name}`] = found[i]!;
  });
  const between = { hidden, activated, product, gradient: found.at(-1)! };
  const plan = await compile(device, graph, { outputs: apart ? { ...outputs, ...between } : outputs });
  const random = new Random(1, 'fuse');
  for (const [name, { size }] of graph.inputs) {
    plan.write(
      name,
      Float32Array.from({ length: size }, () => random.normal()),
    );
  }
  plan.run();
  const values: Record<string, number[]> = {};
  for (const name of Object.keys(outputs)) values[name] = Array.from(await plan.read(name));
  const { dispatches } = plan.statistics;
  plan.destroy();
  return { values, dispatches };
}

const activations: Record<string, (x: Tensor) => Tensor> = {
  relu: (x) => ops.relu(x),
  gelu: (x) => ops.gelu(x),
  'gelu (tanh)': (x) => ops.gelu(x, { approximate: 'tanh' }),
  silu: (x) => ops.silu(x),
  sigmoid: (x) => ops.sigmoid(x),
  tanh: (x) => ops.tanh(x),
};

describe('sums of gradients', () => {
  it('leave the gradient alone that is an output and a summand of the next', async () => {
    // dL/dy = middle is a sum of two; dL/du = middle + a gradient that depends on it.
    const graph = new Graph();
    const u = graph.input('u', [2]);
    const y = ops.add(u, ops.sigmoid(ops.sigmoid(u)));
    const loss = ops.add(ops.sin(y), ops.cos(y));
    const dy = graph.constant(Float32Array.of(1, 2), [2]);
    const [du, middle] = gradients([loss], [dy], [u, y]);
    const plan = await compile(device, graph, { outputs: { du: du!, middle: middle! } });
    const values = [0.5, -1];
    plan.write('u', Float32Array.from(values));
    plan.run();
    const got = { du: await plan.read('du'), middle: await plan.read('middle') };
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    values.forEach((v, i) => {
      const [once, twice] = [sigmoid(v), sigmoid(sigmoid(v))];
      const slope = (i + 1) * (Math.cos(v + twice) - Math.sin(v + twice));
      expect(got.middle[i]).toBeCloseTo(slope, 5);
      expect(got.du[i]).toBeCloseTo(slope * (1 + twice * (1 - twice) * once * (1 - once)), 5);
    });
    plan.destroy();
  });
});

describe('products', () => {
  it.each(Object.entries(activations))('take %s, its gradient and a residual along', async (_, activate) => {
    const fused = await run(activate, false);
    const apart = await run(activate, true);
    expect(fused.dispatches).toBe(apart.dispatches - 3);
    for (const [name, values] of Object.entries(apart.values)) {
      values.forEach((value, i) => {
        expect(fused.values[name][i], `${name}[${i}]`).toBeCloseTo(value, 5);
      });
    }
  });

  it('keep what others read', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 2]);
    const hidden = ops.linear(x, graph.constant(Float32Array.of(1, 0, 0, 1), [2, 2]));
    const y = ops.add(ops.relu(hidden), hidden);
    const plan = await compile(device, graph, { outputs: { y } });
    plan.write('x', Float32Array.of(-1, 2, 3, -4));
    plan.run();
    expect(Array.from(await plan.read('y'))).toEqual([-1, 4, 6, -4]);
    plan.destroy();
  });
});

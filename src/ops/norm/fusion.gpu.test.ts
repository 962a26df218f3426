/** Batch norm with relu and a residual in its own kernels gives what the separate kernels give, whatever the variant. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { add, batchNorm, mul, relu } from '..';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const noise = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) * 2);

interface Setup {
  shape: number[];
  /** What is added before the relu: nothing, a tensor with a gradient of its own, or the input of the norm. */
  residual: 'none' | 'other' | 'input';
  /** Reading what lies between norm and relu keeps the kernels apart. */
  apart: boolean;
  values?: (x: Float32Array) => void;
}

async function run({ shape, residual, apart, values }: Setup) {
  const graph = new Graph({ training: true });
  const size = shape.reduce((a, b) => a * b, 1);
  const x = graph.input('x', shape);
  const r = graph.input('r', shape);
  const weight = graph.constant(noise(shape[1], 3), [shape[1]]);
  const bias = graph.constant(noise(shape[1], 5), [shape[1]]);
  const normalized = batchNorm(x, weight, bias).y;
  const other = residual === 'input' ? x : r;
  const sum = residual === 'none' ? normalized : add(normalized, other);
  const y = relu(sum);
  // The gradient of y comes from two readers.
  const dy = graph.constant(noise(size, 7), shape);
  const found = gradients([mul(y, y), y], [dy, dy], [x, r, weight, bias]);
  const names = ['dx', 'dr', 'dweight', 'dbias'];
  const outputs: Record<string, Tensor> = { y };
  found.forEach((gradient, i) => {
    if (gradient) outputs[names[i]] = gradient;
  });
  const plan = await compile(device, graph, {
    outputs: apart ? { ...outputs, normalized, sum } : outputs,
  });
  const data = noise(size, 11);
  values?.(data);
  plan.write('x', data);
  plan.write('r', noise(size, 13));
  plan.run();
  const result: Record<string, number[]> = {};
  for (const name of Object.keys(outputs)) result[name] = Array.from(await plan.read(name));
  const dispatches = plan.kernelNames;
  plan.destroy();
  return { result, dispatches };
}

describe.each(['thread', 'group', 'passes'])('%s', (variant) => {
  it.each([
    [[3, 5, 4, 6], 'none'],
    [[3, 5, 3, 3], 'other'],
    [[7, 2], 'other'],
    [[3, 70, 5], 'input'],
  ] as const)('%j, residual: %s', async (shape, residual) => {
    await device.variants.withVariant('batchNorm', variant, async () => {
      const setup = { shape: [...shape], residual };
      const fused = await run({ ...setup, apart: false });
      const apart = await run({ ...setup, apart: true });
      expect(fused.dispatches).not.toContain('activation_forward');
      expect(fused.dispatches).not.toContain('activation_backward');
      expect(apart.dispatches).toContain('activation_backward');
      for (const [name, values] of Object.entries(apart.result)) {
        expect(fused.result[name].length).toBe(values.length);
        for (const [i, value] of values.entries()) {
          expect(fused.result[name][i], `${name} ${i}`).toBeCloseTo(value, 4);
        }
      }
    });
  });

  it('keeps NaN to its channel', async () => {
    await device.variants.withVariant('batchNorm', variant, async () => {
      const { result } = await run({
        ...{ shape: [2, 3, 4], residual: 'none', apart: false },
        values: (x) => x.fill(Number.NaN, 4, 5),
      });
      const channels = Array.from({ length: 24 }, (_, i) => Math.floor(i / 4) % 3 === 1);
      expect(result.y.map(Number.isNaN)).toEqual(channels);
      expect(result.dx.map(Number.isNaN)).toEqual(channels);
    });
  });
});

/** Graphs with tensors of float16: types of results and gradients, mixed operands, odd counts, and the refusal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { add, cast, mul, sum } from '../../ops';
import { gradients } from '../compiler/autodiff';
import { Graph } from '../ir/graph';
import { halfBits, halfValue } from './float16';
import { runGraph } from './run-graph';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('types', () => {
  const graph = new Graph();
  const half = graph.input('half', [3], 'f16');
  const single = graph.input('single', [3]);
  const scalar = graph.input('scalar', []);

  it('are float16 where all operands with dimensions are', () => {
    expect(mul(half, half).dtype).toBe('f16');
    expect(mul(half, single).dtype).toBe('f32');
    expect(mul(half, scalar).dtype).toBe('f16');
    expect(cast(half, { dtype: 'float32' }).dtype).toBe('f32');
  });

  it('of gradients are those of the tensors', () => {
    const found = gradients([sum(mul(half, single))], [graph.input('one', [])], [half, single]);
    expect(found.map((gradient) => gradient?.dtype)).toEqual(['f16', 'f32']);
  });

  it('have two bytes per element, in whole words', () => {
    expect([half.storage.size, single.storage.size]).toEqual([8, 12]);
  });
});

describe('values', () => {
  const x = { shape: [3], dtype: 'f16' as const, data: Float32Array.of(0.1, -2, 3e-4) };
  const other = { shape: [3], dtype: 'f32' as const, data: Float32Array.of(3, 0.25, 2) };

  it('mix with float32, forward and backward, or are refused', async () => {
    const run = runGraph(device, { x, other }, (t) => ({ y: add(mul(t.x, t.other), t.x) }), {
      gradOutputs: { y: { shape: [3], data: Float32Array.of(1, 1, 2 ** -11) } },
      wrt: ['x', 'other'],
    });
    if (!device.features.f16) {
      await expect(run).rejects.toMatchObject({
        code: 'unsupported',
        fix: expect.stringContaining('float32'),
      });
      return;
    }
    const { outputs, gradInputs } = await run;
    // The inputs are rounded where they are uploaded; the sum is computed and stored in float32.
    const [a, c] = [0.1, 3e-4].map((value) => halfValue(halfBits(value)));
    expect(Array.from(outputs.y.data)).toEqual([4 * a, -2.5, 3 * c].map(Math.fround));
    expect(Array.from(gradInputs.x.data)).toEqual([4, 1.25, 3 * 2 ** -11]);
    expect(Array.from(gradInputs.other.data)).toEqual([a, -2, c * 2 ** -11].map(Math.fround));
  });

  it('are refused by a device without the feature', async () => {
    const baseline = await testDevice({ tier: 'baseline' });
    try {
      await expect(runGraph(baseline, { x }, (t) => ({ y: t.x }))).rejects.toMatchObject({
        code: 'unsupported',
      });
    } finally {
      baseline.destroy();
    }
  });
});

/** What the cases of the references cannot say about gridSample: NaN, infinity, determinism, slopes at the border. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { runGraph } from '../../graph/runtime/run-graph';
import { gridSample } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const floats = (shape: number[], data: ArrayLike<number>) =>
  ({ shape, dtype: 'f32', data: Float32Array.from(data) }) as const;

type Attrs = NonNullable<Parameters<typeof gridSample>[2]>;

async function sample(grid: number[], attrs: Attrs, x = floats([1, 1, 2, 2], [1, 2, 3, 4])) {
  const n = grid.length / 2;
  const { outputs, gradInputs } = await runGraph(
    device,
    { x, grid: floats([1, n, 1, 2], grid) },
    (t) => ({ y: gridSample(t.x, t.grid, attrs) }),
    { gradOutputs: { y: floats([1, 1, n, 1], new Float32Array(n).fill(1)) }, wrt: ['x', 'grid'] },
  );
  return { y: Array.from(outputs.y.data), dx: gradInputs.x.data, dgrid: Array.from(gradInputs.grid.data) };
}

describe('gridSample', () => {
  it.each(['bilinear', 'nearest', 'bicubic'] as const)('keeps NaN coordinates (%s)', async (mode) => {
    for (const paddingMode of ['zeros', 'border', 'reflection'] as const) {
      const { y } = await sample([Number.NaN, 0.1, 0.1, Number.NaN, 0.5, 0.5], { mode, paddingMode });
      expect(y.map(Number.isNaN), paddingMode).toEqual([true, true, false]);
    }
  });

  it('gives zeros or the border for infinite coordinates', async () => {
    const far = [Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, -1];
    expect((await sample(far, { mode: 'nearest' })).y).toEqual([0, 0]);
    expect((await sample(far, { paddingMode: 'border' })).y).toEqual([4, 1]);
  });

  it('has no slope at and beyond the border, as in PyTorch', async () => {
    const { dgrid } = await sample([1, 0.2, 3, 0.2, 0.25, 0.2], {
      paddingMode: 'border',
      alignCorners: true,
    });
    expect([dgrid[0], dgrid[2]]).toEqual([0, 0]);
    expect(dgrid[4]).toBeCloseTo(0.5, 6);
  });

  it('sums the gradient of an input that many positions read in their order: the same bits in every run', async () => {
    const grid = Array.from({ length: 4000 }, (_, i) => 0.9 * Math.sin(i * i));
    const [first, second] = [await sample(grid, {}), await sample(grid, {})];
    expect(first.dx).toEqual(second.dx);
    // Every position is inside of the four pixels or beside them; the weights of all of its readings are at most 1.
    expect(Array.from(first.dx).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(2000);
  });
});

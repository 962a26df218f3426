/** fractionalMaxPool2d with places that it draws itself. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { runGraph } from '../../graph/runtime/run-graph';
import { fractionalMaxPool2d } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

async function pooled(seed: number) {
  // Larger and larger along both dimensions: the largest of a window is its last.
  const data = Float32Array.from({ length: 4 * 900 }, (_, i) => i % 900);
  const ones = new Float32Array(4 * 100).fill(1);
  const { outputs, gradInputs } = await runGraph(
    device,
    { x: { shape: [2, 2, 30, 30], dtype: 'f32', data } },
    ({ x }) => fractionalMaxPool2d.info.call({ x }, { kernelSize: 2, outputSize: 10, returnIndices: true }),
    { seed, gradOutputs: { y: { shape: [2, 2, 10, 10], data: ones } }, wrt: ['x'] },
  );
  return { y: outputs.y.data, indices: outputs.indices.data, dx: gradInputs.x.data };
}

it('draws windows by the seed, others for each plane, which go up to the edge', async () => {
  const [first, again, other] = [await pooled(1), await pooled(1), await pooled(2)];
  expect(first.y).toEqual(again.y);
  expect(first.y).not.toEqual(other.y);
  const planes = [0, 1, 2, 3].map((plane) =>
    Array.from(first.y.slice(100 * plane, 100 * (plane + 1))).join(),
  );
  expect(new Set(planes).size).toBeGreaterThan(1);
  expect(Array.from(first.indices)).toEqual(Array.from(first.y));
  // The last window ends with the image; windows lie 3.1 positions apart, so they move on by 3 or 4.
  const rows = Array.from({ length: 10 }, (_, i) => Math.floor(first.y[10 * i] / 30));
  expect(rows[9]).toBe(29);
  for (let i = 1; i < 9; i++) expect([3, 4]).toContain(rows[i] - rows[i - 1]);
  expect(Array.from(first.dx).reduce((a, b) => a + b, 0)).toBe(400);
});

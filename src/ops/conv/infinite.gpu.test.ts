// An infinite gradient of one output reaches the inputs that this output was computed from, and no others.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { runGraph } from '../../graph/runtime/run-graph';
import { conv2d } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

it.each([
  { kernel: 3, stride: 1, padding: 1, dilation: 1 },
  { kernel: 3, stride: 2, padding: 1, dilation: 1 },
  { kernel: 3, stride: 2, padding: 0, dilation: 2 },
  { kernel: 4, stride: 3, padding: 2, dilation: 1 },
  { kernel: 5, stride: 2, padding: 2, dilation: 1 },
  { kernel: 7, stride: 3, padding: 3, dilation: 1 },
  { kernel: 1, stride: 2, padding: 0, dilation: 1 },
])('conv2d with $kernel wide kernels, stride $stride, dilation $dilation', async (window) => {
  const { kernel, stride, padding, dilation } = window;
  const size = 13;
  const count = Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const at = count >> 1;
  const dy = new Float32Array(count * count).fill(1);
  dy[at * count + at] = Number.POSITIVE_INFINITY;
  const inputs = {
    x: { shape: [1, 1, size, size], dtype: 'f32' as const, data: new Float32Array(size * size).fill(1) },
    weight: {
      shape: [1, 1, kernel, kernel],
      dtype: 'f32' as const,
      data: new Float32Array(kernel ** 2).fill(1),
    },
  };
  const { gradInputs } = await runGraph(
    device,
    inputs,
    ({ x, weight }) => ({ y: conv2d(x, weight, undefined, { stride, padding, dilation }) }),
    { gradOutputs: { y: { shape: [1, 1, count, count], data: dy } }, wrt: ['x'] },
  );
  const taps = Array.from({ length: kernel }, (_, k) => at * stride - padding + k * dilation);
  const reached = Array.from(
    { length: size * size },
    (_, i) => taps.includes(Math.floor(i / size)) && taps.includes(i % size),
  );
  expect(Array.from(gradInputs.x.data, (value) => !Number.isFinite(value))).toEqual(reached);
  expect(gradInputs.x.data).not.toContain(Number.NaN);
});

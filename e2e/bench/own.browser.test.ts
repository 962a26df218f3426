// `window.harness.bench`: the library's own figures, in a page that is already there.
import { expect, it } from 'vitest';
import { benchOwn } from './own';

it('measures a workload and leaves WebGPU as it was', async () => {
  const { createBuffer } = GPUDevice.prototype;
  const { workloads, kernels } = await benchOwn({ cases: ['mlp-s'] });
  expect(kernels).toEqual([]);
  expect(workloads.map((result) => result.case)).toEqual(['mlp-s']);
  const [{ losses, fenced, perStep }] = workloads;
  expect(losses.at(-1)![1]).toBeLessThan(losses[0][1]);
  expect(fenced.count).toBeGreaterThan(1);
  expect(perStep.submits).toBe(1);
  expect(GPUDevice.prototype.createBuffer).toBe(createBuffer);
});

it('names the cases when one does not exist', async () => {
  await expect(benchOwn({ cases: ['vgg'] })).rejects.toThrow(/bench: cases is "vgg".*mlp-s.*gemm/);
});

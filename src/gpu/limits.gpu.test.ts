/** The least limits: what every adapter has is enough, and the tests on OpenGL ES run within it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { constantsOf } from '../kernels/constants';
import { allKernels } from '../reference/all-kernels';
import type { Device } from './device';

/** WebGPU's defaults, at the compatibility level where these are lower. */
const LEAST = {
  maxComputeInvocationsPerWorkgroup: 128,
  maxComputeWorkgroupSizeX: 128,
  maxComputeWorkgroupSizeY: 128,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBufferBindingSize: 16_384,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
} as const;

let device: Device;
beforeAll(async () => {
  device = await testDevice({ tier: 'baseline' });
});
afterAll(() => device.destroy());

it('are those of the tests on OpenGL ES, and of no device less', () => {
  const isLeast = globalThis.process?.env?.GRADLOOM_DAWN === 'opengles';
  for (const [name, least] of Object.entries(LEAST)) {
    const value = device.limits[name as keyof typeof LEAST];
    if (isLeast) expect(value, name).toBe(least);
    else expect(value, name).toBeGreaterThanOrEqual(least);
  }
});

it('hold for every kernel as it stands', () => {
  for (const { file, variant, code, storage, workgroupSize } of allKernels) {
    const kernel = `${file} ${variant}`;
    const constants = constantsOf(code);
    const [x, y = 1, z = 1] = workgroupSize.map((size) =>
      typeof size === 'number' ? size : constants[size],
    );
    expect(x * y * z, kernel).toBeLessThanOrEqual(LEAST.maxComputeInvocationsPerWorkgroup);
    expect([x, y, z].every((size) => size >= 1 && size <= 128) && z <= 64, kernel).toBe(true);
    expect(storage.length, kernel).toBeLessThanOrEqual(LEAST.maxStorageBuffersPerShaderStage);
  }
});

/** All kernels compile as builds ship them, minified. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { KernelDescription } from './kernel';

const modules = import.meta.glob<KernelDescription | Record<string, KernelDescription>>(
  ['../../shaders/**/*.wgsl', '!../../shaders/lib/**'],
  { eager: true, import: 'default', query: '?minified' },
);
const kernels = Object.values(modules).flatMap((value) =>
  typeof value.code === 'string' ? [value as KernelDescription] : Object.values(value),
) as KernelDescription[];

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

it('compiles', async () => {
  expect(kernels.length).toBeGreaterThan(300);
  const problems: string[] = [];
  for (const { code, file, variant } of kernels) {
    expect(code).not.toMatch(/^ |\/\//m);
    // Adapters of the compatibility level have no subgroups and refuse the extension.
    if (code.includes('enable subgroups') && !device.features.subgroups) continue;
    const module = device.gpu.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    const [error] = messages.filter(({ type }) => type === 'error');
    if (error) problems.push(`${file} ${variant}:${error.lineNum}: ${error.message}`);
  }
  expect(problems).toEqual([]);
});

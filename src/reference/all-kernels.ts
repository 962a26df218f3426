/** Every kernel, for tests that go over all of them. */
import type { KernelDescription } from '../kernels/kernel';

const modules = import.meta.glob<KernelDescription | Record<string, KernelDescription>>(
  ['../../shaders/**/*.wgsl', '!../../shaders/lib/**'],
  { eager: true, import: 'default' },
);

export const allKernels: readonly KernelDescription[] = Object.values(modules).flatMap((value) =>
  typeof value.code === 'string'
    ? [value as KernelDescription]
    : Object.values(value as Record<string, KernelDescription>),
);

/**
 * Build time only: what lowering reads of a kernel, before its code is loaded. A shader file says so in a comment line,
 * `// lowering reads: TILE storage`: names of constants, `storage` for the bindings, `params` for the uniforms,
 * `workgroupSize`. A test lowers the cases of all ops with kernels that are not loaded.
 */
import { groupSizeOf } from './constants.ts';
import type { KernelDescription } from './kernel.ts';

/** The named parts of a kernel; undefined where the file names none. */
export function knownToLowering(
  source: string,
  kernel: KernelDescription,
): Partial<KernelDescription> | undefined {
  const names = /^\/\/ lowering reads: (.+)$/m.exec(source)?.[1].split(/\s+/);
  if (!names) return undefined;
  const { constants, storage, params } = kernel;
  const shared = names.filter((name) => name in constants).map((name) => [name, constants[name]]);
  return {
    ...(shared.length > 0 && { constants: Object.fromEntries(shared) }),
    ...(names.includes('storage') && { storage }),
    ...(names.includes('params') && { params }),
    ...(names.includes('workgroupSize') && { workgroupSize: [groupSizeOf(kernel)] }),
  };
}

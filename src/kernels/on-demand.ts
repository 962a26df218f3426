/**
 * Kernels as the package ships them: the code of each shader file is a module of its own, loaded when a plan first needs
 * one of its kernels. What lowering reads of a kernel before that is given, by a line `// lowering reads:` of the shader.
 */
import { assertInternal } from '../errors';
import { kernelName } from './interface';
import type { KernelDescription } from './kernel';
import { type Chunk, unpackKernel } from './packed';

/** The kernels of a file by variant: the bound of their loops and their chunks. */
export type KernelCode = Record<string, readonly [rounds: string | null, ...chunks: Chunk[]]>;

const PARTS = ['code', 'storage', 'params', 'step', 'workgroupSize', 'constants', 'rounds', 'files', 'lines'];

/**
 * Makes the kernels of a shader file.
 * @param file path below `shaders/`
 */
export function kernelFile(file: string, load: () => Promise<{ default: KernelCode }>) {
  let code: KernelCode | undefined;
  let loading: Promise<unknown> | undefined;
  const loaded = () => {
    loading ??= load().then(
      (module) => {
        code = module.default;
      },
      (error) => {
        // Perhaps the network is back the next time.
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  /** @param known what is read before the code is there */
  return (variant: string, known: Partial<KernelDescription> = {}): KernelDescription => {
    const name = kernelName(file);
    let kernel: KernelDescription | undefined;
    const part = (key: keyof KernelDescription) => {
      if (!code && key in known) return known[key];
      assertInternal(code, name, `${key} is read before the kernel is loaded`);
      const [rounds, ...chunks] = code[variant];
      kernel ??= unpackKernel(file, variant, rounds ?? undefined, ...chunks);
      return kernel[key];
    };
    const lazy = PARTS.map((key) => [
      key,
      { enumerable: true, get: () => part(key as keyof KernelDescription) },
    ]);
    const description = { name, file, variant, load: loaded };
    return Object.defineProperties(description, Object.fromEntries(lazy)) as KernelDescription;
  };
}

/** Kernels that users write: WGSL as text at run time, reflected and checked like the library's own. */
import { GradloomError } from '../errors';
import type { Kernel } from './kernel';
import { reflectKernel } from './reflect';

export interface KernelOptions {
  /** File name in error messages; `custom.wgsl` unless given. */
  file?: string;
}

/**
 * The kernel of a WGSL text with one `@compute` entry point. Storage bindings go by their names; the uniform struct
 * `params` holds values that a plan fixes, `step` those of a training step. The parser is loaded at the first call.
 * @throws GradloomError `argument` with the line at fault: syntax, bindings and fields that are not used or not written.
 */
export async function defineKernel<
  R extends string = string,
  W extends string = string,
  U extends string = string,
>(code: string, { file = 'custom.wgsl' }: KernelOptions = {}): Promise<Kernel<R, W, U>> {
  const { WgslReflect } = await import('wgsl_reflect/wgsl_reflect.module.js');
  const fail = (problem: string, line?: number) =>
    new GradloomError({
      code: 'argument',
      op: 'defineKernel',
      argument: line === undefined ? file : `${file}:${line}`,
      got: problem,
    });
  if (typeof code !== 'string')
    throw fail(`${code === null ? 'null' : `a ${typeof code}`} instead of WGSL text`);
  const reflected = reflectKernel(code, WgslReflect, fail);
  for (const { name, binding } of reflected.storage) {
    const group = new RegExp(`@group\\(\\s*([1-9]\\d*)\\s*\\)[^;]*\\b${name}\\b\\s*:`).exec(code);
    if (group) throw fail(`binding ${name} (${binding}) is in group ${group[1]}; kernels have group 0 alone`);
  }
  const lines = code.split('\n').map((_, i) => [0, i + 1] as [number, number]);
  // The text itself tells kernels of one name apart in caches.
  return { ...reflected, file, variant: code, code, isCustom: true, files: [file], lines };
}

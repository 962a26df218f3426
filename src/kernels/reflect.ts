/**
 * Reflection of linked WGSL: bindings, uniform layout and workgroup size as the shader declares them, and the
 * lints that every kernel keeps. The parser (wgsl_reflect) is handed in: the build has it, pages load it on demand.
 */
import type { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { constantsOf } from './constants.ts';
import type { KernelDescription, ScalarType, StorageBinding, UniformField } from './kernel.ts';

/** Reflection of a kernel's code. */
export type ReflectedKernel = Pick<
  KernelDescription,
  'name' | 'storage' | 'params' | 'step' | 'workgroupSize' | 'constants'
>;

/**
 * Reflects the only entry point of `code`.
 * @param fail makes the error for a problem, with the line of `code` (from 1) where it is known.
 */
export function reflectKernel(
  code: string,
  Parser: typeof WgslReflect,
  fail: (problem: string, line?: number) => Error,
): ReflectedKernel {
  let reflection: WgslReflect;
  try {
    reflection = new Parser(code);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const line = /\bLine:\s*(\d+)/.exec(text);
    throw fail(text.replace(/\.*\s*Line:\s*\d+/, ''), line ? Number(line[1]) : undefined);
  }
  const entries = reflection.entry.compute;
  if (entries.length !== 1) {
    const names = entries.map(({ name }: { name: string }) => name).join(', ');
    throw fail(`expected one @compute entry point, got ${names || 'none'}`);
  }
  const [entry] = entries;
  const used = new Set(entry.resources.map((resource: { name: string }) => resource.name));
  const declared = (name: string) => lineOf(code, new RegExp(`\\bvar\\s*<[^>]*>\\s*${name}\\b`));

  const storage: StorageBinding[] = reflection.storage.map((resource: any) => {
    let type = resource.type;
    while (type.format) type = type.format;
    return {
      name: resource.name,
      binding: resource.binding,
      access: resource.access || 'read',
      type: scalarOf(type.name),
    };
  });
  for (const { name, access } of storage) {
    if (!used.has(name)) throw fail(`binding ${name} is never used`, declared(name));
    if (access === 'read_write' && !isWritten(code, name)) {
      throw fail(`binding ${name} is declared read_write but never written`, declared(name));
    }
  }

  let params: KernelDescription['params'];
  let step: number | undefined;
  for (const resource of reflection.uniforms as any[]) {
    const { name, binding, size, members } = resource;
    if (!used.has(name)) throw fail(`uniform ${name} is never used`, declared(name));
    if (name === 'step') step = binding;
    else if (name === 'params') {
      if (!members) throw fail('uniform params must be a struct', declared(name));
      const fields: Record<string, UniformField> = {};
      for (const member of members) fields[member.name] = uniformField(member);
      for (const field of Object.keys(fields)) {
        if (!new RegExp(`\\bparams\\.${field}\\b|&params\\b|\\(params\\b|\\bparams[,);]`).test(code)) {
          throw fail(`uniform field ${field} is never used`, lineOf(code, new RegExp(`\\b${field}\\s*:`)));
        }
      }
      params = { binding, size: Math.ceil(size / 16) * 16, fields };
    } else throw fail(`uniform ${name} must be named params or step`, declared(name));
  }
  const size = entry.attributes?.find((a: { name: string }) => a.name === 'workgroup_size')?.value ?? 1;
  return {
    name: entry.name,
    storage,
    params,
    step,
    workgroupSize: [size]
      .flat()
      .map((v: string | number) => (/^\d+$/.test(String(v)) ? Number(v) : String(v))),
    constants: constantsOf(code),
  };
}

/** The line of the first match, from 1. */
function lineOf(code: string, pattern: RegExp): number | undefined {
  const at = code.search(pattern);
  return at < 0 ? undefined : code.slice(0, at).split('\n').length;
}

function scalarOf(name: string): ScalarType {
  if (/f16|h$/.test(name)) return 'f16';
  if (/i32|vec\di$/.test(name)) return 'i32';
  if (/u32|vec\du$/.test(name)) return 'u32';
  return 'f32';
}

function uniformField(member: any): UniformField {
  let type = member.type;
  while (type.format) type = type.format;
  const scalar = scalarOf(type.name);
  return { offset: member.offset, type: scalar === 'f16' ? 'f32' : scalar, count: member.size / 4 };
}

/** Whether a binding is stored to, directly, through atomics or by a helper that gets a pointer to it. */
function isWritten(code: string, name: string): boolean {
  return new RegExp(`\\b${name}\\s*\\[[^;]*\\]\\s*[-+*/|&]?=[^=]|&${name}\\b`).test(code);
}

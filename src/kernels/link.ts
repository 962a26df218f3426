/**
 * Build time only: links one WGSL file with its imports (WESL), reflects it and checks it against the lints of
 * this project. The result is the `KernelDescription` that the runtime uses.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { link } from 'wesl/core';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { kernelName } from './interface.ts';
import type { KernelDescription, LineOrigin, ScalarType, StorageBinding, UniformField } from './kernel.ts';

/** All shader sources below `root`, keyed by path; files in `lib/` are only imported, the others are kernels. */
export function readShaders(root: string): Record<string, string> {
  const sources: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.wgsl')) continue;
    const path = join(entry.parentPath, entry.name);
    sources[relative(root, path).replaceAll('\\', '/')] = readFileSync(path, 'utf8');
  }
  return sources;
}

export const isKernelFile = (path: string): boolean => !path.startsWith('lib/');

/**
 * The variants that a file declares in a comment line `// variants: a b c`; `['']` when it declares none. A variant `a.b`
 * has both conditions.
 */
export function variantsOf(source: string): string[] {
  const declared = /^\/\/ variants:\s*(.+)$/m.exec(source)?.[1].trim().split(/\s+/);
  return declared ?? [''];
}

/** Links, reflects and lints every variant of one kernel file. Throws with file and line where something is wrong. */
export async function describeKernels(
  file: string,
  sources: Record<string, string>,
): Promise<Record<string, KernelDescription>> {
  const described: Record<string, KernelDescription> = {};
  for (const variant of variantsOf(sources[file]))
    described[variant] = await describe(file, variant, sources);
  return described;
}

async function describe(
  file: string,
  variant: string,
  sources: Record<string, string>,
): Promise<KernelDescription> {
  const modules = Object.entries(sources).filter(([path]) => path === file || !isKernelFile(path));
  const wesl = Object.fromEntries(modules.map(([path, text]) => [weslPath(path), text]));
  const conditions = Object.fromEntries(
    modules
      .flatMap(([, text]) => [...text.matchAll(/@(?:if|elif)\s*\(([^)]*)\)/g)])
      .flatMap(([, expression]) => expression.match(/\w+/g) ?? [])
      .map((name) => [name, variant.split('.').includes(name)]),
  );
  const linked = await link({
    weslSrc: wesl,
    rootModuleName: weslPath(file).replace(/\.wesl$/, ''),
    conditions,
  });
  const code = linked.dest;
  const files: string[] = [];
  const lines = lineOrigins(code, linked.sourceMap, sources, files);

  let reflection: WgslReflect;
  try {
    reflection = new WgslReflect(code);
  } catch (error) {
    throw new Error(
      `${file}${variant && ` (${variant})`}: ${error instanceof Error ? error.message : error}`,
    );
  }
  const entries = reflection.entry.compute;
  const name = kernelName(file);
  if (entries.length !== 1 || entries[0].name !== name) {
    throw new Error(`${file}: expected one entry point named ${name}, got [${entries.map((e) => e.name)}]`);
  }
  const used = new Set(entries[0].resources.map((resource: { name: string }) => resource.name));

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
  for (const binding of storage) {
    if (!used.has(binding.name)) throw new Error(`${file}: binding ${binding.name} is never used`);
    if (binding.access === 'read_write' && !isWritten(code, binding.name)) {
      throw new Error(`${file}: binding ${binding.name} is declared read_write but never written`);
    }
  }

  let params: KernelDescription['params'];
  let step: number | undefined;
  for (const resource of reflection.uniforms as any[]) {
    if (!used.has(resource.name)) throw new Error(`${file}: uniform ${resource.name} is never used`);
    if (resource.name === 'step') {
      step = resource.binding;
    } else if (resource.name === 'params') {
      const fields: Record<string, UniformField> = {};
      for (const member of resource.members) fields[member.name] = uniformField(member);
      for (const field of Object.keys(fields)) {
        if (!new RegExp(`\\bparams\\.${field}\\b|&params\\b|\\(params\\b|\\bparams[,);]`).test(code)) {
          throw new Error(`${file}: uniform field ${field} is never used`);
        }
      }
      params = { binding: resource.binding, size: Math.ceil(resource.size / 16) * 16, fields };
    } else {
      throw new Error(`${file}: uniform ${resource.name} must be named params or step`);
    }
  }
  const size = entries[0].attributes?.find((a: { name: string }) => a.name === 'workgroup_size')?.value ?? 1;
  return {
    name,
    file,
    variant,
    code,
    storage,
    params,
    step,
    overrides: reflection.overrides.map((o: { name: string }) => o.name),
    workgroupSize: [size]
      .flat()
      .map((v: string | number) => (/^\d+$/.test(String(v)) ? Number(v) : String(v))),
    files,
    lines,
  };
}

/** WESL wants module paths of identifiers with its own suffix: `softmax/softmax.forward.wgsl` -> `softmax/softmax_forward.wesl`. */
function weslPath(path: string): string {
  const parts = path.replace(/\.wgsl$/, '').split('/');
  return `${parts.map((part) => part.replaceAll('.', '_')).join('/')}.wesl`;
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

/** For each line of the linked code the file and line that it comes from. */
function lineOrigins(
  code: string,
  sourceMap: { destToSrc(position: number): { src: { text: string }; position: number } },
  sources: Record<string, string>,
  files: string[],
): LineOrigin[] {
  const byText = new Map(Object.entries(sources).map(([path, text]) => [text, path]));
  const origins: LineOrigin[] = [];
  let start = 0;
  for (const line of code.split('\n')) {
    const indent = line.length - line.trimStart().length;
    const { src, position } = sourceMap.destToSrc(Math.min(start + indent, code.length - 1));
    const path = byText.get(src.text) ?? '?';
    if (!files.includes(path)) files.push(path);
    origins.push([files.indexOf(path), src.text.slice(0, position).split('\n').length]);
    start += line.length + 1;
  }
  return origins;
}

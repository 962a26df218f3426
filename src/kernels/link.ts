/**
 * Build time only: links one WGSL file with its imports (WESL) and reflects it. The result is the `KernelDescription`
 * that the runtime uses.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { link } from 'wesl/core';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { kernelName } from './interface.ts';
import type { KernelDescription, LineOrigin } from './kernel.ts';
import { reflectKernel } from './reflect.ts';
import { roundsOf } from './rounds.ts';

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

/** Conditions that hold for all variants of a file, from a comment line `// conditions: a b`. */
const conditionsOf = (source: string): string[] =>
  /^\/\/ conditions:\s*(.+)$/m.exec(source)?.[1].trim().split(/\s+/) ?? [];

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
  const holding = new Set([...variant.split('.'), ...conditionsOf(sources[file])]);
  const conditions = Object.fromEntries(
    modules
      .flatMap(([, text]) => [...text.matchAll(/@(?:if|elif)\s*\(([^)]*)\)/g)])
      .flatMap(([, expression]) => expression.match(/\w+/g) ?? [])
      .map((name) => [name, holding.has(name)]),
  );
  const linked = await link({
    weslSrc: wesl,
    rootModuleName: weslPath(file).replace(/\.wesl$/, ''),
    conditions,
  });
  const code = linked.dest;
  const files: string[] = [];
  const lines = lineOrigins(code, linked.sourceMap, sources, files);

  const name = kernelName(file);
  const where = `${file}${variant && ` (${variant})`}`;
  const reflected = reflectKernel(code, WgslReflect, (problem, line) => {
    const [at, number] = (line !== undefined && lines[line - 1]) || [];
    return new Error(at === undefined ? `${where}: ${problem}` : `${files[at]}:${number}: ${problem}`);
  });
  if (reflected.name !== name)
    throw new Error(`${file}: expected an entry point named ${name}, got ${reflected.name}`);
  const rounds = roundsOf(sources[file], variant);
  if (rounds === undefined && hasVariableLoop(code)) {
    throw new Error(
      `${where}: loops of variable length need a comment "// rounds: <bound>", see src/kernels/rounds.ts`,
    );
  }
  return { ...reflected, rounds, file, variant, code, files, lines };
}

/** WESL wants module paths of identifiers with its own suffix: `softmax/softmax.forward.wgsl` -> `softmax/softmax_forward.wesl`. */
function weslPath(path: string): string {
  const parts = path.replace(/\.wgsl$/, '').split('/');
  return `${parts.map((part) => part.replaceAll('.', '_')).join('/')}.wesl`;
}

/** Whether the code has a loop other than `for` over at most 64 values between literals. */
function hasVariableLoop(code: string): boolean {
  const text = code.replace(/\/\/.*$/gm, '');
  const loops = text.match(/\b(for|while|loop)\b\s*[({]/g) ?? [];
  const fixed = [...text.matchAll(/\bfor \(var (\w+) = \du; \1 < (\d+)u; \1(\+\+| \+= \d+u)\)/g)];
  return loops.length > fixed.filter(([, , end]) => Number(end) <= 64).length;
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

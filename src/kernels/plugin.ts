/**
 * Vite plugin: an import of a `.wgsl` file becomes its kernel description (or, for a file with `// variants:`, an
 * object of them by variant). Builds get the kernels minified, in chunks (`pack.ts`) that all kernels share.
 * `generateTypes` makes the declaration file that gives these imports their types.
 */
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Plugin } from 'vite';
import { BuildCache } from './build-cache.ts';
import { constantsOf } from './constants.ts';
import { layoutOf } from './interface.ts';
import type { KernelDescription } from './kernel.ts';
import { describeKernels, isKernelFile, readShaders, variantsOf } from './link.ts';
import { knownToLowering } from './lowering-reads.ts';
import { minifyLine, shortNames } from './minify.ts';
import { type Packed, packKernels } from './pack.ts';
import type { Chunk } from './packed.ts';

/** Query of an import that asks for the kernels as builds have them. */
const MINIFIED = 'minified';
/** Query of a kernel file's module that has the code of kernels on demand. */
const CODE = 'code';

type Described = Record<string, KernelDescription>;

interface ShortForm {
  /** Of imports. */
  query: string;
  /** Variants are exported by name where they can be, so that bundlers see which ones a page uses. */
  named: boolean;
}

/** Kernels as they are shipped, made when they are asked for. */
class KernelModules {
  readonly shaderRoot: string;
  private readonly unpack: string;
  private readonly kernelFile: string;
  private readonly cache: BuildCache;
  private sources: Record<string, string> | undefined;
  private minified: ReturnType<typeof minifyAll> | undefined;

  constructor(root: string) {
    this.shaderRoot = join(root, 'shaders');
    this.unpack = JSON.stringify(join(root, 'src/kernels/packed.ts'));
    this.kernelFile = JSON.stringify(join(root, 'src/kernels/on-demand.ts'));
    this.cache = new BuildCache(
      join(root, 'node_modules/.cache/gradloom-kernels'),
      join(root, 'src/kernels'),
      ['wesl', 'wgsl_reflect'].map((name) => versionOf(root, name)),
    );
  }

  forget(): void {
    this.sources = undefined;
    this.minified = undefined;
  }

  /** All shader files by path below `shaders/`. */
  get files(): Record<string, string> {
    return (this.sources ??= readShaders(this.shaderRoot));
  }

  /** The module of a kernel file with all its lines, whose default export is the kernel, or the kernels by variant. */
  async whole(path: string): Promise<string> {
    const file = this.fileOf(path);
    const kernels = await this.describe(file);
    return this.moduleOf(file, kernels, packKernels(Object.values(kernels)));
  }

  /** The module of a file, minified: of a kernel file, which imports the chunks of other files, or of such chunks. */
  async short(path: string, { query, named }: ShortForm): Promise<string> {
    const file = this.fileOf(path);
    this.minified ??= minifyAll(this.files, (name) => this.describe(name));
    const { described, packed } = await this.minified;
    if (isKernelFile(file)) return this.moduleOf(file, described.get(file)!, packed, { query, named });
    return declareChunks(file, packed.chunks.get(file) ?? [], 'export ').join('\n');
  }

  /** The module of a kernel file whose kernels are loaded on demand, from the module `?code`. */
  async onDemand(path: string): Promise<string> {
    const file = this.fileOf(path);
    this.minified ??= minifyAll(this.files, (name) => this.describe(name));
    const kernels = (await this.minified).described.get(file)!;
    const values = Object.entries(kernels).map(([variant, kernel]) => {
      const known = knownToLowering(this.files[file], kernel);
      const given = [variant, ...(known ? [known] : [])].map((value) => JSON.stringify(value));
      return [variant, `kernel(${given.join(', ')})`] as const;
    });
    const load = `() => import(${JSON.stringify(`${path}?${CODE}`)})`;
    return [
      `import { kernelFile } from ${this.kernelFile};`,
      `const kernel = kernelFile(${JSON.stringify(file)}, ${load});`,
      ...exportKernels(values, true),
    ].join('\n');
  }

  /** What the kernels of `onDemand` load: bounds of loops and chunks by variant. */
  async codeOf(path: string): Promise<string> {
    const file = this.fileOf(path);
    this.minified ??= minifyAll(this.files, (name) => this.describe(name));
    const { described, minify } = await this.minified;
    const kernels = described.get(file)!;
    const { chunks, kernels: packed } = packKernels(Object.values(kernels), minify);
    const names = new Map([...chunks.values()].flat().map((chunk, i) => [chunk, `c${i}`]));
    const declared = [...names].map(([chunk, name]) => `const ${name} = ${JSON.stringify(chunk)};`);
    const entries = Object.entries(kernels).map(([variant, kernel]) => {
      const parts = packed.get(kernel)!.map((chunk) => names.get(chunk));
      return `${JSON.stringify(variant)}: [${[JSON.stringify(kernel.rounds ?? null), ...parts].join(', ')}]`;
    });
    return [...declared, `export default { ${entries.join(', ')} };`].join('\n');
  }

  fileOf(path: string): string {
    return relative(this.shaderRoot, path).replaceAll('\\', '/');
  }

  private async describe(file: string): Promise<Described> {
    const inputs = Object.keys(this.files).filter((other) => other === file || !isKernelFile(other));
    const parts = inputs.sort().flatMap((input) => [input, this.files[input]]);
    const make = async () => JSON.stringify(await describeKernels(file, this.files));
    return JSON.parse(await this.cache.get(file, parts, make));
  }

  /** Without `imports`, the chunks of other files stand in the module. */
  private moduleOf(file: string, kernels: Described, packed: Packed, imports?: ShortForm): string {
    const head = [`import { unpackKernel } from ${this.unpack};`];
    const names = new Map<Chunk, string>();
    const used = new Set(Object.values(kernels).flatMap((kernel) => packed.kernels.get(kernel)!));
    const files = [...new Set([...used].map(([from]) => from))];
    files.forEach((from, f) => {
      const chunks = packed.chunks.get(from)!;
      const needed = chunks.flatMap((chunk, i) => {
        const name = from === file ? `c${i}` : `f${f}c${i}`;
        names.set(chunk, name);
        return used.has(chunk) ? [`c${i} as ${name}`] : [];
      });
      if (from === file || !imports)
        head.push(...declareChunks(from, chunks, '', (i) => names.get(chunks[i])!));
      else
        head.push(
          `import { ${needed.join(', ')} } from ${JSON.stringify(join(this.shaderRoot, from) + imports.query)};`,
        );
    });
    const values = Object.entries(kernels).map(([variant, kernel]) => {
      const given = [file, variant, kernel.rounds].map((value) => String(JSON.stringify(value)));
      const chunks = packed.kernels.get(kernel)!.map((chunk) => names.get(chunk));
      return [variant, `unpackKernel(${[...given, ...chunks].join(', ')})`] as const;
    });
    return [...head, ...exportKernels(values, imports?.named ?? false)].join('\n');
  }
}

/** Declarations of chunks as constants. */
function declareChunks(
  file: string,
  chunks: readonly Chunk[],
  before: string,
  nameOf = (i: number) => `c${i}`,
): string[] {
  const values = chunks.map(([, line, text]) => [file, line, text].map((value) => JSON.stringify(value)));
  return values.map((value, i) => `${before}const ${nameOf(i)} = [${value.join(', ')}];`);
}

/** Whether the variants of a file can be exports. */
const haveNames = (variants: readonly string[]): boolean =>
  variants.every((variant) => variant !== '' && !variant.includes('.'));

/** The only kernel of a file, or its variants: by name, or in one object. */
function exportKernels(
  kernels: readonly (readonly [variant: string, code: string])[],
  named: boolean,
): string[] {
  if (kernels[0][0] === '') return [`export default ${kernels[0][1]};`];
  if (named && haveNames(kernels.map(([variant]) => variant))) {
    // Variants may be called as keywords are.
    const declared = kernels.map(([, code], i) => `const k${i} = ${code};`);
    return [...declared, `export { ${kernels.map(([variant], i) => `k${i} as ${variant}`).join(', ')} };`];
  }
  const entries = kernels.map(([variant, code]) => `${JSON.stringify(variant)}: ${code}`);
  return [`export default { ${entries.join(', ')} };`];
}

/** The modules of shader files as the package has them. */
export interface ShaderModules {
  /** The code of a file's module, minified. */
  code(path: string): Promise<string>;
  /** Whether the module exports its kernels by variant, instead of one by default. */
  exportsVariants(path: string): boolean;
}

/**
 * @param root the repository's root, which holds `shaders/`
 * @param isOnDemand whether the code of kernels is in modules of its own, which are loaded when it is needed
 */
export function shaderModules(root: string, isOnDemand: boolean): ShaderModules {
  const modules = new KernelModules(root);
  return {
    code(path) {
      if (!isOnDemand) return modules.short(path, { query: '', named: true });
      return path.endsWith(`?${CODE}`)
        ? modules.codeOf(path.slice(0, -CODE.length - 1))
        : modules.onDemand(path);
    },
    exportsVariants: (path) => haveNames(variantsOf(modules.files[modules.fileOf(path)])),
  };
}

/** @param root the repository's root, which holds `shaders/`. */
export function wgslKernels(root: string): Plugin {
  const modules = new KernelModules(root);
  let builds = false;
  return {
    name: 'gradloom:wgsl-kernels',
    enforce: 'pre',
    configResolved({ command }) {
      builds = command === 'build';
    },
    watchChange: () => modules.forget(),
    hotUpdate: () => modules.forget(),
    async load(id) {
      const [path, query = ''] = id.split('?');
      if (!path.endsWith('.wgsl') || !path.startsWith(modules.shaderRoot)) return null;
      for (const name of Object.keys(modules.files)) {
        if (!isKernelFile(name)) this.addWatchFile(join(modules.shaderRoot, name));
      }
      const minifies = builds || query === MINIFIED;
      const form = { query: query && `?${query}`, named: false };
      return { code: await (minifies ? modules.short(path, form) : modules.whole(path)), map: null };
    },
  };
}

/** All kernels with short names. */
async function minifyAll(sources: Record<string, string>, describe: (file: string) => Promise<Described>) {
  const described = new Map<string, Described>();
  for (const file of Object.keys(sources).filter(isKernelFile).sort()) {
    described.set(file, await describe(file));
  }
  const all = [...described.values()].flatMap((kernels) => Object.values(kernels));
  const names = shortNames(
    all.map(({ code }) => code),
    all.map(({ name }) => name),
  );
  const minify = (line: string) => minifyLine(line, names);
  return { described, packed: packKernels(all, minify), minify };
}

function versionOf(root: string, name: string): string {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Where the generated types of all kernels live. */
export const typesFile = (root: string): string => join(root, 'src/kernels/shaders.generated.d.ts');

/** The types of all kernels as one declaration file; the same shaders give the same text. */
export async function generateTypes(root: string): Promise<string> {
  const sources = readShaders(join(root, 'shaders'));
  const modules: string[] = [];
  for (const file of Object.keys(sources).filter(isKernelFile).sort()) {
    const kernels = await describeKernels(file, sources);
    const type = kernels['']
      ? kernelType(kernels[''])
      : `{ ${Object.entries(kernels)
          .map(([name, kernel]) => `${name.includes('.') ? `'${name}'` : name}: ${kernelType(kernel)}`)
          .join('; ')} }`;
    modules.push(
      `declare module '*/shaders/${file}' {\n  const kernel: ${type};\n  export default kernel;\n}`,
    );
  }
  return `// Made by \`npm run generate\` from shaders/. Do not edit.\n${modules.join('\n')}\n`;
}

function kernelType(kernel: KernelDescription): string {
  const union = (names: string[]) => (names.length ? names.map((name) => `'${name}'`).join(' | ') : 'never');
  const names = (access: string) =>
    union(kernel.storage.filter((b) => b.access === access).map((b) => b.name));
  const types = [
    names('read'),
    names('read_write'),
    ...[kernel.params?.fields ?? {}, kernel.constants].map((named) => union(Object.keys(named))),
  ];
  return `import('./kernel').Kernel<${types.join(', ')}>`;
}

/** Where the constants that shaders and host share without a kernel at hand are generated to. */
export const constantsFile = (root: string): string => join(root, 'src/kernels/constants.generated.ts');

/**
 * Enumerations and numbers of `shaders/` as TypeScript: constants, and byte offsets of the fields of structs, from the
 * paragraphs that begin with the line `// shared with the host`.
 */
export function generateConstants(root: string): string {
  const sources = readShaders(join(root, 'shaders'));
  const objects = Object.keys(sources)
    .sort()
    .flatMap((file) => {
      const code = [...sources[file].matchAll(/^\/\/ shared with the host\n((?:.+\n)+)/gm)]
        .map(([, text]) => text)
        .join('');
      if (code === '') return [];
      const name = basename(file, '.wgsl').replace(/[_.](\w)/g, (_, letter) => letter.toUpperCase());
      const structs = [...code.matchAll(/\bstruct (\w+)/g)].map(([, struct]) => {
        const { size, fields } = layoutOf(code, struct);
        const offsets = Object.entries(fields).map(([field, { offset }]) => [field, offset]);
        return [struct, { size, ...Object.fromEntries(offsets) }];
      });
      const entries = [...Object.entries(constantsOf(code)), ...structs].map(
        ([key, value]) =>
          `  ${key}: ${JSON.stringify(value)
            .replaceAll('"', '')
            .replace(/([,:{])/g, '$1 ')
            .replace('}', ' }')},\n`,
      );
      return `/** shaders/${file} */\nexport const ${name} = {\n${entries.join('')}} as const;\n`;
    });
  return `// Made by \`npm run generate\` from shaders/. Do not edit.\n${objects.join('\n')}`;
}

/**
 * Vite plugin: an import of a `.wgsl` file becomes its kernel description (or, for a file with `// variants:`, an
 * object of them by variant). Builds get the kernels minified, with the lines of imported files as modules that all
 * kernels share. `generateTypes` makes the declaration file that gives these imports their types.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';
import { BuildCache } from './build-cache.ts';
import type { KernelDescription } from './kernel.ts';
import { describeKernels, isKernelFile, readShaders } from './link.ts';
import { minifyLine, shortNames } from './minify.ts';
import { type PackedKernels, PoolWriter, packKernels } from './packed.ts';

/** A kernel file ready to be shipped, with the files that its lines come from. */
interface Packed {
  kernels: PackedKernels;
  files: string[];
}

/** Query of an import that asks for the kernels as builds have them. */
const MINIFIED = 'minified';

type Described = Record<string, KernelDescription>;

/** Kernels as they are shipped, made when they are asked for. */
class KernelModules {
  readonly shaderRoot: string;
  private readonly unpack: string;
  private readonly cache: BuildCache;
  private sources: Record<string, string> | undefined;
  private minified: ReturnType<typeof minifyAll> | undefined;

  constructor(root: string) {
    this.shaderRoot = join(root, 'shaders');
    this.unpack = JSON.stringify(join(root, 'src/kernels/packed.ts'));
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

  /** The module of a kernel file with all its lines. */
  async whole(path: string): Promise<string> {
    const file = this.fileOf(path);
    const pools = new Map<string, PoolWriter>();
    const packed = packKernels(await this.describe(file), writersIn(pools));
    return this.moduleOf(file, packed, pools);
  }

  /**
   * The module of a file, minified: of a kernel file, which imports the lines of other files, or of such lines.
   * @param query of its imports
   */
  async short(path: string, query = ''): Promise<string> {
    const file = this.fileOf(path);
    this.minified ??= minifyAll(this.files, (name) => this.describe(name));
    const { packed, pools } = await this.minified;
    return isKernelFile(file)
      ? this.moduleOf(file, packed.get(file)!, pools, query)
      : `export default ${JSON.stringify(pools.get(file)!.pool)};`;
  }

  private fileOf(path: string): string {
    return relative(this.shaderRoot, path).replaceAll('\\', '/');
  }

  private async describe(file: string): Promise<Described> {
    const inputs = Object.keys(this.files).filter((other) => other === file || !isKernelFile(other));
    const parts = inputs.sort().flatMap((input) => [input, this.files[input]]);
    const make = async () => JSON.stringify(await describeKernels(file, this.files));
    return JSON.parse(await this.cache.get(file, parts, make));
  }

  /** With `query`, the lines of other files are imported; else they stand in the module. */
  private moduleOf(
    file: string,
    { kernels, files }: Packed,
    pools: ReadonlyMap<string, PoolWriter>,
    query?: string,
  ): string {
    const imports = [`import { unpackKernels } from ${this.unpack};`];
    const given = files.map((name, i) => {
      if (name === file || query === undefined) return JSON.stringify(pools.get(name)!.pool);
      imports.push(`import pool${i} from ${JSON.stringify(join(this.shaderRoot, name) + query)};`);
      return `pool${i}`;
    });
    const values = [JSON.stringify(file), JSON.stringify(kernels), ...given].join(', ');
    return `${imports.join(' ')} export default unpackKernels(${values});`;
  }
}

/** Makes the minified module of a shader file. @param root the repository's root, which holds `shaders/` */
export function shortKernels(root: string): (path: string) => Promise<string> {
  const modules = new KernelModules(root);
  return (path) => modules.short(path);
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
      if (builds) return { code: await modules.short(path), map: null };
      const minifies = query === MINIFIED;
      return { code: await (minifies ? modules.short(path, `?${query}`) : modules.whole(path)), map: null };
    },
  };
}

const writersIn = (pools: Map<string, PoolWriter>) => (file: string) => {
  const writer = pools.get(file) ?? new PoolWriter(file);
  pools.set(file, writer);
  return writer;
};

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
  const pools = new Map<string, PoolWriter>();
  const packed = new Map<string, Packed>();
  for (const [file, kernels] of described) {
    packed.set(
      file,
      packKernels(kernels, writersIn(pools), (line) => minifyLine(line, names)),
    );
  }
  return { packed, pools };
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

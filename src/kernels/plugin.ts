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

/** @param root the repository's root, which holds `shaders/`. */
export function wgslKernels(root: string): Plugin {
  const shaderRoot = join(root, 'shaders');
  const unpack = JSON.stringify(join(root, 'src/kernels/packed.ts'));
  const cache = new BuildCache(
    join(root, 'node_modules/.cache/gradloom-kernels'),
    join(root, 'src/kernels'),
    ['wesl', 'wgsl_reflect'].map((name) => versionOf(root, name)),
  );
  let sources: Record<string, string> | undefined;
  let minified: Promise<{ packed: Map<string, Packed>; pools: Map<string, PoolWriter> }> | undefined;
  let minifies = false;
  const forget = () => {
    sources = undefined;
    minified = undefined;
  };

  async function describe(file: string, all: Record<string, string>): Promise<Described> {
    const inputs = Object.keys(all).filter((other) => other === file || !isKernelFile(other));
    const parts = inputs.sort().flatMap((input) => [input, all[input]]);
    return JSON.parse(
      await cache.get(file, parts, async () => JSON.stringify(await describeKernels(file, all))),
    );
  }

  /** The module of a kernel file. Lines of its own stand in it; others are imported where `imported` says so. */
  function moduleOf(
    file: string,
    { kernels, files }: Packed,
    pools: ReadonlyMap<string, PoolWriter>,
    imported: (name: string) => boolean,
    query: string,
  ): string {
    const imports = [`import { unpackKernels } from ${unpack};`];
    const given = files.map((name, i) => {
      if (!imported(name)) return JSON.stringify(pools.get(name)!.pool);
      imports.push(`import pool${i} from ${JSON.stringify(join(shaderRoot, name) + query)};`);
      return `pool${i}`;
    });
    const values = [JSON.stringify(file), JSON.stringify(kernels), ...given].join(', ');
    return `${imports.join(' ')} export default unpackKernels(${values});`;
  }

  return {
    name: 'gradloom:wgsl-kernels',
    enforce: 'pre',
    configResolved({ command }) {
      minifies = command === 'build';
    },
    watchChange: forget,
    hotUpdate: forget,
    async load(id) {
      const [path, query = ''] = id.split('?');
      if (!path.endsWith('.wgsl') || !path.startsWith(shaderRoot)) return null;
      const file = relative(shaderRoot, path).replaceAll('\\', '/');
      sources ??= readShaders(shaderRoot);
      for (const name of Object.keys(sources)) {
        if (!isKernelFile(name)) this.addWatchFile(join(shaderRoot, name));
      }
      if (minifies || query === MINIFIED) {
        const { packed, pools } = await (minified ??= minifyAll(sources, describe));
        const code = isKernelFile(file)
          ? moduleOf(file, packed.get(file)!, pools, (name) => name !== file, query && `?${query}`)
          : `export default ${JSON.stringify(pools.get(file)!.pool)};`;
        return { code, map: null };
      }
      const pools = new Map<string, PoolWriter>();
      const packed = packKernels(await describe(file, sources), writersIn(pools));
      return { code: moduleOf(file, packed, pools, () => false, ''), map: null };
    },
  };
}

const writersIn = (pools: Map<string, PoolWriter>) => (file: string) => {
  const writer = pools.get(file) ?? new PoolWriter(file);
  pools.set(file, writer);
  return writer;
};

/** All kernels with short names. */
async function minifyAll(
  sources: Record<string, string>,
  describe: (file: string, sources: Record<string, string>) => Promise<Described>,
) {
  const described = new Map<string, Described>();
  for (const file of Object.keys(sources).filter(isKernelFile).sort()) {
    described.set(file, await describe(file, sources));
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
  return `import('./kernel').Kernel<${names('read')}, ${names('read_write')}, ${union(Object.keys(kernel.params?.fields ?? {}))}, ${union(kernel.overrides)}>`;
}

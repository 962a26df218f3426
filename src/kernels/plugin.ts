/**
 * Vite plugin: an import of a `.wgsl` file becomes its kernel description (or, for a file with `// variants:`, an
 * object of them by variant). `generateTypes` makes the declaration file that gives these imports their types.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';
import { BuildCache } from './build-cache.ts';
import type { KernelDescription } from './kernel.ts';
import { describeKernels, isKernelFile, readShaders } from './link.ts';
import { packKernels } from './packed.ts';

/** @param root the repository's root, which holds `shaders/`. */
export function wgslKernels(root: string): Plugin {
  const shaderRoot = join(root, 'shaders');
  let sources: Record<string, string> | undefined;
  const cache = new BuildCache(
    join(root, 'node_modules/.cache/gradloom-kernels'),
    join(root, 'src/kernels'),
    ['wesl', 'wgsl_reflect'].map((name) => versionOf(root, name)),
  );
  return {
    name: 'gradloom:wgsl-kernels',
    enforce: 'pre',
    watchChange: () => void (sources = undefined),
    hotUpdate: () => void (sources = undefined),
    async load(id) {
      const path = id.split('?')[0];
      if (!path.endsWith('.wgsl') || !path.startsWith(shaderRoot)) return null;
      sources ??= readShaders(shaderRoot);
      for (const file of Object.keys(sources)) {
        if (!isKernelFile(file)) this.addWatchFile(join(shaderRoot, file));
      }
      const all = sources;
      const file = relative(shaderRoot, path).replaceAll('\\', '/');
      const inputs = Object.keys(all).filter((other) => other === file || !isKernelFile(other));
      const packed = await cache.get(
        file,
        inputs.sort().flatMap((input) => [input, all[input]]),
        async () => JSON.stringify(packKernels(await describeKernels(file, all))),
      );
      const unpack = JSON.stringify(join(root, 'src/kernels/packed.ts'));
      return {
        code: `import { unpackKernels } from ${unpack}; export default unpackKernels(${packed});`,
        map: null,
      };
    },
  };
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

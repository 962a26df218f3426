/** The bundles of the package: one static file with everything, and the command line with its pages. */
import { cpSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type InlineConfig, type Plugin } from 'vite';
import { HARNESS_PAGE, TRAIN_PAGE } from '../../src/cli/protocol';
import { wgslKernels } from '../../src/kernels/plugin';

/** What the package exports, by path below its name, and the source behind it. */
export const ENTRIES = {
  '.': 'src/index.ts',
  './nn': 'src/nn/index.ts',
  './ops': 'src/ops/index.ts',
  './optim': 'src/optim/index.ts',
  './data': 'src/data/index.ts',
  './io': 'src/io/index.ts',
  './models': 'src/models/index.ts',
  './generate': 'src/generate/index.ts',
  './spec': 'src/spec/index.ts',
  './worker': 'src/worker/index.ts',
  './torch': 'src/torch/index.ts',
} as const;

/** `gradloom/playground`, built apart: its views use packages, which become part of it. */
export const PLAYGROUND_ENTRY = 'src/playground/index.ts';

/** `gradloom/react`. */
export const REACT_ENTRY = 'src/react/index.ts';

/** What all builds of the library share. */
function settings(root: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [wgslKernels(root)],
  };
}

/** The command line, with the packages that it needs, and the pages that it opens in its browser. */
export async function buildCommandLine(root: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    build: {
      outDir: `${outDir}/cli`,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      ssr: `${root}/src/cli/main.ts`,
      rolldownOptions: {
        external: ['vite', /source-library/],
        output: { entryFileNames: 'main.js', chunkFileNames: '[name].js' },
      },
    },
    ssr: { noExternal: true },
  });
  cpSync(`${root}/src/cli/starter`, `${outDir}/cli/starter`, { recursive: true });
  await build({
    ...settings(root),
    base: './',
    build: {
      outDir: `${outDir}/cli/pages`,
      target: 'es2022',
      rolldownOptions: { input: [TRAIN_PAGE, HARNESS_PAGE].map((page) => root + page) },
    },
  });
}

/**
 * `gradloom.min.js`, for a page without a bundler: the one file that it needs.
 * @param modules those of the package with their kernels
 */
export async function buildStaticFile(root: string, modules: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      sourcemap: true,
      modulePreload: false,
      rolldownOptions: {
        input: `${modules}/index.js`,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'gradloom.min.js', codeSplitting: false },
      },
    },
  });
}

/** `playground/index.js` and its worker, which import the package's other modules. */
export async function buildPlayground(root: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    plugins: [packageModules(root, outDir, true), ownWorker()],
    build: {
      outDir: `${outDir}/playground`,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      rolldownOptions: {
        input: [PLAYGROUND_ENTRY, 'src/playground/worker.ts'].map((entry) => `${root}/${entry}`),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
}

/** `react/index.js`, which loads the playground when it is shown. */
export async function buildReact(root: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    plugins: [
      {
        name: 'package-playground',
        enforce: 'pre',
        resolveId: (specifier) =>
          specifier === '../playground' ? { id: '../playground/index.js', external: true } : null,
      },
    ],
    build: {
      outDir: `${outDir}/react`,
      emptyOutDir: false,
      target: 'es2022',
      minify: false,
      modulePreload: false,
      lib: { entry: `${root}/${REACT_ENTRY}`, formats: ['es'], fileName: 'index' },
      rolldownOptions: { external: ['react'] },
    },
  });
}

/**
 * `gradloom-playground.min.js`, one file that is page script and worker at once.
 * @param modules the package's with their kernels; without them it takes what it needs of the library from the sources
 */
export async function buildPlaygroundFile(root: string, outDir: string, modules?: string): Promise<void> {
  await build({
    ...settings(root),
    plugins: [modules ? packageModules(root, modules, false) : wgslKernels(root)],
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      modulePreload: false,
      sourcemap: modules !== undefined,
      rolldownOptions: {
        input: `${root}/src/playground/static.ts`,
        output: { entryFileNames: 'gradloom-playground.min.js', codeSplitting: false },
      },
    },
  });
  for (const file of ['embed.html', 'custom-elements.json'])
    cpSync(`${root}/src/playground/${file}`, `${outDir}/${file}`);
}

/** What the playground imports of the library is taken from the modules that were built. */
export function packageModules(root: string, outDir: string, external: boolean): Plugin {
  const own = `${root}/src/playground/`;
  return {
    name: 'package-modules',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (!importer?.startsWith(own) || !specifier.startsWith('.')) return null;
      const path = join(dirname(importer), specifier);
      if (`${path}/`.startsWith(own)) return null;
      const below = path.slice(`${root}/src/`.length);
      const found = [`${below}.js`, `${below}/index.js`].find((file) => existsSync(`${outDir}/${file}`));
      if (!found) throw new Error(`${importer}: ${specifier} is no module of the package`);
      return external ? { id: `${outDir}/${found}`, external: true } : `${outDir}/${found}`;
    },
    generateBundle(_, bundle) {
      for (const part of Object.values(bundle))
        if (part.type === 'chunk') part.code = part.code.replaceAll(`"${outDir}/`, '"../');
    },
  };
}

/** Keeps the worker's address as it is written, for the bundler of whoever uses the package. */
const ownWorker = (): Plugin => ({
  name: 'own-worker',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith(PLAYGROUND_ENTRY)
      ? code.replace("new URL('./worker.ts', import.meta.url)", '__PLAYGROUND_WORKER__')
      : undefined,
  generateBundle(_, bundle) {
    for (const part of Object.values(bundle))
      if (part.type === 'chunk')
        part.code = part.code.replace('__PLAYGROUND_WORKER__', 'new URL("./worker.js", import.meta.url)');
  },
});

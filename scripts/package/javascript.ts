/** The JavaScript of the package: one module per source file, and one static file with everything. */
import { build, type InlineConfig } from 'vite';
import { HARNESS_PAGE, TRAIN_PAGE } from '../../src/cli/protocol';
import { wgslKernels } from '../../src/kernels/plugin';
import { pureCalls } from './pure';

/** What the package exports, by path below its name, and the source behind it. */
export const ENTRIES = {
  '.': 'src/index.ts',
  './nn': 'src/nn/index.ts',
  './ops': 'src/ops/index.ts',
  './optim': 'src/optim/index.ts',
  './data': 'src/data/index.ts',
  './models': 'src/models/index.ts',
  './generate': 'src/generate/index.ts',
  './spec': 'src/spec/index.ts',
} as const;

/** What all builds of the library share. */
function settings(root: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [wgslKernels(root), pureCalls([`${root}/src/`, `${root}/shaders/`])],
  };
}

/** Modules as they are in the source, for bundlers, Node and import maps: what is not imported is not loaded. */
export async function buildModules(root: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: false,
      sourcemap: true,
      lib: { entry: Object.values(ENTRIES).map((file) => `${root}/${file}`), formats: ['es'] },
      rolldownOptions: {
        output: { preserveModules: true, preserveModulesRoot: `${root}/src`, entryFileNames: '[name].js' },
      },
    },
  });
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

/** `gradloom.min.js`, for a page without a bundler; what is loaded later lies beside it. */
export async function buildStaticFile(root: string, outDir: string): Promise<void> {
  await build({
    ...settings(root),
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      sourcemap: true,
      lib: { entry: `${root}/${ENTRIES['.']}`, formats: ['es'] },
      rolldownOptions: {
        output: { entryFileNames: 'gradloom.min.js', chunkFileNames: 'gradloom.[name].min.js' },
      },
    },
  });
}

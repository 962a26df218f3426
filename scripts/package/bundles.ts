/** The bundles of the package: one static file with everything, and the command line with its pages. */
import { cpSync } from 'node:fs';
import { build, type InlineConfig } from 'vite';
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
} as const;

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

/** `gradloom.min.js`, made from the modules, for a page without a bundler: the one file that it needs. */
export async function buildStaticFile(root: string, outDir: string): Promise<void> {
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
        input: `${outDir}/index.js`,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'gradloom.min.js', codeSplitting: false },
      },
    },
  });
}

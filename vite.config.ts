/** Vite: the dev server and build of the gallery, demos, harness and command-line page. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { dataUrisAsFiles } from './scripts/data-uris.ts';
import { wgslKernels } from './src/kernels/plugin.ts';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const demos = readdirSync(`${root}/demos`).filter((name) => !/\.|^shared$/.test(name));
const pages = [
  'index.html',
  'conformance.html',
  'e2e/harness.html',
  ...demos.map((name) => `demos/${name}/index.html`),
];

export default defineConfig({
  root,
  // Relative addresses: the built pages work in any folder of any server.
  base: './',
  plugins: [wgslKernels(root), dataUrisAsFiles()],
  // Workers load parts on demand, too.
  worker: { format: 'es', plugins: () => [wgslKernels(root), dataUrisAsFiles()] },
  // The command line's server gives pages no package.json.
  define: { 'import.meta.env.GRADLOOM_VERSION': JSON.stringify(version) },
  build: {
    outDir: 'pages',
    target: 'es2022',
    // Pages under `default-src 'self'` load no data: URIs.
    assetsInlineLimit: 0,
    rollupOptions: { input: pages.map((page) => `${root}/${page}`) },
  },
});

/** Vite: the dev server and build of the gallery, demos, harness and command-line page. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { wgslKernels } from './src/kernels/plugin.ts';

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');

export default defineConfig({
  root,
  plugins: [wgslKernels(root)],
  build: { target: 'es2022' },
});

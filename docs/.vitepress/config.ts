/** The documentation site: the guides in this folder, and the API reference that typedoc makes of the built declarations. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

interface Item {
  text: string;
  link?: string;
  items?: Item[];
  collapsed?: boolean;
}

const apiSidebar = fileURLToPath(new URL('../api/typedoc-sidebar.json', import.meta.url));
const api: Item[] = existsSync(apiSidebar) ? JSON.parse(readFileSync(apiSidebar, 'utf8')) : [];

/** Pages by their file names; those that do not exist yet are left out. */
const pages = (...entries: [text: string, file: string][]): Item[] =>
  entries
    .filter(([, file]) => existsSync(fileURLToPath(new URL(`../${file}.md`, import.meta.url))))
    .map(([text, file]) => ({ text, link: `/${file}` }));

export default defineConfig({
  title: 'Gradloom',
  description: 'Training of neural networks in the browser, in WebGPU compute shaders',
  base: process.env.DOCS_BASE ?? '/',
  srcExclude: ['examples/**', 'node_modules/**'],
  // Sources that the pages point at are in the repository, beside the site.
  ignoreDeadLinks: [/\/(shaders|src|e2e|demos)\//, /README/],
  lastUpdated: false,
  vite: { publicDir: fileURLToPath(new URL('../images', import.meta.url)) },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/first-model' },
      { text: 'Ops', link: '/ops' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Guides',
        items: pages(
          ['A first model', 'first-model'],
          ['Data', 'data'],
          ['Augmentation', 'augmentation'],
          ['Training', 'training'],
          ['A loop of one’s own', 'training-loops'],
          ['Checkpoints', 'checkpoints'],
          ['When training goes wrong', 'inspection'],
          ['Transfer learning', 'transfer'],
          ['Search, folds, ensembles', 'search'],
          ['Beside a page, in a worker', 'worker'],
          ['Playground', 'playground'],
          ['Weights from PyTorch', 'pytorch-weights'],
          ['From the tab to a cluster', 'scaling'],
          ['Text and generation', 'generation'],
          ['Functions and device tensors', 'functions'],
          ['Kernels and ops of one’s own', 'custom-ops'],
        ),
      },
      {
        text: 'Coming from',
        items: pages(['PyTorch', 'from-pytorch'], ['TensorFlow.js', 'from-tensorflow']),
      },
      {
        text: 'Reference',
        items: pages(
          ['Ops', 'ops'],
          ['Models', 'models'],
          ['Harness', 'harness'],
          ['Benchmark and tuner', 'benchmark'],
          ['Devices', 'devices'],
          ['Kernels on CPU adapters', 'cpu-adapters'],
          ['Architecture', 'architecture'],
        ),
      },
      {
        text: 'API',
        collapsed: true,
        items: api.map(({ text, ...item }) => ({
          ...item,
          text: text === 'index' ? 'gradloom' : `gradloom/${text}`,
        })),
      },
    ],
  },
});

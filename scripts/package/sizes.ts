/**
 * What pages of several kinds load before their first step, on every visit and on the first one, when the self-check runs
 * its cases: bundled from the built package and minified. `npx size-limit`
 * holds the written bundles to the limits in `.size-limit.json`, which are what they are now, and a little.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import type { PageLoads } from './page-loads';
import recordedLoads from './page-loads.json';

export interface Page {
  /** Name of its folder. */
  name: string;
  code: string;
}

const training = (options: string) =>
  `const trainer = new Trainer(await requestDevice(), model, ${options}); await trainer.fit(data, { epochs: 1 });`;

export const PAGES: Page[] = [
  {
    name: 'mlp',
    code: `import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(40), y: new Int32Array(10), xShape: [4] });
      const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adam' } }")}`,
  },
  {
    name: 'lenet',
    code: `import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(7840), y: new Int32Array(10), xShape: [1, 28, 28] });
      const model = new nn.Sequential(
        new nn.Conv2d(1, 6, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Conv2d(6, 16, 5),
        new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(400, 120), new nn.ReLU(),
        new nn.Linear(120, 84), new nn.ReLU(), new nn.Linear(84, 10));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adam' } }")}`,
  },
  {
    name: 'gpt',
    code: `import { CharTokenizer, GPT, requestDevice, TokenWindows, Trainer } from 'gradloom';
      const data = new TokenWindows(new Int32Array(1000), { blockSize: 64, vocabSize: 65 });
      const model = new GPT({ vocabSize: 65, blockSize: 64, nLayer: 1, nHead: 2, nEmbd: 32 });
      console.log(CharTokenizer);
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adamW' } }")}`,
  },
  {
    name: 'transfer',
    code: `import { ArrayDataset, readSafetensors, requestDevice, ResNet, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(6144), y: new Int32Array(2), xShape: [3, 32, 32] });
      const model = new ResNet({ depth: 18, numClasses: 10 });
      const weights = await fetch('weights');
      if (weights.ok) model.loadStateDict(await readSafetensors(await weights.arrayBuffer()));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } }")}`,
  },
  {
    name: 'everything',
    code: `import * as gradloom from 'gradloom'; globalThis.gradloom = gradloom;`,
  },
];

/** A page as Vite bundles it. */
export interface PageBundle {
  /** File name of what the page starts with. */
  entry: string;
  /** Code by file name. */
  files: Map<string, string>;
  /** File names of modules that are loaded on demand, by their path in the package. */
  onDemand: Map<string, string>;
  /** File names of what is loaded before the first step. */
  loaded: Set<string>;
  /** And of what is loaded on the first visit alone. */
  firstVisit: Set<string>;
}

/** Modules that pages load on demand before their first step, by page: as e2e/package.e2e.test.ts finds them. */
const LOADS: Record<string, PageLoads> = recordedLoads;
const NOTHING: PageLoads = { always: [], firstVisit: [] };

/**
 * @param dist the built package
 * @param loads modules that it loads on demand before the first step
 */
export async function bundlePage(
  dist: string,
  { name, code }: Page,
  loads = LOADS[name] ?? NOTHING,
): Promise<PageBundle> {
  const { output } = (await build({
    root: dist,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [
      {
        name: 'page',
        enforce: 'pre',
        resolveId: (id) => (id === 'page' ? '\0page' : id === 'gradloom' ? `${dist}/index.js` : null),
        load: (id) => (id === '\0page' ? code : null),
      },
    ],
    build: { write: false, target: 'es2022', minify: true, rolldownOptions: { input: 'page' } },
  })) as Rolldown.RolldownOutput;
  const chunks = new Map(
    output.flatMap((part) => (part.type === 'chunk' ? [[part.fileName, part] as const] : [])),
  );
  const onDemand = new Map<string, string>();
  for (const { fileName, isDynamicEntry, facadeModuleId } of chunks.values()) {
    if (isDynamicEntry && facadeModuleId) onDemand.set(relative(dist, facadeModuleId), fileName);
  }
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)!;
  const withImports = (names: string[]) => {
    const all = new Set(names);
    for (const file of all) for (const next of chunks.get(file)?.imports ?? []) all.add(next);
    return all;
  };
  const filesOf = (modules: string[]) =>
    modules.map((module) => {
      const file = onDemand.get(module);
      if (!file) throw new Error(`the page ${name} does not load ${module} on demand: see page-loads.json`);
      return file;
    });
  const loaded = withImports([entry.fileName, ...filesOf(loads.always)]);
  const firstVisit = withImports(filesOf(loads.firstVisit));
  for (const file of loaded) firstVisit.delete(file);
  return {
    files: new Map([...chunks].map(([file, chunk]) => [file, chunk.code])),
    onDemand,
    loaded,
    firstVisit,
    entry: entry.fileName,
  };
}

/** Where the bundles of the pages are written, below the repository's root. */
const PAGES_DIR = 'node_modules/.cache/gradloom-pages';

/** Writes the bundles of all pages. Returns their sizes as lines of text. */
export async function writePages(root: string): Promise<string[]> {
  const outDir = join(root, PAGES_DIR);
  rmSync(outDir, { recursive: true, force: true });
  const titles = ['minified', 'gzip', 'first visit'].map((title) => title.padStart(12));
  const lines = ['page'.padEnd(14) + titles.join('')];
  for (const page of PAGES) {
    const { files, loaded, firstVisit } = await bundlePage(`${root}/dist`, page);
    const write = (names: Set<string>, folder: string) => {
      mkdirSync(folder, { recursive: true });
      let [bytes, gzipped] = [0, 0];
      for (const [name, code] of files) {
        if (!names.has(name)) continue;
        writeFileSync(join(folder, name.replace(/.*\//, '')), code);
        bytes += code.length;
        gzipped += gzipSync(code, { level: 9 }).length;
      }
      return { bytes, gzipped };
    };
    const { bytes, gzipped } = write(loaded, join(outDir, page.name));
    const more = write(firstVisit, join(outDir, `${page.name}-first-visit`));
    const sizes = [bytes, gzipped, gzipped + more.gzipped];
    const kilobytes = sizes.map((size) => `${(size / 1000).toFixed(1)} kB`.padStart(12));
    lines.push(page.name.padEnd(14) + kilobytes.join(''));
  }
  return lines;
}

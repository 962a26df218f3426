/**
 * What pages of several kinds load before their first step: bundled from the built package and minified. `npx size-limit`
 * holds the written bundles to the limits in `.size-limit.json`, which are what they are now, and a little.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

export interface Page {
  /** Name of its folder. */
  name: string;
  /** The module of src/ops/loss that it uses. */
  loss?: string;
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
      const model = new GPT({ vocabSize: 65, blockSize: 64 }); console.log(CharTokenizer);
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adamW' } }")}`,
  },
  {
    name: 'transfer',
    code: `import { ArrayDataset, readSafetensors, requestDevice, ResNet, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(3072), y: new Int32Array(1), xShape: [3, 32, 32] });
      const model = new ResNet({ depth: 18, classes: 10 });
      model.loadStateDict(await readSafetensors(await (await fetch('weights')).arrayBuffer()));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } }")}`,
  },
  {
    name: 'everything',
    code: `import * as gradloom from 'gradloom'; globalThis.gradloom = gradloom;`,
  },
];

/** The code that a page loads before its first step, by file name. @param dist the built package */
async function bundle(dist: string, { code, loss = 'cross-entropy' }: Page): Promise<Map<string, string>> {
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
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)!;
  const loaded = new Set([entry.fileName]);
  // Of what is loaded on demand, the module of the loss is needed before the first step.
  for (const { fileName, facadeModuleId } of chunks.values()) {
    if (facadeModuleId?.endsWith(`/ops/loss/${loss}.js`)) loaded.add(fileName);
  }
  for (const name of loaded) for (const next of chunks.get(name)?.imports ?? []) loaded.add(next);
  return new Map([...loaded].flatMap((name) => (chunks.has(name) ? [[name, chunks.get(name)!.code]] : [])));
}

/** Where the bundles of the pages are written, below the repository's root. */
const PAGES_DIR = 'node_modules/.cache/gradloom-pages';

/** Writes the bundles of all pages. Returns their sizes as lines of text. */
export async function writePages(root: string): Promise<string[]> {
  const outDir = join(root, PAGES_DIR);
  rmSync(outDir, { recursive: true, force: true });
  const lines = [`${'page'.padEnd(16)}minified      gzip`];
  for (const page of PAGES) {
    const folder = join(outDir, page.name);
    mkdirSync(folder, { recursive: true });
    let [bytes, gzipped] = [0, 0];
    for (const [name, code] of await bundle(`${root}/dist`, page)) {
      writeFileSync(join(folder, name.replace(/.*\//, '')), code);
      bytes += code.length;
      gzipped += gzipSync(code, { level: 9 }).length;
    }
    const kilobytes = [bytes, gzipped].map((count) => `${(count / 1000).toFixed(1)} kB`.padStart(10));
    lines.push(page.name.padEnd(14) + kilobytes.join(''));
  }
  return lines;
}

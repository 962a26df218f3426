/** What pages of several kinds load before their first step: bundled from the built package, minified and gzipped. */
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

export interface Page {
  name: string;
  /** The module of src/ops/loss that it uses. */
  loss?: string;
  /** Most bytes that it may load, gzipped: what it is now, and a little. */
  limit: number;
  /** Where it shall get. */
  target: number;
  code: string;
}

const training = (options: string) =>
  `const trainer = new Trainer(await requestDevice(), model, ${options}); await trainer.fit(data, { epochs: 1 });`;

export const PAGES: Page[] = [
  {
    name: 'MLP with Adam',
    limit: 84_000,
    target: 40_000,
    code: `import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(40), y: new Int32Array(10), xShape: [4] });
      const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adam' } }")}`,
  },
  {
    name: 'LeNet',
    limit: 100_000,
    target: 60_000,
    code: `import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';
      const data = ArrayDataset.fromArrays({ x: new Float32Array(7840), y: new Int32Array(10), xShape: [1, 28, 28] });
      const model = new nn.Sequential(
        new nn.Conv2d(1, 6, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Conv2d(6, 16, 5),
        new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(400, 120), new nn.ReLU(),
        new nn.Linear(120, 84), new nn.ReLU(), new nn.Linear(84, 10));
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adam' } }")}`,
  },
  {
    name: 'GPT with training',
    limit: 107_000,
    target: 75_000,
    code: `import { CharTokenizer, GPT, requestDevice, TokenWindows, Trainer } from 'gradloom';
      const data = new TokenWindows(new Int32Array(1000), { blockSize: 64, vocabSize: 65 });
      const model = new GPT({ vocabSize: 65, blockSize: 64 }); console.log(CharTokenizer);
      ${training("{ loss: 'crossEntropy', optimizer: { type: 'adamW' } }")}`,
  },
  {
    name: 'All',
    limit: 225_000,
    target: 110_000,
    code: `import * as gradloom from 'gradloom'; globalThis.gradloom = gradloom;`,
  },
];

export interface Size {
  bytes: number;
  gzipped: number;
  /** Rendered bytes by module, before minification. */
  modules: Record<string, number>;
}

/** @param dist the built package. */
export async function measure(dist: string, { code, loss = 'cross-entropy' }: Page): Promise<Size> {
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
  const size: Size = { bytes: 0, gzipped: 0, modules: {} };
  for (const name of loaded) {
    const chunk = chunks.get(name);
    if (!chunk) continue;
    size.bytes += chunk.code.length;
    size.gzipped += gzipSync(chunk.code, { level: 9 }).length;
    for (const [id, { renderedLength }] of Object.entries(chunk.modules)) size.modules[id] = renderedLength;
  }
  return size;
}

/** The sizes of all pages as lines of text. */
export async function sizeTable(dist: string): Promise<string[]> {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
  const lines = [`${'page'.padEnd(20)}minified      gzip     limit    target`];
  for (const page of PAGES) {
    const { bytes, gzipped } = await measure(dist, page);
    lines.push(`${page.name.padEnd(18)}${[bytes, gzipped, page.limit, page.target].map(kilobytes).join('')}`);
  }
  return lines;
}

/**
 * The package as its users get it: built, packed and installed in a folder outside the repository, where the README's
 * first example trains in a Vite app with strict types, in a module worker, in a page without a bundler, in pages that
 * esbuild and webpack bundled and in Node. Only the tools of these apps come from the repository.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import { findLoads, type PageLoads } from '../scripts/package/page-loads';
import { PAGES } from '../scripts/package/sizes';
import { findLavapipeIcd, findSwiftshaderIcd } from '../src/cli/browser.mjs';
import { serveBuiltPages } from '../src/cli/built-pages';
import { launchBrowser } from '../src/cli/launch';
import { projectRoot } from '../src/cli/setup.mjs';
import { codeBlocks } from './support/code-blocks';
import { describeExamples } from './support/examples';

const run = promisify(execFile);
const bin = (name: string) => `${projectRoot}/node_modules/.bin/${name}`;
/** The README's example on fewer digits: the CPU adapter of a test machine is slow. */
const example = codeBlocks(`${projectRoot}/README.md`, 'ts')[0].replace(
  'makeDigits()',
  'makeDigits({ train: 320, test: 100 })',
);

let folder: string;
let app: string;
let tarball: string;
let browser: Browser;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-package-'));
  app = join(folder, 'app');
  await run('npm', ['run', 'build'], { cwd: projectRoot });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  await run('npm', pack, { cwd: projectRoot, maxBuffer: 1e8 });
  cpSync(`${projectRoot}/e2e/package/vite-app`, app, { recursive: true });
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    cwd: app,
  });
  for (const tool of ['vite', 'typescript', 'webgpu', 'playwright']) {
    symlinkSync(`${projectRoot}/node_modules/${tool}`, `${app}/node_modules/${tool}`);
  }
  writeFileSync(join(app, 'src/train.ts'), example);
  mkdirSync(join(app, 'dist'));
  const pages = serveBuiltPages(join(app, 'dist'));
  server = createServer(pages.handle).listen(0, '127.0.0.1');
  ({ browser } = await launchBrowser());
}, 600_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const tool = (path: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [path, ...args], { cwd: app, env: { ...process.env, ...env } }).catch((error) => {
    throw new Error(`${path} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
  });

/** What a page logged; of the example one object for each of its epochs, then the evaluation. */
async function logged(path: string, count = 4): Promise<unknown[]> {
  const page = await browser.newPage();
  try {
    const lines: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      page.on('pageerror', reject);
      page.on('console', async (message) => {
        if (message.type() !== 'log') return reject(new Error(message.text()));
        lines.push(await message.args()[0].jsonValue());
        if (lines.length === count) resolve();
      });
      page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`).catch(reject);
    });
    return lines;
  } finally {
    await page.close();
  }
}

/** The example has learned something in its three epochs. */
function expectTraining(lines: unknown[]): void {
  const [first, , last, test] = lines as { loss: number; accuracy: number }[];
  expect(lines).toHaveLength(4);
  expect(last.loss).toBeLessThan(0.8 * first.loss);
  expect(test.accuracy).toBeGreaterThan(0.3);
}

/** The environment in which Dawn finds an adapter. */
function inNode(): NodeJS.ProcessEnv {
  const lavapipe = findLavapipeIcd();
  const icd = lavapipe?.usableByDawn ? lavapipe.path : findSwiftshaderIcd();
  return icd ? { ...process.env, VK_ICD_FILENAMES: icd } : process.env;
}

const page = (script: string) => `<!doctype html><link rel="icon" href="data:," />${script}`;

describe('the packed package', () => {
  it('holds the files of the package and nothing else', () => {
    const files = readdirSync(join(app, 'node_modules/gradloom'), { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json']));
    expect(
      files.filter((file) => /\.test\.|\.wgsl$|(?<!\.d)\.ts$/.test(file) && !/cli.starter/.test(file)),
    ).toEqual([]);
  });

  it('loads no more than pages of several kinds may', async () => {
    const { stdout } = await run(bin('size-limit'), ['--json'], { cwd: projectRoot }).catch((error) => error);
    const pages: { name: string; passed: boolean }[] = JSON.parse(stdout);
    // Two of each page that trains (on every visit, and on the first one), all of the library, the playground twice.
    expect(pages).toHaveLength(2 * (PAGES.length - 1) + 3);
    expect(pages.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('counts what pages load before their first step', async () => {
    const found: Record<string, PageLoads> = {};
    for (const page of PAGES.slice(0, -1))
      found[page.name] = await findLoads(`${projectRoot}/dist`, page, browser);
    await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(
      `${projectRoot}/scripts/package/page-loads.json`,
    );
  });

  it('has nothing that publint and attw find fault with', async () => {
    await run(bin('publint'), ['--strict', '--pack', 'false', join(app, 'node_modules/gradloom')]);
    await run(bin('attw'), [tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'embed.html']);
  });

  it('type checks and builds in a Vite app and trains on its page and in its worker', async () => {
    await tool('node_modules/typescript/lib/tsc.js', ['-p', '.']);
    await tool('node_modules/vite/bin/vite.js', ['build', '--emptyOutDir', 'false']);
    expectTraining(await logged('index.html'));
    expectTraining(await logged('index.html?worker'));
  });

  it('trains on a page with one script and no bundler', async () => {
    cpSync(`${app}/node_modules/gradloom/dist/gradloom.min.js`, `${app}/dist/gradloom.min.js`);
    const code = example.replace("'gradloom'", "'./gradloom.min.js'");
    writeFileSync(`${app}/dist/plain.html`, page(`<script type="module">${code}</script>`));
    expectTraining(await logged('plain.html'));
  });

  it('tells how long the first training step of an MLP takes from the script on', async () => {
    const code = `import { ArrayDataset, nn, requestDevice, Trainer } from './gradloom.min.js';
const times = [performance.now()];
const lap = () => times.push(performance.now());
const data = ArrayDataset.fromArrays({ x: new Float32Array(256), y: new Int32Array(64), xShape: [4], classes: ['a', 'b'] });
const model = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Linear(16, 2));
const device = await requestDevice();
lap();
const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam' } });
await trainer.trainingPlan(data, 64);
lap();
await trainer.fit(data, { batchSize: 64 });
lap();
const [{ startTime, responseEnd }] = performance.getEntriesByType('resource');
const [loaded, device_, pipelines, step] = times;
console.log({ download: responseEnd - startTime, parse: loaded - responseEnd, device: device_ - loaded,
  pipelines: pipelines - device_, step: step - pipelines, total: step - startTime });`;
    writeFileSync(`${app}/dist/first-step.html`, page(`<script type="module">${code}</script>`));
    const [parts] = (await logged('first-step.html', 1)) as Record<string, number>[];
    const { total, ...rest } = parts;
    expect(Object.values(rest).every((milliseconds) => milliseconds > 0)).toBe(true);
    expect(Object.values(rest).reduce((sum, part) => sum + part)).toBeCloseTo(total, 3);
    const text = Object.entries(parts).map(([name, time]) => `${name} ${time.toFixed(0)} ms`);
    process.stdout.write(`From the script to the first step: ${text.join(', ')}\n`);
  });

  it('trains on a page that esbuild bundled', async () => {
    const flags = ['--bundle', '--format=esm', '--outfile=dist/esbuild.js', '--log-level=error'];
    await run(bin('esbuild'), ['src/train.ts', ...flags], { cwd: app });
    writeFileSync(`${app}/dist/esbuild.html`, page('<script type="module" src="esbuild.js"></script>'));
    expectTraining(await logged('esbuild.html'));
  });

  it('trains on a page that webpack bundled', async () => {
    writeFileSync(`${app}/src/webpack.js`, example);
    await new Promise<void>((resolve, reject) =>
      webpack(
        {
          ...{ mode: 'production', context: app, entry: './src/webpack.js', target: ['web', 'es2022'] },
          performance: false,
          output: { path: join(app, 'dist/webpack'), filename: 'main.js' },
        },
        (error, stats) => {
          const problems = stats?.toJson({ all: false, errors: true, warnings: true });
          const [first] = [error, ...(problems?.errors ?? []), ...(problems?.warnings ?? [])].filter(Boolean);
          if (first) reject(new Error(first.message));
          else resolve();
        },
      ),
    );
    writeFileSync(`${app}/dist/webpack.html`, page('<script src="webpack/main.js"></script>'));
    expectTraining(await logged('webpack.html'));
  });

  it('trains in Node', async () => {
    const code = `import { create, globals } from 'webgpu';
Object.assign(globalThis, globals);
const log = console.log;
console.log = (value) => log(JSON.stringify(value));
${example.replace('requestDevice()', 'requestDevice({ gpu: create([]) })')}
device.destroy();`;
    writeFileSync(join(app, 'train.mjs'), code);
    const { stdout } = await tool('train.mjs', [], inNode());
    expectTraining(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  });

  it('has a command line that works in any folder', async () => {
    const gradloom = join(app, 'node_modules/gradloom/bin/gradloom.mjs');
    const { stdout } = await tool(gradloom, ['summary', 'lenet', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'lenet', parameters: 61706 });
    const rows = Array.from({ length: 60 }, (_, i) => `${(i % 3) * 10 + (i % 7)},${i % 5},class ${i % 3}`);
    writeFileSync(join(app, 'table.csv'), `${rows.join('\n')}\n`);
    const flags = ['--data', 'table.csv', '--epochs', '5', '--batch-size', '16', '--json'];
    const lines = (await tool(gradloom, ['train', ...flags])).stdout.trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ event: 'result', steps: 15 });
  });

  it('makes an app that type checks, builds and passes its test', async () => {
    const gradloom = join(app, 'node_modules/gradloom/bin/gradloom.mjs');
    const made = join(folder, 'My first app');
    const started = performance.now();
    const { stdout } = await run(process.execPath, [gradloom, 'new', made, '--no-install'], { cwd: folder });
    expect(stdout).toMatch(/^Creating my-first-app in /);
    process.stdout.write(`gradloom new: ${(performance.now() - started).toFixed(0)} ms\n`);
    const again = await run(process.execPath, [gradloom, 'new', made]).catch((error) => error);
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected a folder that is empty/),
    });
    mkdirSync(join(made, 'node_modules'));
    for (const name of ['vite', 'typescript', 'vitest', 'webgpu'])
      symlinkSync(`${projectRoot}/node_modules/${name}`, `${made}/node_modules/${name}`);
    symlinkSync(`${app}/node_modules/gradloom`, `${made}/node_modules/gradloom`);
    const inApp = (path: string, ...args: string[]) =>
      run(process.execPath, [join(made, 'node_modules', path), ...args], { cwd: made, env: inNode() }).catch(
        (error) => {
          throw new Error(`${path}\n${error.stdout}\n${error.stderr}`);
        },
      );
    await Promise.all([
      inApp('typescript/lib/tsc.js', '-p', '.'),
      inApp('vite/bin/vite.js', 'build'),
      inApp('vitest/vitest.mjs', 'run'),
    ]);
  });

  it('installs the packages of an app that it makes', async () => {
    // Stands for npm: the packages themselves are those of the registry.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), '#!/bin/sh\necho "$PWD: npm $*"\n', { mode: 0o755 });
    const gradloom = join(app, 'node_modules/gradloom/bin/gradloom.mjs');
    const { stdout } = await run(process.execPath, [gradloom, 'new', 'other'], {
      cwd: folder,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    expect(stdout).toMatch(/other: npm install .*\nDone\. Next:\n {2}cd other\n {2}npm run dev\n$/);
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(folder, 'other/package.json'), 'utf8'),
    );
    expect({ ...dependencies, ...devDependencies }).toEqual({
      gradloom: expect.stringMatching(/^\^\d/),
      ...Object.fromEntries(
        ['typescript', 'vite', 'vitest', 'webgpu'].map((name) => [name, expect.stringMatching(/^\^\d/)]),
      ),
    });
  });
});

describeExamples(() => ({
  app,
  async open(path) {
    writeFileSync(`${app}/dist/blank.html`, page(''));
    const opened = await browser.newPage();
    await opened.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    return opened;
  },
  node: async (script, cwd) => (await run(process.execPath, [script], { cwd, env: inNode() })).stdout,
}));

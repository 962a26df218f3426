/** The examples in docs/examples, on the installed package. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Page } from 'playwright';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/cli/setup.mjs';

/** What the examples share with the test of the package. */
export interface ExampleHost {
  /** Folder of an app with the package installed. */
  app: string;
  /** Opens an address below the app's `dist`. */
  open(path: string): Promise<Page>;
  /** Runs a script in Node, where Dawn finds an adapter; gives what it prints. */
  node(script: string, cwd: string): Promise<string>;
}

const PAGES = ['vite', 'react', 'svelte', 'worker'];

/** Counts the GPU objects of a page that are alive. */
function countObjects(): void {
  const alive = { devices: 0, buffers: 0 };
  Object.assign(globalThis, { alive });
  const count = (owner: any, make: string, kind: keyof typeof alive) => {
    const original = owner[make];
    owner[make] = function (...args: unknown[]) {
      const counted = (made: any) => {
        alive[kind]++;
        const { destroy } = made;
        let isAlive = true;
        made.destroy = () => {
          if (isAlive) alive[kind]--;
          isAlive = false;
          destroy.call(made);
        };
        return made;
      };
      const result = original.apply(this, args);
      return result instanceof Promise ? result.then(counted) : counted(result);
    };
  };
  count(GPUAdapter.prototype, 'requestDevice', 'devices');
  count(GPUDevice.prototype, 'createBuffer', 'buffers');
}

const alive = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { alive: { devices: number; buffers: number } }).alive);

const outputIs = (page: Page, pattern: RegExp) =>
  page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector('output')?.textContent ?? ''),
    pattern.source,
  );

export function describeExamples(host: () => ExampleHost): void {
  describe('the examples', () => {
    let examples: string;
    beforeAll(async () => {
      const { app } = host();
      examples = mkdtempSync(join(app, 'examples-'));
      cpSync(`${projectRoot}/docs/examples`, examples, { recursive: true });
      for (const name of ['react', 'react-dom', 'scheduler', 'svelte', 'esm-env', 'clsx'])
        symlinkSync(`${projectRoot}/node_modules/${name}`, `${app}/node_modules/${name}`);
      await build({
        root: examples,
        configFile: false,
        logLevel: 'error',
        base: './',
        // React mounts twice in StrictMode only when it is built for development.
        define: { 'process.env.NODE_ENV': JSON.stringify('development') },
        plugins: [svelte({ configFile: false })],
        build: {
          outDir: join(app, 'dist/examples'),
          emptyOutDir: false,
          rolldownOptions: { input: PAGES.map((name) => join(examples, name, 'index.html')) },
        },
        worker: { format: 'es' },
      });
      mkdirSync(join(app, 'dist/examples/vanilla'), { recursive: true });
      cpSync(join(examples, 'vanilla'), join(app, 'dist/examples/vanilla'), { recursive: true });
      const file = 'gradloom.min.js';
      cpSync(join(app, 'node_modules/gradloom/dist', file), join(app, 'dist/examples/vanilla', file));
    }, 120_000);

    it('are all here', () => {
      const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      expect(folders.map(({ name }) => name).sort()).toEqual([...PAGES, 'node', 'vanilla'].sort());
      const table = readFileSync(join(examples, 'README.md'), 'utf8');
      for (const { name } of folders) expect(table).toContain(`| \`${name}\` |`);
    });

    it.each([...PAGES, 'vanilla'])('%s', async (name) => {
      const page = await host().open('blank.html');
      try {
        await page.addInitScript(countObjects);
        await page.goto(new URL(`examples/${name}/index.html`, page.url()).href);
        await outputIs(page, name === 'worker' ? /^Trained 0\.weight, / : /^Accuracy (\d+) %$/);
        if (name === 'react') await remountLeaksNothing(page);
        if (name === 'svelte') await page.waitForFunction('alive.devices === 0');
      } finally {
        await page.close();
      }
    });

    it('node', async () => {
      expect(await host().node('train.mjs', join(examples, 'node'))).toMatch(/^Accuracy 100 %\n$/);
      expect(readFileSync(join(examples, 'node/model.safetensors')).length).toBeGreaterThan(300);
    });
  });
}

/** A component that is removed and mounted again takes the same device and as much memory. */
async function remountLeaksNothing(page: Page): Promise<void> {
  const remaining: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    await page.getByText('Remove').click();
    remaining.push(await settled(page));
    await page.getByText('Train').click();
    await outputIs(page, /^Accuracy/);
  }
  expect(remaining[0]).toMatchObject({ devices: 1 });
  expect(remaining[1]).toEqual(remaining[0]);
}

/** What is alive when it has stopped changing. */
async function settled(page: Page): Promise<unknown> {
  let last: unknown;
  for (;;) {
    const now = await alive(page);
    if (JSON.stringify(now) === JSON.stringify(last)) return now;
    last = now;
    await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
  }
}

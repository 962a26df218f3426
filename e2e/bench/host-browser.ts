/** Measures in headless Chromium, in a fresh context and page for each library and workload. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build, preview } from 'vite';
import { projectRoot } from '../../scripts/setup.mjs';
import { launchBrowser } from '../../src/cli/launch';
import { wgslKernels } from '../../src/kernels/plugin';
import { type Host, measurePhases, type Outcome } from './hosts';
import type { Workload } from './workloads';

/** A library that does not end a phase in this time never will. */
const PHASE_LIMIT_MS = 360_000;

export async function browserHost(): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'gradloom-bench-'));
  await buildPage(folder);
  const server = await preview({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder },
    preview: {
      port: 0,
      host: '127.0.0.1',
      // With these a page may share memory between threads, which the wasm backends use.
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  const url = `${server.resolvedUrls!.local[0]}e2e/bench/page.html`;
  const { browser, adapter, version } = await launchBrowser();
  return {
    adapter: `${adapter.vendor} ${adapter.architecture} ${adapter.description}, Chromium ${version}`,
    measure: (library, workload) => measureInPage(browser, url, library, workload),
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Built as for publication, so that loading time is that of a published page. */
async function buildPage(outDir: string): Promise<void> {
  await build({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    plugins: [wgslKernels(projectRoot)],
    build: {
      outDir,
      target: 'es2022',
      emptyOutDir: true,
      chunkSizeWarningLimit: 10_000,
      rollupOptions: {
        input: join(projectRoot, 'e2e/bench/page.html'),
        external: peersInstalled() ? [] : [/^@(jax-js|tensorflow)\//],
      },
    },
  });
}

/** Whether the libraries to compare with are there. */
export const peersInstalled = (): boolean => existsSync(join(projectRoot, 'e2e/bench/node_modules/@jax-js'));

async function measureInPage(
  browser: Browser,
  url: string,
  library: string,
  workload: Workload,
): Promise<Outcome> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PHASE_LIMIT_MS);
    const crash = new Promise<never>((_, reject) =>
      page.on('crash', () => reject(new Error('the page crashed'))),
    );
    if (process.env.GRADLOOM_DEBUG) page.on('console', (line) => console.error(line.text()));
    return await Promise.race([measurePage(page, url, library, workload), crash]);
  } catch (error) {
    return { failed: String(error instanceof Error ? error.message : error).split('\n')[0] };
  } finally {
    await context.close().catch(() => {});
  }
}

async function measurePage(page: Page, url: string, library: string, workload: Workload): Promise<Outcome> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(`${url}?library=${library}&workload=${workload.name}`);
  const started = await page.evaluate(() => window.started);
  if ('unsupported' in started) return started;
  const phases = {
    warmUp: (steps: number) => page.evaluate((steps) => window.bench.warmUp(steps), steps),
    fenced: (count: number) => page.evaluate((count) => window.bench.fenced(count), count),
    pipelined: (rounds: number) => page.evaluate((rounds) => window.bench.pipelined(rounds), rounds),
    finish: () => page.evaluate(() => window.bench.finish()),
    async script() {
      const { metrics } = await session.send('Performance.getMetrics');
      return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
    },
  };
  return { measured: await measurePhases(phases, workload, started.ended) };
}

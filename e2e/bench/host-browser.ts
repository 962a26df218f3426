/** Measures in headless Chromium, in a fresh context and page for each library and workload. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { build, preview } from 'vite';
import { launchBrowser } from '../../src/cli/launch';
import { projectRoot } from '../../src/cli/setup.mjs';
import { wgslKernels } from '../../src/kernels/plugin';
import type { Ceiling } from './ceiling';
import { type Host, LIMIT_MS, measurePhases, type Outcome } from './hosts';
import type { KernelOutcome } from './measure-kernel';
import type { Workload } from './workloads';

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
    adapter: `${[adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ')}, Chromium ${version}`,
    measure: (library, workload) =>
      inPage<Outcome>(browser, (page) => measurePage(page, url, library, workload)),
    measureKernel: (library, made, rounds) =>
      inPage<KernelOutcome>(browser, async (page) => {
        await page.goto(url);
        return page.evaluate(([library, made, rounds]) => window.measureKernel(library, made, rounds), [
          library,
          made,
          rounds,
        ] as const);
      }),
    async ceiling() {
      const found = await inPage<Ceiling | { failed: string }>(browser, async (page) => {
        await page.goto(url);
        return page.evaluate(() => window.measureCeiling());
      });
      if ('failed' in found) throw new Error(found.failed);
      return found;
    },
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

/** Runs `work` in a fresh page; what goes wrong there is the outcome. */
async function inPage<R>(
  browser: Browser,
  work: (page: Page) => Promise<R>,
): Promise<R | { failed: string }> {
  const context = await browser.newContext();
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await context.newPage();
    const given = new Promise<never>((_, reject) => {
      page.on('crash', () => reject(new Error('the page crashed')));
      timer = setTimeout(() => reject(new Error(`took more than ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    });
    if (process.env.GRADLOOM_DEBUG) page.on('console', (line) => console.error(line.text()));
    return await Promise.race([work(page), given]);
  } catch (error) {
    return { failed: String(error instanceof Error ? error.message : error).split('\n')[0] };
  } finally {
    clearTimeout(timer);
    await context.close().catch(() => {});
  }
}

async function measurePage(page: Page, url: string, library: string, workload: Workload): Promise<Outcome> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(`${url}?library=${library}&workload=${workload.name}`);
  const started = await page.evaluate(() => window.started!);
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

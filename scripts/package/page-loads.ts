/** Which modules of the package pages load on demand before their first step, seen in a browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright';
import { serveBuiltPages } from '../../src/cli/built-pages';
import { bundlePage, type Page } from './sizes';

/** Modules by their path in the package, in order. */
export interface PageLoads {
  /** On every visit. */
  always: string[];
  /** And on the first one of an adapter, for the self-check. */
  firstVisit: string[];
}

/** @param dist the built package */
export async function findLoads(dist: string, page: Page, browser: Browser): Promise<PageLoads> {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-page-'));
  const server = createServer(serveBuiltPages(folder).handle).listen(0, '127.0.0.1');
  const tab = await browser.newPage();
  try {
    const { files, onDemand, entry } = await bundlePage(dist, page, { always: [], firstVisit: [] });
    for (const [name, code] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), code);
    }
    const script = `await import('./${entry}'); document.title = 'done';`;
    const icon = '<link rel="icon" href="data:," />';
    writeFileSync(
      join(folder, 'index.html'),
      `<!doctype html>${icon}<script type="module">${script}</script>`,
    );
    let requested = new Set<string>();
    tab.on('request', (request) => requested.add(new URL(request.url()).pathname.slice(1)));
    const failed = new Promise<never>((_, reject) => {
      tab.on('pageerror', reject);
    });
    const visit = async () => {
      requested = new Set();
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
      const done = tab.waitForFunction(() => document.title === 'done', null, { timeout: 0 });
      await Promise.race([failed, done]);
      return [...onDemand].flatMap(([module, file]) => (requested.has(file) ? [module] : [])).sort();
    };
    const first = await visit();
    const always = await visit();
    return { always, firstVisit: first.filter((module) => !always.includes(module)) };
  } finally {
    await tab.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

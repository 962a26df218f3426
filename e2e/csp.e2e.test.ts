/** The built pages under a strict content security policy: scripts, styles and images from their own server alone. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../src/cli/launch';
import { projectRoot } from '../src/cli/setup.mjs';

const LIMIT = { timeout: 120_000 };
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

let browser: Browser;
let server: Server;
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'gradloom-csp-'));
  const { build } = await import('vite');
  const configFile = `${projectRoot}/vite.config.ts`;
  await build({ configFile, logLevel: 'error', build: { outDir: root, emptyOutDir: true } });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const file = join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': "default-src 'self'",
    });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ browser } = await launchBrowser());
}, 300_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(root, { recursive: true, force: true });
});

/** Opens a page, does something with it, and gives what its policy or its scripts complained of. */
async function complaints(path: string, work: (page: Page) => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  const page = await browser.newPage();
  await page.exposeFunction('violated', (text: string) => found.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
      (window as unknown as { violated(text: string): void }).violated(
        `${violatedDirective}: ${blockedURI} (${sourceFile})`,
      );
    });
  });
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && found.push(message.text()));
  page.on('response', (response) => {
    if (response.status() >= 400) found.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  await work(page);
  // A last message of the page's may be on its way.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  await page.close();
  return found;
}

describe("pages run under default-src 'self' without a violation", () => {
  it('the gallery', async () => {
    const found = await complaints('/', (page) => page.getByText('WebGPU works here').waitFor(LIMIT));
    expect(found).toEqual([]);
  });

  it('the digits demo, which trains and saves', async () => {
    const found = await complaints('/demos/digits/', async (page) => {
      await page.waitForSelector('#app[data-phase=ready]', LIMIT);
      await page.selectOption('#model', 'mlp');
      await page.waitForSelector('#app[data-phase=ready]', LIMIT);
      await page.click('#train');
      await page.waitForFunction(
        () => Number.parseFloat(document.querySelector('#loss')!.textContent!) > 0,
        undefined,
        LIMIT,
      );
      await page.click('#train');
      await page.waitForSelector('#app[data-phase=ready]', LIMIT);
      await page.click('#files summary');
      await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    });
    expect(found).toEqual([]);
  });

  it('the conformance page, which checks an op', async () => {
    const found = await complaints('/conformance.html', async (page) => {
      await page.waitForSelector('#start:enabled', LIMIT);
      await page.fill('#filter', '=relu');
      await page.click('#start');
      await page.getByText(/\d+ passed, 0 failed/).waitFor(LIMIT);
    });
    expect(found).toEqual([]);
  });

  it('the harness, which runs an op', async () => {
    const found = await complaints('/e2e/harness.html', async (page) => {
      const y = await page.evaluate(async () => {
        const { harness } = window as unknown as { harness: any };
        await harness.ready;
        const { outputs } = await harness.runOp({ op: 'relu', inputs: { x: { shape: [2], data: [-1, 2] } } });
        return outputs.y.data;
      });
      expect(y).toEqual([0, 2]);
    });
    expect(found).toEqual([]);
  });
});

/** The playground's one file on plain pages of another server, under `default-src 'self'`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPlaygroundFile } from '../scripts/package/bundles';
import { launchBrowser } from '../src/cli/launch';
import { projectRoot } from '../src/cli/setup.mjs';
import type { PlaygroundElement } from '../src/playground/public';

const LIMIT = { timeout: 90_000 };
const pageOf = (body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="icon.svg">
  <meta name="viewport" content="width=device-width, initial-scale=1"><title>A lesson</title><h1>A lesson</h1>
  <script type="module" src="gradloom-playground.min.js"></script>${body}</html>`;
const PAGES: Record<string, string> = {
  '/two': pageOf(
    '<gradloom-playground id="a" preset="circles"></gradloom-playground><gradloom-playground id="b" preset="series" background></gradloom-playground>',
  ),
};

let browser: Browser;
let server: Server;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/gradloom-playground-`);
  await buildPlaygroundFile(projectRoot, folder);
  const script = readFileSync(`${folder}/gradloom-playground.min.js`);
  server = createServer(({ url }, response) => {
    const { pathname } = new URL(url!, 'http://localhost');
    const [type, body] =
      pathname in PAGES
        ? ['text/html; charset=utf-8', PAGES[pathname]]
        : pathname.endsWith('.js')
          ? ['text/javascript', script]
          : ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'];
    response
      .writeHead(200, { 'content-type': type, 'content-security-policy': "default-src 'self'" })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ browser } = await launchBrowser());
}, 180_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a page and keeps what its policy or its scripts complain of. */
async function open(path: string, viewport = { width: 1280, height: 900 }) {
  const page = await browser.newPage({ viewport });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`${violatedDirective}: ${blockedURI}`),
    );
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  return { page, complaints };
}

type Element = PlaygroundElement & { session: import('../src/playground/session').PlaygroundSession };

/** Trains the element until its loss has fallen to a share of the first one. */
const trainTo = (page: Page, selector: string, share: number) =>
  page.evaluate(
    async ([selector, share]) => {
      const element = document.querySelector<Element>(selector as string)!;
      const losses: number[] = [];
      const low = new Promise<void>((resolve) => {
        element.addEventListener('step', (event) => {
          losses.push((event as CustomEvent).detail.loss);
          const last = losses.slice(-3);
          if (losses.length > 3 && Math.max(...last) < (share as number) * losses[0]) resolve();
        });
      });
      await element.step(1);
      await element.play();
      await low;
      await element.pause();
      return { first: losses[0], last: losses.at(-1)!, inWorker: element.session.opened!.inWorker };
    },
    [selector, share],
  );

it('a plain page embeds it twice with different presets, and both learn in the worker', {
  timeout: 180_000,
}, async () => {
  const { page, complaints } = await open('/two');
  await page.waitForFunction(
    () => document.querySelector<Element>('#a')?.session.phase === 'ready',
    undefined,
    LIMIT,
  );
  const [a, b] = await Promise.all([trainTo(page, '#a', 0.6), trainTo(page, '#b', 0.5)]);
  expect(a.last).toBeLessThan(0.6 * a.first);
  expect(b.last).toBeLessThan(0.5 * b.first);
  expect([a.inWorker, b.inWorker]).toEqual([true, true]);
  expect(complaints).toEqual([]);
  await page.close();
});

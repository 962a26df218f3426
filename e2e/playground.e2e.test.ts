/** The playground's one file on plain pages of another server, under `default-src 'self'`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPlaygroundFile } from '../scripts/package/bundles';
import { launchBrowser } from '../src/cli/launch';
import { projectRoot } from '../src/cli/setup.mjs';
import type { PlaygroundElement } from '../src/playground/public';

const LIMIT = { timeout: 40_000 };
const pageOf = (body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="icon.svg">
  <meta name="viewport" content="width=device-width, initial-scale=1"><title>A lesson</title><h1>A lesson</h1>
  <script type="module" src="gradloom-playground.min.js"></script>${body}</html>`;
const one = (attributes: string) =>
  pageOf(`<gradloom-playground id="a" ${attributes}></gradloom-playground>`);
const PAGES: Record<string, string> = {
  '/xor': one('preset="xor"'),
  '/digits': one('preset="digits"'),
  '/kept': one('preset="gauss" autosave="lesson"'),
  '/dark': one('preset="moons" theme="dark" lang="zh"'),
  '/embed.html': readFileSync(`${projectRoot}/src/playground/embed.html`, 'utf8'),
  '/frame': `<!doctype html><html lang="en"><link rel="icon" href="icon.svg"><title>Around</title><script src="frame.script"></script>
  <iframe title="Playground" src="embed.html?preset=gauss"></iframe></html>`,
  '/two': pageOf(
    '<gradloom-playground id="a" preset="circles"></gradloom-playground><gradloom-playground id="b" preset="series" background></gradloom-playground>',
  ),
};

/** Asks the frame, and keeps what it says. */
const FRAME_SCRIPT = `
  window.replies = [];
  addEventListener('message', ({ data }) => window.replies.push(data));
  window.ask = (message) => document.querySelector('iframe').contentWindow.postMessage(message, '*');`;

let browser: Browser;
let server: Server;
let folder: string;
function answerTo(pathname: string): [string, string | Buffer] {
  if (pathname in PAGES) return ['text/html; charset=utf-8', PAGES[pathname]];
  if (pathname.endsWith('.script')) return ['text/javascript', FRAME_SCRIPT];
  if (pathname.endsWith('.svg')) return ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'];
  const type = pathname.endsWith('.js')
    ? 'text/javascript'
    : pathname.endsWith('.css')
      ? 'text/css'
      : 'text/html; charset=utf-8';
  return [type, readFileSync(folder + pathname)];
}
beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/gradloom-playground-`);
  await Promise.all([
    buildPlaygroundFile(projectRoot, folder),
    build({
      configFile: `${projectRoot}/vite.config.ts`,
      logLevel: 'error',
      build: {
        outDir: `${folder}/react`,
        emptyOutDir: true,
        rollupOptions: { input: `${projectRoot}/e2e/playground/react.html` },
      },
    }),
  ]);
  server = createServer(({ url, headers }, response) => {
    const { pathname } = new URL(url!, 'http://localhost');
    const [type, body] = answerTo(pathname);
    // The page around a frame of another origin has no policy.
    const policy: Record<string, string> = headers.host?.startsWith('localhost')
      ? {}
      : { 'content-security-policy': "default-src 'self'" };
    response.writeHead(200, { 'content-type': type, ...policy }).end(body);
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
async function open(
  path: string,
  options: BrowserContextOptions & { host?: string; script?: () => void } = {},
) {
  const { host = '127.0.0.1', script, ...context } = options;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...context });
  if (script) await page.addInitScript(script);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`${violatedDirective}: ${blockedURI}`),
    );
  });
  await page.goto(`http://${host}:${(server.address() as AddressInfo).port}${path}`);
  return { page, complaints };
}

/** Waits until the element can play. */
const ready = (page: Page) =>
  page.waitForFunction(
    () => document.querySelector<Element>('#a')?.session.phase === 'ready',
    undefined,
    LIMIT,
  );

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

it('a link goes on in another page, bit for bit, and a lesson hides and locks', {
  timeout: 120_000,
}, async () => {
  const { page, complaints } = await open('/xor');
  await ready(page);
  await page.evaluate(() => document.querySelector<Element>('#a')!.step(30));
  await page.getByRole('tab', { name: 'Share' }).click();
  await page.getByText('For a lesson').click();
  await page.getByLabel('Text beside the controls').fill('Which corner is hard?');
  await page.getByLabel('hide: Data').check();
  await page.getByLabel('lock: Training').check();
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.getByRole('textbox', { name: 'A link with everything in it' }).inputValue();
  const other = await open(`/xor${link.slice(link.indexOf('#'))}`);
  await ready(other.page);
  await other.page.getByText('Which corner is hard?').waitFor(LIMIT);
  expect(await other.page.getByRole('tab', { name: 'Data' }).count()).toBe(0);
  await other.page.getByRole('tab', { name: 'Training' }).click();
  expect(await other.page.getByLabel('Optimizer').isDisabled()).toBe(true);
  const train = (on: Page) =>
    on.evaluate(async () => {
      const element = document.querySelector<Element>('#a')!;
      await element.step(10);
      const { data } = await element.predict([
        [0.3, -0.7],
        [-0.9, -0.1],
      ]);
      return { steps: element.session.steps, last: element.session.curves.train.last!.loss, data: [...data] };
    });
  const [here, there] = await Promise.all([train(page), train(other.page)]);
  expect(here.steps).toBe(40);
  expect(there).toEqual(here);
  const broken = await open('/xor#gradloom=0.AAAA');
  await broken.page.getByText('This model or link cannot be used.').waitFor(LIMIT);
  await ready(broken.page);
  expect([...complaints, ...other.complaints, ...broken.complaints]).toEqual([]);
  await Promise.all([page, other.page, broken.page].map((open) => open.close()));
});

it('axe finds nothing in any panel, on a desk and on a phone, light and dark', {
  timeout: 180_000,
}, async () => {
  const look = async (path: string, options: BrowserContextOptions, panels: string[]) => {
    const { page, complaints } = await open(path, options);
    await ready(page);
    await page.evaluate(() => document.querySelector<Element>('#a')!.step(3));
    await page.evaluate(axe.source);
    for (const panel of panels) {
      await page.evaluate((panel) => {
        document.querySelector<Element>('#a')!.panel = panel;
      }, panel);
      await page.waitForTimeout(700);
      const { violations } = await page.evaluate(() =>
        (window as unknown as { axe: typeof axe }).axe.run('gradloom-playground'),
      );
      const found = violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html }) => html)
            .join(' ')
            .slice(0, 300)}`,
      );
      expect(found, `${path} ${panel}`).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(complaints).toEqual([]);
    await page.close();
  };
  await look('/xor', {}, ['model', 'data', 'training', 'inside', 'share']);
  await look('/digits', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }, ['inside', 'data']);
  await look('/dark', { viewport: { width: 820, height: 700 }, reducedMotion: 'reduce' }, [
    'model',
    'training',
  ]);
});

it('layers are added, changed and undone with the keyboard', { timeout: 90_000 }, async () => {
  const { page, complaints } = await open('/xor');
  await ready(page);
  const spec = () =>
    page.evaluate(() => JSON.stringify(document.querySelector<Element>('#a')!.session.state.model));
  const before = await spec();
  await page.evaluate(() => document.querySelector<Element>('#a')!.step(5));
  const layer = page.getByRole('button', { name: /^linear.*outFeatures 4/ });
  await layer.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('spinbutton', { name: 'outFeatures' }).fill('6');
  await page.keyboard.press('Tab');
  await page.waitForFunction(
    () =>
      JSON.stringify(document.querySelector<Element>('#a')!.session.state.model).includes('"inFeatures":6'),
    undefined,
    LIMIT,
  );
  expect(await spec()).toContain('"outFeatures":6');
  await ready(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(
    () => document.querySelector<Element>('#a')!.session.steps === 5,
    undefined,
    LIMIT,
  );
  expect(await spec()).toBe(before);
  await page.getByRole('button', { name: 'PyTorch' }).first().click();
  expect(await page.getByRole('textbox', { name: 'PyTorch' }).inputValue()).toContain(
    'nn.Linear(in_features=2',
  );
  expect(complaints).toEqual([]);
  await page.close();
});

it('a run is kept over a reload, and without WebGPU the page says what to do', {
  timeout: 90_000,
}, async () => {
  const { page } = await open('/kept');
  await ready(page);
  await page.evaluate(async () => {
    const element = document.querySelector<Element>('#a')!;
    await element.play();
    await new Promise<void>((resolve) => element.addEventListener('epoch', () => resolve(), { once: true }));
    await element.pause();
  });
  const steps = await page.evaluate(() => document.querySelector<Element>('#a')!.session.steps);
  await page.waitForTimeout(800);
  await page.reload();
  await ready(page);
  expect(await page.evaluate(() => document.querySelector<Element>('#a')!.session.steps)).toBe(steps);
  await page.close();
  const without = await open('/xor', {
    script: () => {
      Object.defineProperty(navigator, 'gpu', { value: undefined });
      Object.defineProperty(window, 'Worker', { value: undefined });
    },
  });
  await without.page.getByText('This browser gives no WebGPU.').waitFor(LIMIT);
  await without.page.close();
});

it('a frame answers pages of its own origin alone', { timeout: 90_000 }, async () => {
  type Around = { replies: any[]; ask(message: unknown): void };
  const { page, complaints } = await open('/frame');
  const reply = (test: string) =>
    page.waitForFunction(
      (test) => (window as unknown as Around).replies.find((data) => JSON.stringify(data).includes(test)),
      test,
      LIMIT,
    );
  const ask = (message: object) =>
    page.evaluate((message) => (window as unknown as Around).ask(message), message);
  await reply('"event":"ready"');
  await ask({ gradloom: 1, call: 1, method: 'step', args: [4] });
  await reply('"answer":1');
  await reply('"event":"step"');
  await ask({ gradloom: 1, call: 2, method: 'predict', args: [[[0, 1]]] });
  expect(await (await reply('"answer":2')).evaluate(({ value }) => value.shape)).toEqual([1, 2]);
  await ask({ gradloom: 1, call: 3, method: 'constructor' });
  await reply('"answer":3,"error"');
  await ask({ gradloom: 1, call: 4, method: 'play', other: 1 });
  expect(await (await reply('"answer":4')).evaluate(({ error }) => error.message)).toContain('other');
  expect(complaints).toEqual([]);
  await page.close();
  const port = (server.address() as AddressInfo).port;
  PAGES['/foreign'] = PAGES['/frame'].replace('embed.html', `http://127.0.0.1:${port}/embed.html`);
  const foreign = await open('/foreign', { host: 'localhost' });
  await foreign.page
    .frameLocator('iframe')
    .getByRole('button', { name: 'Train', exact: true })
    .waitFor(LIMIT);
  await foreign.page.waitForTimeout(1500);
  await foreign.page.evaluate(() =>
    (window as unknown as Around).ask({ gradloom: 1, call: 1, method: 'state' }),
  );
  await foreign.page.waitForTimeout(700);
  expect(await foreign.page.evaluate(() => (window as unknown as Around).replies)).toEqual([]);
  await foreign.page.close();
});

it('a React app in StrictMode has two of them', { timeout: 90_000 }, async () => {
  const { page, complaints } = await open('/react/e2e/playground/react.html');
  await page.waitForFunction(
    () =>
      document.querySelector('#ready')?.textContent === '2' &&
      Number(document.querySelector('#loss')?.textContent) > 0,
    undefined,
    LIMIT,
  );
  expect(await page.locator('#b').getAttribute('theme')).toBe('dark');
  expect(await page.evaluate(() => document.querySelector<Element>('#a')!.session.opened?.inWorker)).toBe(
    true,
  );
  expect(complaints).toEqual([]);
  await page.close();
});

/**
 * The demos around the playground and the optimizers in a real browser: each trains until its loss has fallen. With
 * GRADLOOM_THUMBNAILS=1 their pictures in the gallery are taken anew.
 */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../src/cli/setup.mjs';
import type { PlaygroundElement } from '../src/playground/public';
import { servedPages } from './support/served';

const LIMIT = { timeout: 120_000 };
const screenshots = `${projectRoot}/e2e/screenshots`;
const takesThumbnails = process.env.GRADLOOM_THUMBNAILS === '1';

const pages = servedPages();
beforeAll(() => void mkdirSync(screenshots, { recursive: true }));
const broken: string[] = [];
// No page may throw or log an error.
afterEach(() => expect(broken.splice(0)).toEqual([]));

async function open(name: string): Promise<Page> {
  const page = await pages.browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(LIMIT.timeout);
  page.on('pageerror', (error) => broken.push(String(error.stack)));
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
  await page.goto(`${pages.url}/demos/${name}/`);
  return page;
}

/** Screenshots to look at, wide and on a phone; the wide one is the card's picture. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}/demo-${name}.png`, ...LIMIT });
  if (takesThumbnails) {
    await page.setViewportSize({ width: 1120, height: 700 });
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${projectRoot}/docs/images/demos/${name}.png`, ...LIMIT });
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(300); // charts follow their place
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, 'pixels beyond the width of a phone').toBeLessThanOrEqual(0);
  await page.screenshot({ path: `${screenshots}/demo-${name}-phone.png`, fullPage: true, ...LIMIT });
}

describe('demos on the playground', () => {
  it.each([
    ['playground', 0.8],
    ['writer', 0.95],
    ['names', 0.97],
    ['forecast', 0.7],
    ['autoencoder', 0.8],
  ])(
    '%s trains until its loss is %f of the first',
    async (name, share) => {
      const page = await open(name);
      const losses = await page.evaluate(
        ([share, timeout]) =>
          new Promise<number[]>((resolve, reject) => {
            const element = document.querySelector<PlaygroundElement>('gradloom-playground')!;
            const losses: number[] = [];
            setTimeout(() => reject(new Error(`losses ${losses}`)), timeout);
            element.addEventListener('error', (event) =>
              reject(new Error(JSON.stringify((event as unknown as CustomEvent).detail))),
            );
            element.addEventListener('step', (event) => {
              losses.push((event as CustomEvent).detail.loss);
              if (losses[losses.length - 1] < share * losses[0])
                void element.pause().then(() => resolve(losses));
            });
            const play = () => void element.play().catch(reject);
            if (element.hasAttribute('data-ready')) play();
            else element.addEventListener('ready', play, { once: true });
          }),
        [share, 90_000] as const,
      );
      // Steps that were on their way come after it.
      expect(Math.min(...losses)).toBeLessThan(share * losses[0]);
      await shoot(page, name);
      await page.close();
    },
    LIMIT.timeout,
  );
});

it(
  'the optimizers race: every one gets lower, and a tap starts elsewhere',
  async () => {
    const page = await open('optimizers');
    await page.click('#play:not([disabled])');
    await page.waitForFunction(() =>
      /^Step ([6-9]\d|\d{3})/.test(document.getElementById('status')!.textContent!),
    );
    await page.click('#play');
    const losses = await page.$$eval('#racers td:last-child', (cells) =>
      cells.map((cell) => Number(cell.textContent)),
    );
    expect(losses).toHaveLength(6);
    for (const loss of losses) expect(loss).toBeLessThan(6.25);
    await shoot(page, 'optimizers');
    await page.selectOption('#kind', 'bumps');
    await page.waitForFunction(() => document.getElementById('status')!.textContent!.startsWith('Ready'));
    await page.click('#surface', { position: { x: 150, y: 100 } });
    await page.waitForFunction(() => /^Step [5-9]/.test(document.getElementById('status')!.textContent!));
    await page.close();
  },
  LIMIT.timeout,
);

it(
  'the finder suggests a rate that beats a tenth of it',
  async () => {
    const page = await open('learning-rate');
    await page.click('#play:not([disabled])');
    await page.waitForFunction(() =>
      document.getElementById('status')!.textContent!.startsWith('The loss falls fastest'),
    );
    const losses = await page.$$eval('#rows td:last-child', (cells) =>
      cells.map((cell) => Number(cell.textContent)),
    );
    expect(losses).toHaveLength(3);
    expect(losses[1]).toBeLessThan(losses[0]);
    await shoot(page, 'learning-rate');
    await page.close();
  },
  LIMIT.timeout,
);

it(
  'students learn with and without a teacher',
  async () => {
    const page = await open('distillation');
    await page.click('#play:not([disabled])');
    await page.waitForFunction(() =>
      /with a teacher, from/.test(document.getElementById('status')!.textContent!),
    );
    const accuracies = await page.$$eval('#rows td:last-child', (cells) =>
      cells.map((cell) => Number.parseFloat(cell.textContent!)),
    );
    expect(accuracies).toHaveLength(3);
    expect(accuracies[0]).toBeGreaterThan(85);
    expect(Math.min(...accuracies.slice(1))).toBeGreaterThan(40);
    await shoot(page, 'distillation');
    await page.close();
  },
  LIMIT.timeout,
);

/**
 * The gallery and the digits demo in a real browser: train, pause, draw, save and load, reset; on a phone; without
 * WebGPU; with a lost device. Screenshots of each state go to e2e/screenshots, which is not checked in.
 */
import { mkdirSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../src/cli/setup.mjs';
import { makeDigits } from '../src/data';
import { servedPages } from './support/served';

/** Few samples: the CPU adapter of a test machine takes seconds where a GPU takes milliseconds. */
const DEMO = '/demos/digits/?train=600&test=100';
const LIMIT = { timeout: 120_000 };
const screenshots = `${projectRoot}/e2e/screenshots`;

const pages = servedPages();
beforeAll(() => void mkdirSync(screenshots, { recursive: true }));
const broken: string[] = [];

// Whatever a test provokes, no page may throw or log an error.
afterEach(() => expect(broken.splice(0)).toEqual([]));

async function open(path: string, options: BrowserContextOptions = {}, script?: () => void): Promise<Page> {
  const context = await pages.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT.timeout);
  page.on('pageerror', (error) => broken.push(String(error.stack)));
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
  await page.goto(pages.url + path);
  return page;
}

const ready = (page: Page) => page.waitForSelector('#app[data-phase=ready]', LIMIT);
const shoot = (page: Page, name: string, fullPage = false) =>
  page.screenshot({ path: `${screenshots}/${name}.png`, fullPage, ...LIMIT });
const number = async (page: Page, id: string) => Number.parseFloat((await page.textContent(id)) ?? '');
/** Waits until at least `count` of the test digits shown are read right. */
const rightOnes = (page: Page, count: number) =>
  page.waitForFunction((n) => document.querySelectorAll('#samples .right').length >= n, count, LIMIT);

async function probabilities(page: Page): Promise<number[]> {
  await page.waitForSelector('#bars li[data-probability^="0"], #bars li[data-probability^="1"]', LIMIT);
  const rows = await page.$$eval('#bars li', (list) => list.map((row) => Number(row.dataset.probability)));
  return rows;
}

/** Bright pixels in the image that the network sees. */
const ink = (page: Page) =>
  page.$eval('#seen', (canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, 28, 28);
    return data.filter((value, i) => i % 4 === 0 && value > 128).length;
  });

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** An IDX file of bytes. */
function idx(name: string, shape: number[], data: ArrayLike<number>) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, extent] of shape.entries()) header.writeUInt32BE(extent, 4 + 4 * i);
  const buffer = Buffer.concat([header, Buffer.from(Array.from(data))]);
  return { name, mimeType: 'application/octet-stream', buffer };
}

describe('digits demo', () => {
  it('is reached from the gallery, trains, pauses and goes on', async () => {
    const page = await open('/');
    await page.getByText('WebGPU works here').waitFor();
    expect(
      await page
        .getByRole('link')
        .evaluateAll((links) => links.map((a) => new URL((a as HTMLAnchorElement).href).pathname)),
    ).toEqual([
      ...['playground', 'digits', 'writer', 'names', 'forecast', 'autoencoder'].map(
        (name) => `/demos/${name}/`,
      ),
      ...['optimizers', 'learning-rate', 'distillation'].map((name) => `/demos/${name}/`),
      ...['/conformance.html', '/e2e/harness.html'],
    ]);
    await shoot(page, 'gallery', true);
    await page.getByRole('link', { name: 'Digits' }).click();
    await page.waitForURL('**/demos/digits/');
    await page.goto(pages.url + DEMO);
    await ready(page);
    await shoot(page, 'desktop-before');
    const rightBefore = await page.locator('#samples .right').count();
    expect(rightBefore).toBeLessThan(20);

    await page.selectOption('#batch', '16');
    await page.click('#train');
    await rightOnes(page, 24);
    expect(await page.textContent('#train')).toBe('Pause');
    await page.click('#train');
    await ready(page);
    expect(await page.textContent('#status')).toMatch(/^Paused after/);
    await shoot(page, 'desktop-after');
    const epoch = await number(page, '#epoch');
    expect(epoch).toBeGreaterThan(0);
    expect(await number(page, '#loss')).toBeLessThan(2.2);
    expect(await number(page, '#accuracy')).toBeGreaterThan(40);

    await page.click('#train');
    await page.waitForFunction(
      (e) => Number(document.querySelector('#epoch')?.textContent) > e,
      epoch,
      LIMIT,
    );
    await page.click('#train');
    await ready(page);
    expect(await number(page, '#loss')).toBeLessThan(2);

    await page.click('#reset');
    await ready(page);
    expect(await page.textContent('#epoch')).toBe('0.0');
    expect(await page.textContent('#accuracy')).toBe('–');
    expect(await page.locator('#samples .right').count()).toBe(rightBefore);

    // What had been learned is not lost.
    await page.click('#undo');
    await ready(page);
    expect(await number(page, '#epoch')).toBeGreaterThan(epoch);
    expect(await number(page, '#accuracy')).toBeGreaterThan(40);
    expect(await page.isHidden('#undo')).toBe(true);
    await shoot(page, 'desktop-undone');
    await page.context().close();
  });

  it('reads what is drawn, saves and loads weights, takes own data, and says in place what is wrong', async () => {
    const page = await open(DEMO);
    await ready(page);
    await page.selectOption('#model', 'mlp');
    await ready(page);

    const box = (await page.locator('#pad').boundingBox())!;
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.3, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.2), { steps: 5 });
    await page.mouse.move(...at(0.5, 0.8), { steps: 5 });
    await page.mouse.up();
    const drawn = await probabilities(page);
    expect(drawn).toHaveLength(10);
    expect(total(drawn)).toBeCloseTo(1, 5);
    expect(await page.textContent('#verdict')).toMatch(/^It reads \d/);
    await page.click('#clear');
    await page.waitForFunction(() => document.querySelector('#verdict')?.textContent?.startsWith('Draw'));

    // The same with the keyboard alone.
    await page.focus('#pad-frame');
    for (const key of ['Space', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Space'])
      await page.keyboard.press(key);
    expect(total(await probabilities(page))).toBeCloseTo(1, 5);
    await page.keyboard.press('Delete');
    await page.waitForFunction(() => document.querySelector('#verdict')?.textContent?.startsWith('Draw'));
    await page.locator('#samples button').first().press('Enter');
    expect(total(await probabilities(page))).toBeCloseTo(1, 5);

    await page.click('#files summary');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    expect(download.suggestedFilename()).toBe('gradloom-mlp.safetensors');
    await ready(page);
    const before = await page.$$eval('#samples button span', (texts) =>
      texts.map((text) => text.textContent),
    );
    await page.selectOption('#batch', '64');
    await page.click('#train');
    await rightOnes(page, 24);
    await page.click('#train');
    await ready(page);
    await page.selectOption('#shown', 'mistakes');
    await page.waitForFunction(() => !document.querySelector('#samples .right'));
    const [, right, count] = /^(\d+) of (\d+) right$/.exec((await page.textContent('#score'))!)!.map(Number);
    expect(count).toBe(100);
    expect(await page.locator('#samples .wrong').count()).toBe(Math.min(40, count - right));
    await page.selectOption('#shown', 'first');
    await page.setInputFiles('#load', await download.path());
    await page.getByText('Weights of').waitFor();
    expect(
      await page.$$eval('#samples button span', (texts) => texts.map((text) => text.textContent)),
    ).toEqual(before);

    const junk = { name: 'junk.safetensors', mimeType: '', buffer: Buffer.from('no weights at all') };
    await page.setInputFiles('#load', junk);
    await page.getByRole('alert').getByText('readSafetensors: junk.safetensors').waitFor();
    await ready(page);

    const { train } = makeDigits({ train: 50, test: 1 });
    const images = idx('train-images-idx3-ubyte', [50, 28, 28], train.x);
    const labels = idx('train-labels-idx1-ubyte', [50], train.y);
    await page.setInputFiles('#own-data', [images]);
    await page.getByRole('alert').getByText('train labels is missing').waitFor();
    await ready(page);
    await page.setInputFiles('#own-data', [images, labels]);
    await page.getByText('Ready: 45 digits to learn from, 5 to test with.').waitFor();
    await page.click('#train');
    await page.getByRole('alert').getByText('batchSize is 64; expected at most 45').waitFor();
    await ready(page);
    await shoot(page, 'desktop-error');
    await page.selectOption('#batch', '16');
    await page.click('#train');
    await page.getByText('Done after 10.0 epochs.').waitFor();
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    await page.context().close();
  });

  it('fits a phone: no horizontal scroll, controls of 44 pixels, drawing by touch', async () => {
    const phone = {
      viewport: { width: 375, height: 812 },
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
    };
    const page = await open(DEMO, phone);
    await ready(page);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(375);
    await page.click('#files summary');
    const small = await page.$$eval('button, select, summary, input[type=file]', (controls) =>
      controls
        .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 44)
        .map((control) => control.outerHTML),
    );
    expect(small).toEqual([]);
    expect(await ink(page)).toBe(0);
    await page.locator('#pad').tap();
    expect(total(await probabilities(page))).toBeCloseTo(1, 5);
    expect(await ink(page)).toBeGreaterThan(50);
    expect(await width()).toBe(375);
    await shoot(page, 'phone', true);

    await page.goto(pages.url);
    await page.getByText('WebGPU works here').waitFor();
    expect(await width()).toBe(375);
    await shoot(page, 'phone-gallery', true);
    await page.context().close();
  });

  it('says what to do without WebGPU, and without an adapter', async () => {
    for (const path of ['/', DEMO]) {
      const page = await open(path, {}, () => {
        delete (Navigator.prototype as { gpu?: GPU }).gpu;
      });
      await page.getByRole('alert').getByText('This browser has no WebGPU', { exact: true }).waitFor();
      await page.getByRole('alert').getByText('Safari 26 or newer').waitFor();
      await shoot(page, path === '/' ? 'gallery-no-webgpu' : 'desktop-no-webgpu');
      expect(await page.locator('#train').isVisible()).toBe(false);
      await page.context().close();
    }
    const page = await open(DEMO, {}, () => {
      GPU.prototype.requestAdapter = async () => null;
    });
    await page.getByRole('alert').getByText('This browser found no GPU to use').waitFor();
    await page.getByRole('alert').getByText('hardware (graphics) acceleration').waitFor();
    await page.context().close();
  });

  it('says that training went to NaN, and goes on with the weights before', async () => {
    const page = await open(DEMO);
    await ready(page);
    await page.selectOption('#model', 'mlp');
    await ready(page);
    await page.selectOption('#optimizer', 'sgd');
    // Rates that people can choose do not diverge.
    await page.evaluate(() => {
      const select = document.querySelector<HTMLSelectElement>('#rate')!;
      select.add(new Option('1000000', '1000000'));
      select.value = '1000000';
    });
    await page.click('#train');
    const notice = page.locator('#notice');
    await notice.getByText('Training diverged').waitFor(LIMIT);
    expect(await notice.textContent()).toMatch(
      /no number any more.*learning rate.*(the loss of step \d+|a value of .*) is (NaN|-?Infinity)/,
    );
    await ready(page);
    expect(await page.textContent('#status')).toMatch(/^Stopped after/);
    await shoot(page, 'diverged');
    await page.selectOption('#optimizer', 'adam');
    await page.click('#train');
    await rightOnes(page, 24);
    await page.click('#train');
    await ready(page);
    expect(await notice.isHidden()).toBe(true);
    await page.context().close();
  });

  it('goes on after the GPU device was lost', async () => {
    const page = await open(DEMO, {}, () => {
      const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        const device = await request.apply(this, args);
        Object.assign(window, { device });
        return device;
      };
    });
    await ready(page);
    await page.selectOption('#model', 'mlp');
    await ready(page);
    await page.click('#train');
    await page.waitForFunction(
      () => Number(document.querySelector('#epoch')?.textContent) > 1.2,
      undefined,
      LIMIT,
    );
    for (let loss = 0; loss < 2; loss++) {
      const epoch = await number(page, '#epoch');
      await page.evaluate(() => (window as unknown as { device: GPUDevice }).device.destroy());
      await page.waitForFunction(
        (e) => Number(document.querySelector('#epoch')?.textContent) > e + 0.5,
        epoch,
        LIMIT,
      );
      expect(await page.getByRole('alert').isVisible()).toBe(false);
    }
    await page.click('#train');
    await ready(page);
    expect(await page.locator('#samples .right').count()).toBeGreaterThan(10);
    // At rest, too.
    await page.evaluate(() => (window as unknown as { device: GPUDevice }).device.destroy());
    const epoch = await number(page, '#epoch');
    await page.click('#train');
    await page.waitForFunction(
      (e) => Number(document.querySelector('#epoch')?.textContent) > e,
      epoch,
      LIMIT,
    );
    await page.click('#reset');
    await ready(page);
    await page.context().close();
  });

  it('goes on from its autosave when it is opened again, until it is reset', async () => {
    const page = await open(DEMO);
    await ready(page);
    await page.selectOption('#model', 'mlp');
    await ready(page);
    await page.selectOption('#batch', '32');
    await page.click('#train');
    await page.waitForFunction(
      () => Number(document.querySelector('#epoch')?.textContent) > 1.2,
      undefined,
      LIMIT,
    );
    // A tab that is closed is hidden first; here it goes on for a moment.
    await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
    const isSaved = () =>
      page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root
          .getDirectoryHandle('gradloom')
          .then((handle) => handle.getDirectoryHandle('digits'));
        const names = (folder as unknown as { keys(): AsyncIterable<string> }).keys();
        for await (const name of names) if (name.endsWith('.safetensors')) return true;
        return false;
      });
    await expect.poll(isSaved, LIMIT).toBe(true);
    await page.reload();
    await ready(page);
    expect(await page.textContent('#status')).toMatch(/goes on after [\d.]+ epochs/);
    expect(await page.inputValue('#model')).toBe('mlp');
    const epoch = await number(page, '#epoch');
    expect(epoch).toBeGreaterThan(1);
    await page.click('#train');
    await page.waitForFunction(
      (e) => Number(document.querySelector('#epoch')?.textContent) > e,
      epoch,
      LIMIT,
    );
    await page.click('#reset');
    await ready(page);
    await page.reload();
    await ready(page);
    expect(await number(page, '#epoch')).toBe(0);
    await page.context().close();
  });
});

/** The conformance page in a browser: every case of the chosen ops passes, and the report says so. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { references } from '../src/reference';
import { servedPages } from './support/served';

const LIMIT = { timeout: 120_000 };
const pages = servedPages();

it('runs the ops that the filter names and saves a report', async () => {
  const page = await pages.browser.newPage();
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(String(error.stack)));
  await page.goto(`${pages.url}/conformance.html`);
  await page.waitForSelector('#start:enabled', LIMIT);
  await page.fill('#filter', '=softmax');
  await page.click('#start');
  const cases = references.softmax.cases.length;
  await page.getByText(`${cases} passed, 0 failed`).waitFor(LIMIT);
  expect(await page.locator('#results tr').evaluateAll((rows) => rows.map((row) => row.className))).toEqual([
    'passed',
  ]);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
  const report = JSON.parse(readFileSync(await download.path(), 'utf8'));
  expect(report).toMatchObject({
    format: 'gradloom-device-report',
    passed: cases,
    failed: 0,
    features: expect.any(Array),
    browser: expect.stringContaining('Chrom'),
    ops: [{ op: 'softmax', passed: cases, failed: 0, worstError: expect.any(Number) }],
    failures: [],
  });
  expect(Object.keys(report.adapter)).toContain('vendor');

  await page.fill('#filter', 'no such op');
  await page.click('#start');
  await page.getByText('No op has a name with').waitFor(LIMIT);
  expect(await page.locator('#export').isDisabled()).toBe(true);

  await page.fill('#filter', '');
  await page.click('#start');
  await page.locator('#results tr').first().waitFor(LIMIT);
  await page.click('#stop');
  await page.getByText('stopped before the others').waitFor(LIMIT);
  await page.getByRole('link', { name: 'Gradloom' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor(LIMIT);
  expect(broken).toEqual([]);
});

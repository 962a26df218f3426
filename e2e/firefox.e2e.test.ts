/**
 * The second WGSL compiler: the whole conformance list in Firefox (wgpu and naga). GRADLOOM_OPS narrows it to ops
 * whose names contain the text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFirefox } from '../scripts/browser.mjs';
import { startPageServer } from '../src/cli/server';

let home: string;
let browser: Browser;
let server: Awaited<ReturnType<typeof startPageServer>>;

beforeAll(async () => {
  const firefox = findFirefox();
  if (!firefox) throw new Error('Firefox is not installed: apt-get install firefox-esr mesa-vulkan-drivers');
  home = mkdtempSync(join(tmpdir(), 'gradloom-firefox-'));
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox.executablePath,
    headless: true,
    // Firefox wants folders that it may write to.
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
    extraPrefsFirefox: {
      'dom.webgpu.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      'gfx.webgpu.force-enabled': true,
    },
    protocolTimeout: 1_200_000,
  });
  server = await startPageServer();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (home) rmSync(home, { recursive: true, force: true });
});

it('passes the conformance list in Firefox', { timeout: 1_200_000 }, async () => {
  const page = await browser.newPage();
  await page.goto(new URL('/e2e/harness.html', server.url).href);
  await page.waitForFunction(() => 'harness' in window);
  const report = await page.evaluate(async (filter) => {
    await window.harness.ready;
    const { passed, failed, results } = await window.harness.conformance({ filter });
    const failures = results.filter((result) => !result.passed);
    return { passed, failed, failures: failures.map(({ name, message }) => `${name}: ${message}`) };
  }, process.env.GRADLOOM_OPS ?? '');
  console.log(`Firefox: ${report.passed} passed, ${report.failed} failed`);
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});

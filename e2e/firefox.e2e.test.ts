/**
 * The second WGSL compiler: the whole conformance list in Firefox (wgpu and naga). GRADLOOM_OPS narrows it to ops
 * whose names contain the text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFirefox } from '../src/cli/browser.mjs';
import { HARNESS_PAGE } from '../src/cli/protocol';
import { startPageServer } from '../src/cli/server';

/** Firefox answers only every tenth of a second that results are there, so many cases wait together. */
const OPS_AT_ONCE = 15;

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
    protocolTimeout: 2_400_000,
  });
  server = await startPageServer({ page: HARNESS_PAGE });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (home) rmSync(home, { recursive: true, force: true });
});

it('passes the conformance list in Firefox', { timeout: 2_400_000 }, async () => {
  const page = await browser.newPage();
  await page.goto(new URL(HARNESS_PAGE, server.url).href);
  await page.waitForFunction(() => 'harness' in window);
  const ops = await page.evaluate(async () => {
    await window.harness.ready;
    const { ops } = await window.harness.info();
    return ops.filter(({ alias }) => !alias).map(({ name }) => name);
  });
  const chosen = ops.filter((name) => name.includes(process.env.GRADLOOM_OPS ?? ''));
  const failures: string[] = [];
  let passed = 0;
  for (let start = 0; start < chosen.length; start += OPS_AT_ONCE) {
    const names = chosen.slice(start, start + OPS_AT_ONCE);
    const reports = await page.evaluate(
      (ops) => Promise.all(ops.map((op) => window.harness.conformance({ filter: `=${op}` }))),
      names,
    );
    for (const { passed: count, results } of reports) {
      passed += count;
      failures.push(...results.filter((r) => !r.passed).map((r) => `${r.name}: ${r.message}`));
    }
    console.log(`Firefox: ${start + names.length} of ${chosen.length} ops, ${passed} cases passed`);
  }
  console.log(`Firefox: ${passed} passed, ${failures.length} failed`);
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(0);
});

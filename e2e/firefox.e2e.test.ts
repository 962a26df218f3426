/**
 * The second WGSL compiler: the whole conformance list in Firefox (wgpu and naga). GRADLOOM_OPS narrows it to ops
 * whose names contain the text; GRADLOOM_REPORT=file.json writes the report of the device.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFirefox } from '../src/cli/browser.mjs';
import { HARNESS_PAGE } from '../src/cli/protocol';
import { startPageServer } from '../src/cli/server';
import type { CaseResult } from '../src/reference/conformance';
import { longCases } from '../src/reference/long.cases';
import { writeReport } from './support/device-report';

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

/** The conformance cases of all ops, or their long ones, some ops at a time; `chosen` are those that the filter names. */
async function conformance(page: Page, chosen: readonly string[], long: boolean): Promise<void> {
  const failures: string[] = [];
  const all: CaseResult[] = [];
  const began = performance.now();
  let passed = 0;
  for (let start = 0; start < chosen.length; start += OPS_AT_ONCE) {
    const names = chosen.slice(start, start + OPS_AT_ONCE);
    const reports = await page.evaluate(
      (ops, long) => Promise.all(ops.map((op) => window.harness.conformance({ filter: `=${op}`, long }))),
      names,
      long,
    );
    for (const { passed: count, results } of reports) {
      passed += count;
      all.push(...results);
      failures.push(...results.filter((r) => !r.passed).map((r) => `${r.name}: ${r.message}`));
    }
    console.log(`Firefox: ${start + names.length} of ${chosen.length} ops, ${passed} cases passed`);
  }
  console.log(`Firefox: ${passed} passed, ${failures.length} failed`);
  const { GRADLOOM_REPORT } = process.env;
  if (GRADLOOM_REPORT && !long) {
    const device = await page.evaluate(async () => {
      const { adapter, features } = await window.harness.info();
      return { adapter: { ...adapter }, features, browser: navigator.userAgent };
    });
    // Each of the calls that run side by side counts the whole time.
    const counted = all.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const share = (performance.now() - began) / counted;
    const timed = all.map((result) => ({ ...result, milliseconds: share * result.milliseconds }));
    await writeReport(GRADLOOM_REPORT, device, timed);
  }
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(0);
}

describe('Firefox', () => {
  let page: Page;
  let chosen: string[];
  beforeAll(async () => {
    page = await browser.newPage();
    await page.goto(new URL(HARNESS_PAGE, server.url).href);
    await page.waitForFunction(() => 'harness' in window, { timeout: 100_000 });
    const ops = await page.evaluate(async () => {
      await window.harness.ready;
      const { ops } = await window.harness.info();
      return ops.filter(({ alias }) => !alias).map(({ name }) => name);
    });
    chosen = ops.filter((name) => name.includes(process.env.GRADLOOM_OPS ?? ''));
  }, 120_000);

  it('passes the conformance list', { timeout: 2_400_000 }, () => conformance(page, chosen, false));

  it('passes the cases with long axes', { timeout: 600_000 }, () =>
    conformance(
      page,
      Object.keys(longCases).filter((name) => chosen.includes(name)),
      true,
    ),
  );
});

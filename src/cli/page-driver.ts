/** Opens one of the project's pages in the headless browser and notices when it, or the browser, dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright';
import { GradloomError } from '../errors';
import { notify } from './browser-flags';
import type { PageServer } from './server';

export interface OpenPage {
  page: Page;
  /** Rejects when the page or the browser goes away; never resolves. Race every evaluation against it. */
  failure: Promise<never>;
}

/** A cold start compiles all sources once; on a slow machine that takes its time. */
const READY_LIMIT_MS = 120_000;
/** A page that complained and is not ready after this long will not become ready. */
const COMPLAINT_LIMIT_MS = 3000;

/**
 * Opens a page of the server and waits until it has set `window[readyName]`. What goes wrong while it loads (a
 * shader that does not link, say) is in the error's message; its code is `internal`.
 * @param prepare runs before the page loads
 */
export async function openPage(
  browser: Browser,
  server: PageServer,
  path: string,
  readyName: string,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<OpenPage> {
  notify('Loading the library in the browser ...');
  const page = await browser.newPage();
  const pageErrors: string[] = [];
  page.on('pageerror', (error) => pageErrors.push(error.message));
  if (process.env.GRADLOOM_DEBUG) page.on('console', (line) => console.error(line.text()));
  const failure = new Promise<never>((_, reject) => {
    const fail = (got: string) =>
      reject(new GradloomError({ code: 'device-lost', op: 'browser', got, fix: 'Run again' }));
    page.on('crash', () => fail('the page crashed, perhaps out of memory'));
    browser.on('disconnected', () => fail('the browser ended unexpectedly'));
  });
  failure.catch(() => {}); // it may come when nobody is waiting any more

  await prepare(page);
  const refuse = (got: string) =>
    new GradloomError({ code: 'internal', op: 'page', got: `${path} does not load: ${got}` });
  await page.goto(`${server.url}${path}`).catch((error: Error) => {
    throw refuse(error.message.split('\n')[0]);
  });
  const giveUpAt = Date.now() + READY_LIMIT_MS;
  let complainedAt = Number.POSITIVE_INFINITY;
  while (!(await Promise.race([isReady(page, readyName), failure]))) {
    const complaints = [...server.errors, ...pageErrors];
    if (complaints.length > 0) complainedAt = Math.min(complainedAt, Date.now());
    if (Date.now() > Math.min(giveUpAt, complainedAt + COMPLAINT_LIMIT_MS)) {
      throw refuse(complaints[0] ?? `no answer in ${READY_LIMIT_MS / 1000} s`);
    }
    await sleep(50);
  }
  return { page, failure };
}

/** False also while the page is between two documents: the dev server reloads it when it has bundled a package. */
function isReady(page: Page, name: string): Promise<boolean> {
  return page.evaluate((name) => name in window, name).catch(() => false);
}

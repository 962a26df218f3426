/** A browser and the dev server's pages, for as long as the tests of a file run. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from '../../src/cli/launch';
import { startPageServer } from '../../src/cli/server';

export function servedPages() {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startPageServer>>;
  beforeAll(async () => {
    ({ browser } = await launchBrowser());
    server = await startPageServer();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get browser(): Browser {
      return browser;
    },
    /** Of the server, without a slash at the end. */
    get url(): string {
      return server.url;
    },
  };
}

/** Runs work of the command line in a page: starts browser and server at once, and ends both whatever happens. */
import type { Page } from 'playwright';
import { notify } from './browser-flags';
import { PageFailure } from './errors';
import { type BrowserFlags, type LaunchedBrowser, launchBrowser } from './launch';
import { openPage } from './page-driver';
import type { PageAnswer } from './protocol';
import { type PageServerOptions, startPageServer } from './server';
import { exitOnSignal } from './signals';

/** The page to open, and what it is given. */
export interface PageRequest extends PageServerOptions {
  page: string;
  /** What the page sets on `window` when it is ready. */
  readyName: string;
  /** Whether `work` has its own answer to Ctrl-C; else it ends the command. */
  handlesSignals?: boolean;
  /** Runs before the page loads. */
  prepare?(page: Page): Promise<unknown>;
}

/**
 * Opens a page and gives what `work` answers there.
 * @throws PageFailure for what goes wrong in the page
 */
export async function inPage<R>(
  flags: BrowserFlags,
  request: PageRequest,
  work: (page: Page, launched: LaunchedBrowser) => Promise<PageAnswer<R>>,
): Promise<R> {
  const { page: path, readyName, handlesSignals, prepare } = request;
  const release = exitOnSignal();
  const starting = startPageServer(request);
  starting.catch(() => {}); // told below, where it is waited for
  try {
    const launched = await launchBrowser(flags, notify);
    try {
      const server = await starting;
      const { page, failure } = await openPage(launched.browser, server, path, readyName, prepare);
      if (handlesSignals) release();
      const answer = await Promise.race([work(page, launched), failure]);
      if (!answer.ok) throw new PageFailure(answer.error);
      return answer.value;
    } finally {
      await launched.browser.close();
    }
  } finally {
    await starting.then(
      (server) => server.close(),
      () => {},
    );
    release();
  }
}

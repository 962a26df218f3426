/** Runs work of the command line in its page: starts browser and server at once, and ends both whatever happens. */
import type { Page } from 'playwright';
import { notify } from './browser-flags';
import { PageFailure } from './errors';
import { type BrowserFlags, type LaunchedBrowser, launchBrowser } from './launch';
import { openPage } from './page-driver';
import { type PageAnswer, TRAIN_PAGE } from './protocol';
import { type PageServerOptions, startPageServer } from './server';

/**
 * Opens the page of the command line and gives what `evaluate` answers there.
 * @param readyName the function on `window` that `evaluate` calls
 * @throws PageFailure for what goes wrong in the page
 */
export async function inPage<R>(
  flags: BrowserFlags,
  served: PageServerOptions,
  readyName: string,
  evaluate: (page: Page) => Promise<PageAnswer<R>>,
): Promise<{ value: R; launched: LaunchedBrowser }> {
  const starting = startPageServer(served);
  starting.catch(() => {}); // told below, when it is waited for
  try {
    const launched = await launchBrowser(flags, notify);
    try {
      const { page, failure } = await openPage(launched.browser, await starting, TRAIN_PAGE, readyName);
      const answer = await Promise.race([evaluate(page), failure]);
      if (!answer.ok) throw new PageFailure(answer.error);
      return { value: answer.value, launched };
    } finally {
      await launched.browser.close();
    }
  } finally {
    await starting.then(
      (server) => server.close(),
      () => {},
    );
  }
}

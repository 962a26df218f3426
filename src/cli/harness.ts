/** `gradloom harness`: serves the harness page to whoever wants to drive it, until the process is ended. */
import { notify } from './browser-flags';
import { HARNESS_PAGE } from './protocol';
import { startPageServer } from './server';

/** Serves the page and prints its URL as the last line of stdout; never returns. */
export async function harness(): Promise<number> {
  notify('Starting the server ...');
  const { url } = await startPageServer({ onError: (message) => process.stderr.write(`${message}\n`) });
  process.stdout.write(`${url}${HARNESS_PAGE}\n`);
  return new Promise(() => {});
}

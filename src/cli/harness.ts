/** `gradloom harness`: serves the harness page to whoever wants to drive it, until the process is ended. */
import { HARNESS_PAGE } from './protocol';
import { startPageServer } from './server';

/** Serves the page and prints its URL as the last line of stdout; the server keeps the process alive. */
export async function harness(): Promise<number> {
  const { url } = await startPageServer({ onError: (message) => process.stderr.write(`${message}\n`) });
  process.stdout.write(`${url}${HARNESS_PAGE}\n`);
  return 0;
}

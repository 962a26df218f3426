/** Ctrl-C while a browser starts or works: Node alone would end at once and leave the browser's folders behind. */
import { EXIT } from './errors';

const TERMINATED = 143;
/** Signals that come closer together than this are one key press: under `npm run` Ctrl-C arrives from the terminal and from npm. */
const ECHO_MS = 500;

/** Exits in order on SIGINT and SIGTERM, which lets Playwright end its browsers; gives a function that undoes it. */
export function exitOnSignal(): () => void {
  const interrupt = () => process.exit(EXIT.interrupted);
  const terminate = () => process.exit(TERMINATED);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate);
  return () => process.off('SIGINT', interrupt).off('SIGTERM', terminate);
}

/** Calls `ask` at the first Ctrl-C; the second one ends everything at once, after `close`. Gives a function that undoes it. */
export function stopOnSignal(ask: () => void, close: () => void = () => {}): () => void {
  let askedAt: number | undefined;
  const stop = () => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt < ECHO_MS) return;
      close();
      process.exit(EXIT.interrupted); // Playwright ends the browser as the process exits
    }
    askedAt = Date.now();
    ask();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => process.off('SIGINT', stop).off('SIGTERM', stop);
}

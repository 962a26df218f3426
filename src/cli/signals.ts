/** Ctrl-C while a browser starts or works: Node alone would end at once and leave the browser's folders behind. */
import { EXIT } from './errors';

const TERMINATED = 143;

/** Exits in order on SIGINT and SIGTERM, which lets Playwright end its browsers; gives a function that undoes it. */
export function exitOnSignal(): () => void {
  const interrupt = () => process.exit(EXIT.interrupted);
  const terminate = () => process.exit(TERMINATED);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate);
  return () => process.off('SIGINT', interrupt).off('SIGTERM', terminate);
}

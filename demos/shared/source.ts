/** Shows the source of a demo in its page, when it is asked for. */
import { byId, make } from './dom';

/** @param text of the page's script, `import text from './main.ts?raw'` */
export function showSource(text: string): void {
  byId('source').replaceChildren(
    make('summary', {}, 'Source of this page'),
    make('pre', {}, make('code', {}, text)),
  );
}

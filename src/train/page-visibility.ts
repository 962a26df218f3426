/** Whether a page is seen. */
import type { PageVisibility } from './types';

/** That of the page whose thread this is; undefined in workers and outside browsers. */
export function pageVisibility(): PageVisibility | undefined {
  const page = globalThis.document as Document | undefined;
  if (!page) return undefined;
  return {
    get hidden() {
      return page.visibilityState === 'hidden';
    },
    onChange(listener) {
      page.addEventListener('visibilitychange', listener);
      return () => page.removeEventListener('visibilitychange', listener);
    },
  };
}

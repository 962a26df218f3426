/** Autosave of a page: a tab closed in the midst of a run goes on from where it was when it is opened again. */
import { checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import type { CheckpointOptions, CheckpointStore } from './options';
import { opfsStore } from './stores';

export interface Autosave {
  store: CheckpointStore;
  /** For `fit`: `{ ...autosave('digits').options, epochs: 10 }`. */
  options: { checkpoint: CheckpointOptions; resume: CheckpointStore };
  /** Whether there is anything to go on from. */
  exists(): Promise<boolean>;
  /** Forgets the run. */
  clear(): Promise<void>;
}

/**
 * Keeps a run of a page in the browser: every `seconds`, and as soon as the page is hidden or about to be closed.
 * @param name tells runs of one origin apart
 */
export function autosave(
  name = 'autosave',
  options: { seconds?: number; store?: CheckpointStore } = {},
): Autosave {
  if (typeof name !== 'string') {
    const got = showValue(name);
    const fix = "autosave('name', options)";
    throw new GradloomError({
      code: 'argument',
      op: 'autosave',
      argument: 'name',
      got,
      expected: 'a text',
      fix,
    });
  }
  checkOptions('autosave', options, ['seconds', 'store']);
  const { seconds = 5, store = opfsStore(`gradloom/${name}`) } = options;
  return {
    store,
    options: { checkpoint: { store, seconds, keepLast: 2, askedBy: whenHidden }, resume: store },
    exists: async () => (await store.list()).length > 0,
    clear: async () => {
      for (const file of await store.list()) await store.remove(file);
    },
  };
}

/** A page that is hidden may be closed without a further word: the browser tells of nothing later for certain. */
function whenHidden(save: () => void): () => void {
  const page = globalThis.document as Document | undefined;
  if (!page) return () => {};
  const onVisibility = () => {
    if (page.visibilityState === 'hidden') save();
  };
  page.addEventListener('visibilitychange', onVisibility);
  globalThis.addEventListener('pagehide', save);
  return () => {
    page.removeEventListener('visibilitychange', onVisibility);
    globalThis.removeEventListener('pagehide', save);
  };
}

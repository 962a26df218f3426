/**
 * What Lit and Vite's loader read of a document while they load, for a worker that loads the views with everything else
 * and does nothing with them. Imported before them; {@link endLoading} takes it away again.
 */
const scope = globalThis as { document?: unknown; HTMLElement?: unknown };

/** Whether this is a worker. */
export const isWorker = scope.document === undefined;

if (isWorker) {
  scope.document = { createTreeWalker: () => ({}), createElement: () => ({}) };
  scope.HTMLElement = class {};
}

/** To be called once everything is loaded. */
export function endLoading(): void {
  if (!isWorker) return;
  delete scope.document;
  delete scope.HTMLElement;
}

/** Small helpers for the demo pages: finding and making elements, waiting, and running only the latest of many calls. */

/** The element with this id, which the page is known to have. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`internal: the page has no element ${id}`);
  return element as T;
}

/** A new element with properties and children: `make('a', { href: './' }, 'Home')`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Resolves after the browser has painted what the page shows now. */
export function painted(): Promise<void> {
  // A hidden page is never painted; the timer keeps it going.
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() =>
      setTimeout(() => {
        clearTimeout(timer);
        resolve();
      }),
    );
  });
}

/**
 * A function that runs `work`, but never twice at once: calls made meanwhile become one further run at the end. For
 * results of which only the newest counts.
 */
export function latest(work: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async () => {
    do {
      again = false;
      await work();
    } while (again);
  };
  return () => {
    if (running) again = true;
    running ??= run().finally(() => (running = undefined));
    return running;
  };
}

/** Hands the user a file. */
export function download(name: string, bytes: BlobPart, type = 'application/octet-stream'): void {
  const link = make('a', { href: URL.createObjectURL(new Blob([bytes], { type })), download: name });
  link.click();
  // The browser reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The pages of a checkout: a Vite dev server compiles the sources as the browser asks for them. */
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { stripVTControlCharacters } from 'node:util';
import { createLogger, createServer } from 'vite';
import { isWithin, type Pages } from './built-pages';
import { isPageFile } from './guard';
import { projectRoot } from './setup.mjs';

/** @param onError hears of a source that cannot be served: Vite's message, and the reason without its stack. */
export async function serveSourcePages(
  server: Server,
  onError: (message: string, reason: string) => void,
): Promise<Pages> {
  const customLogger = createLogger('silent');
  customLogger.error = (message) => {
    // What follows the reason, a stack, tells of Vite and not of the source file at fault.
    const [reason] = stripVTControlCharacters(message).split(/\n\s+at /);
    onError(message, reason.slice(0, 500));
  };
  // Middleware mode leaves the port, signals and standard input to us. Without file watching an edit to the
  // sources cannot reload the page in the middle of a run; a reload after bundling a package still can, which is
  // what the socket (on our own port) is for.
  const vite = await createServer({
    root: projectRoot,
    configFile: `${projectRoot}/vite.config.ts`,
    customLogger,
    // The gallery's dev server may bundle packages anew at any time, under the feet of a page that trains.
    cacheDir: `${projectRoot}/node_modules/.vite-cli`,
    appType: 'mpa',
    server: { middlewareMode: true, hmr: { server }, watch: null },
  });
  return {
    handle(request, response) {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      // Packages may be links; what else leads out of the checkout is no page of it.
      const leaves = existsSync(projectRoot + path) && !isWithin(projectRoot + path, projectRoot);
      const isPackage = path.includes('/node_modules/');
      if (isPageFile(path, projectRoot) && (isPackage || path === '/' || !leaves))
        vite.middlewares(request, response);
      else response.writeHead(404).end();
    },
    close: () => vite.close(),
  };
}

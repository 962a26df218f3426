/** The library in Node: its sources import shaders, which only Vite can load. No GPU is needed to load them. */
import { createServer } from 'vite';

/** Runs `work` with a function that loads a source file by its path from the root, such as `/src/index.ts`. */
export async function withLibrary<R>(
  root: string,
  work: (load: (path: string) => Promise<any>) => Promise<R>,
): Promise<R> {
  const vite = await createServer({
    root,
    configFile: `${root}/vite.config.ts`,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    return await work((path) => vite.ssrLoadModule(path));
  } finally {
    await vite.close();
  }
}

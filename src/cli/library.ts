/** The library in Node, for commands that need no GPU: of a checkout compiled by Vite, of a package as it is built. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './setup.mjs';

type Library = typeof import('../index');

/** Runs `work` with the public API. */
export async function withLibrary<R>(work: (library: Library) => R): Promise<R> {
  const built = `${projectRoot}/index.js`;
  if (existsSync(built)) return work(await import(/* @vite-ignore */ pathToFileURL(built).href));
  const { withLibrary } = await import('./source-library');
  return withLibrary(projectRoot, async (load) => work(await load('/src/index.ts')));
}

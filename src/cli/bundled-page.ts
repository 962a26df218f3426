/**
 * One page of a checkout, bundled by Vite in memory as a command starts: that costs less than a dev server, from which
 * the browser fetches every source file by itself.
 */
import { stripVTControlCharacters } from 'node:util';
import { build, loadConfigFromFile } from 'vite';
import { GradloomError } from '../errors';
import { type Pages, typeOf } from './built-pages';
import { projectRoot } from './setup.mjs';

/** @throws GradloomError (code `internal`) for sources that do not compile, such as a shader that does not link. */
export async function bundlePage(page: string): Promise<Pages> {
  const files = new Map<string, string | Uint8Array>();
  try {
    const env = { command: 'build', mode: 'production' } as const;
    const loaded = await loadConfigFromFile(env, `${projectRoot}/vite.config.ts`);
    const built = await build({
      root: projectRoot,
      configFile: false,
      logLevel: 'silent',
      base: './',
      publicDir: false,
      plugins: loaded?.config.plugins,
      build: {
        write: false,
        minify: false,
        target: 'es2022',
        rolldownOptions: { input: [projectRoot + page] },
      },
    });
    for (const { output } of [built].flat().filter((part) => 'output' in part)) {
      for (const file of output)
        files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source);
    }
  } catch (cause) {
    // What follows the reason, a stack, tells of Vite and not of the source file at fault.
    const [reason] = stripVTControlCharacters((cause as Error).message).split(/\n\s+at /);
    const got = `${page} does not load: ${reason.slice(0, 500)}`;
    throw new GradloomError({ code: 'internal', op: 'page', got, cause });
  }
  return {
    handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const file = files.get(pathname);
      if (file === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': typeOf(pathname) }).end(file);
    },
    close: async () => {},
  };
}

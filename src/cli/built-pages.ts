/** The pages of an installed package: files that the build made. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

/** Answers the requests for pages and what belongs to them. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** The content type of a file, by its name. */
export const typeOf = (name: string): string => TYPES[extname(name)] ?? 'application/octet-stream';

/** Whether a path, and the file that it leads to through links, lies in a folder. */
export function isWithin(path: string, root: string): boolean {
  if (!path.startsWith(root + sep)) return false;
  try {
    return realpathSync(path).startsWith(realpathSync(root) + sep);
  } catch {
    return false;
  }
}

/** @param root the folder of the files */
export function serveBuiltPages(root: string): Pages {
  return {
    handle(request, response) {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      const file = resolve(join(root, path));
      if (!isWithin(file, root) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': typeOf(file) });
      createReadStream(file).pipe(response);
    },
    close: async () => {},
  };
}

/**
 * What the server of the command line refuses. A web page in some browser of this machine may reach any port here:
 * by DNS rebinding, under a host name of its own, it could even read the answers.
 */
import type { IncomingMessage } from 'node:http';

/** Whether the request names this machine, with the server's own port, as its host. */
export function isLocalHost({ headers, socket }: IncomingMessage): boolean {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  return names.some((name) => headers.host === `${name}:${socket.localPort}`);
}

/** Whether the request was made by a page of this very server, not by another page in a user's browser. */
export function isOwnPage(request: IncomingMessage): boolean {
  const { headers } = request;
  return isLocalHost(request) && headers.origin === `http://${headers.host}`;
}

/** Pages at the checkout's root. */
const ROOT_PAGES = ['/', '/index.html', '/conformance.html'];
/** Folders of the checkout, and the dev server's own modules, that pages are made of. */
const PAGE_FOLDERS = [
  '/src/',
  '/shaders/',
  '/demos/',
  '/e2e/',
  '/docs/',
  '/node_modules/',
  '/@vite/',
  '/@id/',
];

/** Whether a file of the checkout belongs to its pages: the rest of the checkout is nobody's business. */
export function isPageFile(path: string, root: string): boolean {
  // The dev server writes dependencies by their whole path.
  const local = path.startsWith(`/@fs${root}/node_modules/`) ? path.slice(`/@fs${root}`.length) : path;
  const isHidden = local.split('/').some((part) => part.startsWith('.') && !part.startsWith('.vite'));
  return !isHidden && (ROOT_PAGES.includes(local) || PAGE_FOLDERS.some((folder) => local.startsWith(folder)));
}

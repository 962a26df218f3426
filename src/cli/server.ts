/**
 * Serves the project's pages to the browser that the command line drives, on a free port of this machine, with two
 * extra routes that carry bytes between Node and a page without turning them into text.
 */
import { existsSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CheckpointStore } from '../train/checkpoint/options';
import { type Pages, serveBuiltPages } from './built-pages';
import { serveCheckpoints } from './checkpoint-route';
import { isLocalHost, isOwnPage } from './guard';
import { CHECKPOINT_PATH, DATA_PATH, UPLOAD_PATH } from './protocol';
import { projectRoot } from './setup.mjs';

export interface PageServer {
  /** The address of the checkout's root, without a slash at the end: `http://127.0.0.1:40123`. */
  url: string;
  /** What went wrong while serving, such as a shader that does not link; grows as it happens. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface PageServerOptions {
  /** The page that will be opened. Without it a checkout serves all its pages as their sources stand at each request. */
  page?: string;
  /** What a page may GET under `DATA_PATH`, by name. */
  files?: ReadonlyMap<string, Uint8Array>;
  /** Receives what a page POSTs to `UPLOAD_PATH`. */
  onUpload?(bytes: Uint8Array): void;
  /** The most bytes that an upload may have; default 2 GiB. */
  uploadLimit?: number;
  /** What a page keeps under `CHECKPOINT_PATH`. */
  checkpoints?: CheckpointStore;
  /** Hears at once what also goes into `errors`. */
  onError?(message: string): void;
}

const UPLOAD_LIMIT = 2 ** 31;

/** Starts the server; it accepts connections from this machine only. */
export async function startPageServer(options: PageServerOptions = {}): Promise<PageServer> {
  const errors: string[] = [];
  const server = createHttpServer((request, response) => {
    const path = pathOf(request);
    if (!isLocalHost(request)) {
      response.writeHead(403).end(`This server answers to 127.0.0.1 and localhost only.\n`);
    } else if (path === undefined) {
      response.writeHead(400).end();
    } else if (request.method === 'GET' && path.startsWith(DATA_PATH)) {
      sendFile(response, options.files?.get(path.slice(DATA_PATH.length)));
    } else if (request.method === 'POST' && path === UPLOAD_PATH && options.onUpload && isOwnPage(request)) {
      receive(request, response, options);
    } else if (
      options.checkpoints &&
      path.startsWith(CHECKPOINT_PATH) &&
      (request.method === 'GET' || isOwnPage(request))
    ) {
      const take: Parameters<typeof serveCheckpoints>[4] = (from, to, onUpload) =>
        receive(from, to, { ...options, onUpload }, () => {});
      void serveCheckpoints(options.checkpoints, path, request, response, take);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(404, { connection: 'close' }).end(() => request.destroy());
    } else {
      pages.handle(request, response);
    }
  });
  const onError = (message: string, reason: string) => {
    errors.push(reason);
    options.onError?.(message);
  };
  const pages = await servePages(options.page, server, onError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    errors,
    async close() {
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), pages.close()]);
    },
  };
}

/** A checkout has the sources, which Vite compiles; the package has the pages as they were built. */
async function servePages(
  page: string | undefined,
  server: Server,
  onError: (message: string, reason: string) => void,
): Promise<Pages> {
  if (!existsSync(`${projectRoot}/vite.config.ts`)) return serveBuiltPages(`${projectRoot}/cli/pages`);
  // Loaded late: Vite takes a good part of a second, and people are told first what they wait for.
  if (page !== undefined) return (await import('./bundled-page')).bundlePage(page);
  return (await import('./source-pages')).serveSourcePages(server, onError);
}

/** Path of the request, with percent signs resolved; undefined when it is none. */
function pathOf({ url }: IncomingMessage): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url ?? '/', 'http://localhost').pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

function sendFile(response: ServerResponse, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.byteLength });
  response.end(bytes);
}

/** Takes an upload as a whole; one that is longer than allowed is cut off with status 413. */
function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { onUpload, uploadLimit = UPLOAD_LIMIT }: Pick<PageServerOptions, 'onUpload' | 'uploadLimit'>,
  answer = () => void response.writeHead(204).end(),
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer) => {
    size += chunk.byteLength;
    chunks.push(chunk);
    if (size > uploadLimit) refuse();
  };
  const finish = () => {
    onUpload?.(Buffer.concat(chunks));
    answer();
  };
  const refuse = () => {
    request.off('data', take).off('end', finish);
    response.writeHead(413, { connection: 'close' }).end(() => request.destroy());
  };
  if (Number(request.headers['content-length']) > uploadLimit) refuse();
  else request.on('data', take).on('end', finish);
}

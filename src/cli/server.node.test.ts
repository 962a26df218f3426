// The server behind the command line's page: its pages, the data it hands out and the upload it takes.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveBuiltPages } from './built-pages';
import { DATA_PATH, HARNESS_PAGE, TRAIN_PAGE, UPLOAD_PATH } from './protocol';
import { type PageServer, startPageServer } from './server';
import { projectRoot } from './setup.mjs';

let server: PageServer;
const uploads: Uint8Array[] = [];
beforeAll(async () => {
  const files = new Map([['train.x', Uint8Array.of(1, 2, 255)]]);
  server = await startPageServer({ files, onUpload: (bytes) => uploads.push(bytes), uploadLimit: 100 });
});
afterAll(() => server.close());

/** Status of a request whose path and headers go out as they are. */
function send(path: string, options: RequestOptions = {}, body: number[] = []): Promise<number | undefined> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end(Uint8Array.from(body));
  });
}

describe('startPageServer', () => {
  it('listens on this machine only', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('serves the page of the command line', async () => {
    const response = await fetch(server.url + TRAIN_PAGE);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<script type="module" src="./page.ts">');
  });

  it('hands out the bytes that a page asks for, and nothing under other names', async () => {
    const response = await fetch(`${server.url}${DATA_PATH}train.x`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 255));
    expect((await fetch(`${server.url}${DATA_PATH}test.x`)).status).toBe(404);
  });

  it('takes an upload from its own page only', async () => {
    const post = (origin: string) => send(UPLOAD_PATH, { method: 'POST', headers: { origin } }, [7, 8]);
    expect(await post('http://elsewhere.example')).toBe(404);
    expect(uploads).toEqual([]);
    expect(await post(server.url)).toBe(204);
    expect(uploads.splice(0).map((bytes) => [...bytes])).toEqual([[7, 8]]);
  });

  it('takes nothing else that is sent', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect(await send(TRAIN_PAGE, { method, headers: { origin: server.url } }, [1])).toBe(404);
    }
  });

  it('cuts off an upload that is too long, also one that does not say how long it is', async () => {
    const headers = { origin: server.url };
    const long = new Array(101).fill(1);
    expect(await send(UPLOAD_PATH, { method: 'POST', headers }, long.slice(1))).toBe(204);
    expect(uploads.splice(0)).toHaveLength(1);
    expect(await send(UPLOAD_PATH, { method: 'POST', headers }, long)).toBe(413);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect(await send(UPLOAD_PATH, { method: 'POST', headers: chunked }, long)).toBe(413);
    expect(uploads).toEqual([]);
  });

  it.each([TRAIN_PAGE, `${DATA_PATH}train.x`, '/', '/src/index.ts', '/@vite/client'])(
    'answers for %s only to its own name and port: no other page can rebind its host',
    async (path) => {
      const { port } = new URL(server.url);
      const status = (host: string) => send(path, { headers: { host } });
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        `localhost.evil.example:${port}`,
        '127.0.0.1',
        '127.0.0.1:1',
        `127.0.0.1:${port}.evil.example`,
        `192.168.0.1:${port}`,
      ]) {
        expect({ host, status: await status(host) }).toEqual({ host, status: 403 });
      }
      for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
        expect(await status(`${name}:${port}`)).toBe(200);
      }
    },
  );

  it.each([
    '/package.json',
    '/.git/config',
    '/.ci/run',
    '/README.md',
    '/src/../package.json',
    '/src/%2e%2e/package.json',
    '/src/..%2fpackage.json',
    '/@fs/etc/passwd',
    '/@fs/etc/passwd?raw',
    `/@fs${projectRoot}/package.json?raw`,
    `/@fs${projectRoot}/node_modules/../package.json`,
    '/src/%',
    '/%00',
  ])('does not serve %s, which is no part of a page', async (path) => {
    expect([400, 403, 404]).toContain(await send(path));
  });

  it('remembers why a module could not be served, and goes on', async () => {
    // A page is no module: asking for it as one fails as a source file with a mistake would.
    await fetch(`${server.url}${TRAIN_PAGE}?import`);
    expect(server.errors.join('\n')).toMatch(/index\.html/);
    expect((await fetch(server.url + TRAIN_PAGE)).status).toBe(200);
  });
});

describe('built pages', () => {
  it('are served without what links lead to outside of their folder', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gradloom-pages-')));
    const root = join(folder, 'pages');
    mkdirSync(root);
    writeFileSync(join(root, 'page.html'), '<p>page</p>');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
    symlinkSync(folder, join(root, 'up'));
    symlinkSync(join(root, 'page.html'), join(root, 'inside.html'));
    const pages = serveBuiltPages(root);
    const http = createServer((request, response) => pages.handle(request, response)).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => http.once('listening', resolve));
      const { port } = http.address() as AddressInfo;
      const paths = ['page.html', 'inside.html', 'link.txt', 'up/secret.txt', '..%2fsecret.txt', '', 'none'];
      const statuses = paths.map((path) =>
        fetch(`http://127.0.0.1:${port}/${path}`).then(({ status }) => status),
      );
      expect(await Promise.all(statuses)).toEqual([200, 200, 404, 404, 404, 404, 404]);
    } finally {
      http.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a server for one page', () => {
  it('serves that page in one piece, and no source', { timeout: 120_000 }, async () => {
    const one = await startPageServer({ page: TRAIN_PAGE });
    try {
      const response = await fetch(one.url + TRAIN_PAGE);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      const script = /src="([^"]+\.js)"/.exec(await response.text())![1];
      const code = await fetch(new URL(script, response.url));
      expect(code.headers.get('content-type')).toBe('text/javascript');
      expect(await code.text()).toContain('gradloomRun');
      for (const path of [HARNESS_PAGE, '/src/cli/page/page.ts', '/package.json', '/']) {
        expect({ path, status: (await fetch(one.url + path)).status }).toEqual({ path, status: 404 });
      }
    } finally {
      await one.close();
    }
  });

  it('says why a page cannot be made', async () => {
    await expect(startPageServer({ page: '/no/such.html' })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/^internal: page: \/no\/such\.html does not load: /),
    });
  });
});

// The server behind the command line's page: its pages, the data it hands out and the upload it takes.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA_PATH, TRAIN_PAGE, UPLOAD_PATH } from './protocol';
import { type PageServer, startPageServer } from './server';

let server: PageServer;
const uploads: Uint8Array[] = [];
beforeAll(async () => {
  const files = new Map([['train.x', Uint8Array.of(1, 2, 255)]]);
  server = await startPageServer({ files, onUpload: (bytes) => uploads.push(bytes) });
});
afterAll(() => server.close());

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
    const post = (origin: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { method: 'POST', headers: { origin } };
        const call = request(server.url + UPLOAD_PATH, options, ({ statusCode }) => resolve(statusCode));
        call.on('error', reject).end(Uint8Array.of(7, 8));
      });
    expect(await post('http://elsewhere.example')).toBe(404);
    expect(uploads).toEqual([]);
    expect(await post(server.url)).toBe(204);
    expect(uploads.map((bytes) => [...bytes])).toEqual([[7, 8]]);
  });

  it('remembers why a module could not be served, and goes on', async () => {
    // A page is no module: asking for it as one fails as a source file with a mistake would.
    await fetch(`${server.url}${TRAIN_PAGE}?import`);
    expect(server.errors.join('\n')).toMatch(/index\.html/);
    expect((await fetch(server.url + TRAIN_PAGE)).status).toBe(200);
  });
});

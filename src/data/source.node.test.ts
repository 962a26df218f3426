// Sources: a real HTTP server on this machine, files, memory; and what each failure says.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { gunzip, readSource } from './source';

const payload = Uint8Array.of(1, 2, 3, 4, 5);
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const packed = gzipSync(payload);
    if (request.url === '/data.bin') response.end(payload);
    else if (request.url === '/data.gz') response.end(packed);
    else if (request.url === '/unpacked.gz') response.setHeader('Content-Encoding', 'gzip').end(packed);
    else if (request.url === '/page') response.end('\n <!DOCTYPE html><html></html>');
    else if (request.url === '/cut') {
      response.setHeader('Content-Length', 99);
      response.write(payload);
      setTimeout(() => response.destroy(), 20);
    } else if (request.url === '/slow') return;
    else response.writeHead(404).end('<html>not here</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('readSource', () => {
  it('fetches, and unpacks gzip whether or not the transport did', async () => {
    for (const path of ['/data.bin', '/data.gz', '/unpacked.gz']) {
      expect(await readSource(base + path)).toEqual({ name: base + path, bytes: payload });
    }
    expect((await readSource(new URL(`${base}/data.bin`))).bytes).toEqual(payload);
  });

  it('takes files, blobs, buffers, arrays and named bytes', async () => {
    expect(await readSource(new File([payload], 'f.bin'))).toEqual({ name: 'f.bin', bytes: payload });
    expect(await readSource(new Blob([payload]))).toEqual({ name: 'blob', bytes: payload });
    expect((await readSource(payload.slice().buffer)).bytes).toEqual(payload);
    expect((await readSource(payload)).bytes).toEqual(payload);
    expect(await readSource({ name: 'n', bytes: payload })).toEqual({ name: 'n', bytes: payload });
  });

  it.each([
    ['/missing', /missing is answered with status 404; expected status 200/],
    ['/page', /page is a web page \(HTML\); expected data.*no such file/],
    ['/cut', /cut is not reachable/],
  ])('refuses %s', async (path, message) => {
    const error = await readSource(base + path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).toBe('data');
    expect((error as GradloomError).message).toMatch(message);
  });

  it('says so when nothing answers, and when it was aborted', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(readSource(`http://127.0.0.1:${port}/x`)).rejects.toThrow(/not reachable \(.*ECONNREFUSED/);
    await expect(readSource('no url')).rejects.toThrow(/no url is not reachable/);
    const controller = new AbortController();
    const pending = readSource(`${base}/slow`, controller.signal);
    controller.abort();
    await expect(pending).rejects.toMatchObject({ name: 'GradloomError', code: 'aborted' });
  });
});

describe('gunzip', () => {
  it('leaves other bytes alone and unpacks several megabytes', async () => {
    expect(await gunzip(payload, 'n')).toBe(payload);
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7);
    expect(Buffer.compare(await gunzip(gzipSync(large), 'n'), large)).toBe(0);
  });
});

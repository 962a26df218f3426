/** Checkpoints between a page and the disk: a store over HTTP, in Node the other end of it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CheckpointStore } from '../train/checkpoint/options';
import { CHECKPOINT_PATH } from './protocol';

/** Answers GET (the names, or a file), POST and DELETE below `CHECKPOINT_PATH`; bodies are taken by `receive`. */
export async function serveCheckpoints(
  store: CheckpointStore,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  receive: (
    request: IncomingMessage,
    response: ServerResponse,
    take: (bytes: Uint8Array) => Promise<void>,
  ) => void,
): Promise<void> {
  const name = path.slice(CHECKPOINT_PATH.length);
  const fail = (error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    response.writeHead(code === 'ENOENT' ? 404 : 507).end(`${code ?? ''} ${message}`);
  };
  try {
    if (request.method === 'GET' && name === '')
      response.writeHead(200).end(JSON.stringify(await store.list()));
    else if (request.method === 'GET') response.writeHead(200).end(await store.read(name));
    else if (request.method === 'DELETE') {
      await store.remove(name);
      response.writeHead(204).end();
    } else if (request.method === 'POST') {
      receive(request, response, async (bytes) => {
        try {
          await store.write(name, bytes as Uint8Array<ArrayBuffer>);
          response.writeHead(204).end();
        } catch (error) {
          fail(error);
        }
      });
    } else response.writeHead(405).end();
  } catch (error) {
    fail(error);
  }
}

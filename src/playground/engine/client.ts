/** The page's end: engines in one worker, or in the page's own thread where there is no worker with WebGPU. */
import { fromErrorInfo } from './errors';
import type { EngineEvent, EngineMethod, EngineMethods, Reply, Request } from './protocol';

/** Engines of a page, wherever they run. */
export interface EngineHost {
  send(request: Request): void;
  onReply(listener: (reply: Exclude<Reply, { ready: true }>) => void): () => void;
}

/** A worker that says nothing for so long is given up. */
const SILENCE_MS = 8000;

/**
 * Starts the worker; falls back to the page's own thread where there is none, it does not load, or it has no WebGPU.
 * @param makeWorker throws, or gives undefined, where workers are not allowed
 */
export async function startHost(makeWorker: () => Worker | undefined): Promise<EngineHost> {
  const listeners = new Set<(reply: Exclude<Reply, { ready: true }>) => void>();
  const onReply: EngineHost['onReply'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const tell = (reply: Reply) => {
    if (!('ready' in reply)) for (const listener of listeners) listener(reply);
  };
  const worker = await readyWorker(makeWorker);
  if (worker) {
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => tell(data));
    return { send: (request) => worker.postMessage(request), onReply };
  }
  const { EngineServer } = await import('./serve');
  // As from a worker: answers come later, and nothing is shared by accident.
  const server = new EngineServer((reply) => setTimeout(tell, 0, reply), false);
  return { send: (request) => void server.receive(request), onReply };
}

function readyWorker(makeWorker: () => Worker | undefined): Promise<Worker | undefined> {
  return new Promise((resolve) => {
    let worker: Worker | undefined;
    try {
      worker = makeWorker();
    } catch {
      // Of another origin, or forbidden.
    }
    if (!worker) return resolve(undefined);
    const give = (isReady: boolean) => {
      clearTimeout(timer);
      if (!isReady) worker.terminate();
      resolve(isReady ? worker : undefined);
    };
    const timer = setTimeout(give, SILENCE_MS, false);
    worker.addEventListener('message', ({ data }) => give(data?.ready === true), { once: true });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      give(false);
    });
  });
}

/** One engine's methods as the page calls them. */
export class EngineClient {
  private readonly waiting = new Map<number, { resolve(value: any): void; reject(error: unknown): void }>();
  private calls = 0;
  private readonly unfollow: () => void;

  constructor(
    private readonly host: EngineHost,
    private readonly id: number,
    onEvent: (event: EngineEvent) => void,
  ) {
    this.unfollow = host.onReply((reply) => {
      if (reply.engine !== id) return;
      if ('event' in reply) return onEvent(reply.event);
      const waiting = this.waiting.get(reply.answer);
      this.waiting.delete(reply.answer);
      if (reply.error) waiting?.reject(fromErrorInfo(reply.error));
      else waiting?.resolve(reply.value);
    });
  }

  call<M extends EngineMethod>(
    method: M,
    ...args: Parameters<EngineMethods[M]>
  ): ReturnType<EngineMethods[M]> {
    const call = this.calls++;
    const result = new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
    });
    this.host.send({ engine: this.id, call, method, args });
    return result as ReturnType<EngineMethods[M]>;
  }

  async close(): Promise<void> {
    await this.call('close');
    this.unfollow();
  }
}

/** Engines of one thread, a worker's or the page's own, behind messages. */
import type { Device } from '../../gpu/device';
import { requestDevice } from '../../ops/request-device';
import { Engine, type Shared } from './engine';
import { toErrorInfo } from './errors';
import type { Reply, Request } from './protocol';

/** Where replies go, with what moves instead of being copied. */
type Send = (reply: Reply, transfer: Transferable[]) => void;

/** All engines share one device and take turns on it. */
export class EngineServer {
  private readonly engines = new Map<number, Engine>();
  private device: Promise<Device> | undefined;
  private turns: Promise<unknown> = Promise.resolve();
  private readonly shared: Shared;

  constructor(
    private readonly send: Send,
    inWorker: boolean,
    makeDevice: () => Promise<Device> = requestDevice,
  ) {
    this.shared = {
      inWorker,
      device: () => {
        this.device ??= makeDevice();
        // Another one is asked for next time.
        this.device.catch(() => {
          this.device = undefined;
        });
        return this.device;
      },
      turn: (work) => {
        const result = this.turns.then(work);
        this.turns = result.catch(() => {});
        return result;
      },
    };
  }

  async receive({ engine: id, call, method, args }: Request): Promise<void> {
    let engine = this.engines.get(id);
    if (!engine) {
      engine = new Engine(this.shared, (event) => this.send({ engine: id, event }, []));
      this.engines.set(id, engine);
    }
    try {
      const value = await (engine[method] as (...args: unknown[]) => Promise<unknown>)(...args);
      this.send({ engine: id, answer: call, value }, []);
    } catch (error) {
      this.send({ engine: id, answer: call, error: toErrorInfo(error) as never }, []);
    }
    if (method === 'close') this.engines.delete(id);
  }
}

/** Serves the page from a dedicated worker, whose module calls this once. */
export async function serveWorker(): Promise<void> {
  const scope = globalThis as unknown as {
    postMessage(message: Reply, transfer: Transferable[]): void;
    addEventListener(type: 'message', listener: (event: MessageEvent<Request>) => void): void;
    navigator: { gpu?: GPU };
  };
  // A worker without WebGPU says so by not being ready: the page then does the work itself.
  if (!(await scope.navigator.gpu?.requestAdapter().catch(() => null))) {
    scope.postMessage({ ready: false } as never, []);
    return;
  }
  const server = new EngineServer((reply, transfer) => scope.postMessage(reply, transfer), true);
  scope.addEventListener('message', ({ data }) => void server.receive(data));
  scope.postMessage({ ready: true }, []);
}

/**
 * Kernel self-check: before a plan uses a kernel for the first time on an adapter, an op runs it on tiny inputs and is
 * compared with values of the float64 reference that are stored with the library. A kernel variant that is wrong is
 * disabled and the next one takes over; an op that stays wrong is refused. Phones exist whose drivers return zero
 * gradients for kernels whose forward pass is right.
 */

import { checkOptions } from '../checks';
import { type AdapterStore, adapterKey, defaultAdapterStore } from '../gpu/adapter-store';
import type { Device, DeviceSetup } from '../gpu/device';
import type { OpCall } from '../graph/ir/graph';
import { type Launch, modeId } from './kernel-mode';
import type { CaseRunner } from './self-check-cases';

export interface SelfCheckOptions {
  /** Called for every variant that is disabled, with text for the user. Default: a warning on the console. */
  onDisable?(message: string): void;
  /**
   * Where kernels that were right are remembered, by adapter and browser version. Default IndexedDB, or a file in Node's
   * cache folder; `false` remembers nothing.
   */
  store?: AdapterStore | false;
}

/** For `requestDevice({ selfCheck: selfCheck() })`: checks each kernel that a model needs before its first use. */
export const selfCheck =
  (options: SelfCheckOptions = {}): DeviceSetup =>
  (device) => {
    checkOptions('selfCheck', options, ['onDisable', 'store']);
    const { onDisable = console.warn, store = defaultAdapterStore('self-check') } = options;
    const checker = new KernelChecker(device, onDisable, store || undefined);
    device.selfCheck = (calls, launches) =>
      checker.check(calls as readonly OpCall[], launches as readonly Launch[]);
  };

class KernelChecker {
  /** Modes of kernels that were right on an adapter, here or when it was seen before. */
  private seen: { adapter: string; right: Set<string> } | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private cases: CaseRunner | undefined;

  constructor(
    private readonly device: Device,
    private readonly tell: (message: string) => void,
    private readonly store: AdapterStore | undefined,
  ) {}

  /**
   * Checks the kernels that are not known to be right, on those of the ops that run them.
   * @throws GradloomError `unsupported` when an op is wrong with all of its variants.
   */
  check(calls: readonly OpCall[], launches: readonly Launch[]): Promise<void> {
    const done = this.queue.then(() => this.checkNow(calls, launches));
    this.queue = done.catch(() => {});
    return done;
  }

  private async checkNow(calls: readonly OpCall[], launches: readonly Launch[]): Promise<void> {
    const { device, store } = this;
    // Another one after the loss of a GPU, perhaps.
    const adapter = adapterKey(device);
    if (this.seen?.adapter !== adapter) {
      this.seen = { adapter, right: new Set(Object.keys((await store?.load(adapter)) ?? {})) };
    }
    const { right } = this.seen;
    const needed = launches.filter((launch) => !right.has(modeId(launch)));
    if (needed.length === 0) return;
    // Code that a page does not load where all is known.
    const { CaseRunner } = await import('./self-check-cases');
    this.cases ??= new CaseRunner(device, this.tell);
    if (!(await this.cases.check(calls, needed))) return;
    for (const launch of needed) right.add(modeId(launch));
    await store?.save(adapter, Object.fromEntries([...right].map((id) => [id, 'right'])));
  }
}

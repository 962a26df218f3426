/** The way into a run of `fit` from outside: it pauses, goes on, ends or changes between two steps. */
import { checkCount, checkOptions } from '../checks';
import { GradloomError } from '../errors';
import type { Callback, FitChanges } from './types';

const CHANGES: (keyof FitChanges)[] = ['learningRate', 'batchSize', 'callbacks'];

export class RunControl {
  private controller = new AbortController();
  private pausing: { resumed: Promise<void>; resume(): void } | undefined;
  private running = false;
  private reason: string | undefined;
  /** A batch size that the loop has not taken yet. */
  private batchSize: number | undefined;
  private callbacks: Callback[] | undefined;
  private detach = () => {};

  /** A run begins. @param callbacks its list, which changes in place */
  begin(signal: AbortSignal | undefined, callbacks: Callback[] | undefined): void {
    this.controller = new AbortController();
    const { controller } = this;
    this.running = true;
    this.callbacks = callbacks;
    const abort = () => {
      controller.abort();
      this.resume();
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.detach = () => signal?.removeEventListener('abort', abort);
  }

  /** The run is over. */
  end(): void {
    this.running = false;
    this.detach();
    this.resume();
    this.batchSize = undefined;
    this.reason = undefined;
  }

  /** Aborted when the run is to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why `stop` ended the run. */
  get stopped(): string | undefined {
    return this.reason;
  }

  get isPaused(): boolean {
    return this.pausing !== undefined;
  }

  /** Whether the steps under way are to be the last for now. */
  get interrupts(): boolean {
    return this.pausing !== undefined || this.batchSize !== undefined;
  }

  /** Resolves when the run goes on; undefined while it does. */
  get resumed(): Promise<void> | undefined {
    return this.pausing?.resumed;
  }

  /** Waits before the next step, until `resume`. @throws GradloomError where nothing runs. */
  pause(): void {
    this.checkRunning('pause');
    if (this.pausing || this.signal.aborted) return;
    let resume!: () => void;
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.pausing = { resumed, resume };
  }

  /** Goes on; does nothing where nothing waits. */
  resume(): void {
    this.pausing?.resume();
    this.pausing = undefined;
  }

  /** Ends the run after the steps under way. @throws GradloomError where nothing runs. */
  stop(reason = 'stopped'): void {
    this.checkRunning('stop');
    this.reason ??= reason;
    this.controller.abort();
    this.resume();
  }

  /** @throws GradloomError `argument` for unknown changes, and where nothing runs. */
  update(changes: Omit<FitChanges, 'learningRate'>): void {
    checkOptions('Trainer.update', changes, CHANGES);
    this.checkRunning('update');
    const { batchSize, callbacks } = changes;
    if (batchSize !== undefined) checkCount('Trainer.update', 'batchSize', batchSize);
    if (callbacks !== undefined && !this.callbacks)
      throw fail('update', 'callbacks for a fit that began without', 'fit({ callbacks: [] })');
    if (callbacks) this.callbacks!.splice(0, this.callbacks!.length, ...callbacks);
    this.batchSize = batchSize ?? this.batchSize;
  }

  /** The batch size that was asked for since the last call. */
  takeBatchSize(): number | undefined {
    const { batchSize } = this;
    this.batchSize = undefined;
    return batchSize;
  }

  private checkRunning(method: string): void {
    if (!this.running) throw fail(method, 'called while no fit runs', 'a fit that has begun');
  }
}

const fail = (method: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: `Trainer.${method}`, got, expected });

/** A trainer on a page whose work is done by a worker: the page's thread only sends and receives. */

import { ArrayDataset } from '../data/dataset';
import type { TensorData } from '../data/host-tensor';
import { GradloomError, showValue } from '../errors';
import type { StateDict } from '../io/state-dict';
import type {
  CheckpointSource,
  CheckpointStore,
  Evaluation,
  FitOptions,
  History,
  PageVisibility,
  Prediction,
  PredictOptions,
  TrainerOptions,
  TrainingData,
} from '../train';
import { pageVisibility } from '../train/page-visibility';
import {
  movable,
  type PageMessage,
  receiveError,
  type SentData,
  sendError,
  takeApart,
  type WorkerMessage,
} from './protocol';

export interface WorkerTrainerOptions extends Omit<TrainerOptions, 'loss'> {
  /** A loss by name: functions do not cross to a worker. */
  loss: Exclude<TrainerOptions['loss'], (...args: any[]) => unknown>;
  /**
   * A JSON spec, the name of one of the models that `serveTrainer` was given, or `{ url }` of a module whose default export is
   * a model or makes one.
   */
  model: unknown;
  /** Whether the arrays of data sets move to the worker, which leaves those of the page empty, instead of being copied. Default true. */
  transfer?: boolean;
}

/** What stays on the page while the worker runs a call: callbacks, stores. */
type Held = Record<string, (...args: any[]) => unknown>;

/** As `Trainer`, with everything asynchronous. */
export class WorkerTrainer {
  private readonly waiting = new Map<
    number,
    { resolve(value: any): void; reject(error: unknown): void; held: Held }
  >();
  private readonly known = new WeakMap<TrainingData, number>();
  private calls = 0;
  private sets = 0;
  private ended: GradloomError | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly moves: boolean,
  ) {
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.receive(data);
    worker.onerror = (event) => this.end(`the worker failed: ${event.message ?? 'its module does not load'}`);
    worker.onmessageerror = () => this.end('a message of the worker cannot be read');
  }

  /** @throws GradloomError as `Trainer`, `fromSpec` and `requestDevice` throw it. */
  static async create(worker: Worker, options: WorkerTrainerOptions): Promise<WorkerTrainer> {
    if (typeof worker?.postMessage !== 'function') {
      throw new GradloomError({
        code: 'argument',
        op: 'createWorkerTrainer',
        argument: 'worker',
        got: showValue(worker),
        expected: "new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' })",
      });
    }
    const { transfer = true, ...rest } = options;
    const trainer = new WorkerTrainer(worker, transfer);
    await trainer.call('create', [rest]);
    return trainer;
  }

  /** As `Trainer.fit`. `onStep` hears of steps in groups, and holds training back only when many wait. */
  fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    const {
      signal,
      onStep,
      onEpoch,
      onRecover,
      onDivergence,
      checkpoint,
      resume,
      validation,
      visibility,
      ...rest
    } = options;
    const held: Held = {};
    const sent: Record<string, unknown> = { ...rest };
    const page = visibility ?? pageVisibility();
    const unfollow = page && this.follow(page);
    if (validation) sent.validation = this.dataOf(validation as TrainingData);
    if (onStep) {
      held.onSteps = async (infos) => {
        for (const info of infos) await onStep(info);
      };
    }
    if (onEpoch) held.onEpoch = onEpoch;
    if (onRecover) held.onRecover = onRecover;
    if (onDivergence) held.onDivergence = onDivergence;
    if (checkpoint) {
      const { store, onSave, onError, askedBy, ...plain } = checkpoint;
      sent.checkpoint = plain;
      this.holdStore(held, 'store', store);
      if (onSave) held.onSave = onSave;
      if (onError) held.onError = (error) => onError(receiveError(error));
      if (askedBy) held.askedBy = () => {};
    }
    if (isStore(resume)) this.holdStore(held, 'resume', resume);
    else if (resume !== undefined) sent.resume = resume;
    const fitting = this.call<History>('fit', [this.dataOf(data), sent, Object.keys(held)], {
      held,
      signal,
      asks: checkpoint?.askedBy,
    });
    return fitting.finally(unfollow);
  }

  /** Tells the worker whether the page is hidden, now and when that changes. */
  private follow(page: PageVisibility): () => void {
    const tell = () => {
      if (!this.ended) this.send({ hidden: page.hidden });
    };
    tell();
    return page.onChange(tell);
  }

  /** As `Trainer.fitSteps`. */
  fitSteps(data: TrainingData, options: { steps: number; batchSize?: number }): Promise<number[]> {
    return this.call('fitSteps', [this.dataOf(data), options]);
  }

  /** As `Trainer.evaluate`, with metrics by name; also while `fit` runs. */
  evaluate(
    data: TrainingData,
    options: { batchSize?: number; metrics?: readonly string[] } = {},
  ): Promise<Evaluation> {
    return this.call('evaluate', [this.dataOf(data), options]);
  }

  /** As `Trainer.predict`; also while `fit` runs. Arrays are copied. */
  predict(x: ArrayDataset | TensorData, options: PredictOptions = {}): Promise<Prediction> {
    return this.call('predict', [x instanceof ArrayDataset ? this.dataOf(x) : { tensor: x }, options]);
  }

  stateDict(): Promise<StateDict> {
    return this.call('stateDict', []);
  }

  loadStateDict(state: StateDict, options?: { strict?: boolean }): Promise<void> {
    return this.call('loadStateDict', [state, options]);
  }

  /** As `Trainer.checkpoint`. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.call('checkpoint', []);
  }

  /** As `Trainer.restore`. */
  restore(source: CheckpointSource, options: { strict?: boolean } = {}): Promise<void> {
    const held: Held = {};
    if (isStore(source)) this.holdStore(held, 'store', source);
    return this.call('restore', [isStore(source) ? undefined : source, options], { held });
  }

  /** Number of optimizer steps so far. */
  steps(): Promise<number> {
    return this.call('steps', []);
  }

  /** Frees what the worker holds and ends it. */
  async dispose(): Promise<void> {
    if (this.ended) return;
    await this.call('dispose', []);
    this.end('the trainer was disposed of');
    this.worker.terminate();
  }

  private holdStore(held: Held, prefix: string, store: CheckpointStore): void {
    for (const method of ['list', 'read', 'write', 'remove'] as const) {
      held[`${prefix}.${method}`] = (...args: [any, any]) => store[method](...args);
    }
  }

  /** A data set as the worker knows it; sent with its arrays the first time. */
  private dataOf(data: TrainingData): SentData {
    const known = this.known.get(data);
    if (known !== undefined) return { data: known };
    const number = this.sets++;
    this.known.set(data, number);
    return { data: number, arrays: takeApart(data) };
  }

  private call<T>(
    method: string,
    args: unknown[],
    {
      held = {},
      signal,
      asks,
    }: { held?: Held; signal?: AbortSignal; asks?(save: () => void): () => void } = {},
  ): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const call = this.calls++;
    const result = new Promise<T>((resolve, reject) => {
      this.waiting.set(call, { resolve, reject, held });
    });
    const sets = args.filter((arg) => typeof arg === 'object' && arg !== null && 'arrays' in arg);
    try {
      this.send({ call, method, args }, this.moves ? [...movable(sets)] : []);
    } catch (cause) {
      this.waiting.delete(call);
      return Promise.reject(uncloneable(method, cause));
    }
    const abort = () => this.send({ abort: call });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const stop = asks?.(() => void this.call('save', []).catch(() => {}));
    return result.finally(() => {
      signal?.removeEventListener('abort', abort);
      stop?.();
    });
  }

  private send(message: PageMessage, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private receive(message: WorkerMessage): void {
    if ('of' in message) {
      void this.answer(message);
      return;
    }
    const { answer, value, error } = message;
    const waiting = this.waiting.get(answer);
    this.waiting.delete(answer);
    if (error) waiting?.reject(receiveError(error));
    else waiting?.resolve(value);
  }

  private async answer({ call, of, name, args }: Extract<WorkerMessage, { of: number }>): Promise<void> {
    try {
      const value = await this.waiting.get(of)?.held[name]?.(...args);
      this.send({ answer: call, value: name.includes('.') ? value : undefined });
    } catch (error) {
      this.send({ answer: call, error: sendError(error) });
    }
  }

  private end(got: string): void {
    this.ended ??= new GradloomError({ code: 'aborted', op: 'WorkerTrainer', got });
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}

const isStore = (source: unknown): source is CheckpointStore =>
  typeof (source as CheckpointStore | undefined)?.list === 'function';

const uncloneable = (method: string, cause: unknown) =>
  new GradloomError({
    code: 'argument',
    op: `WorkerTrainer.${method}`,
    got: `something that cannot be sent to a worker (${cause instanceof Error ? cause.message : cause})`,
    expected: 'plain values and typed arrays',
    fix: 'Functions stay on their side: name losses, optimizers and models, or make them in the worker',
    cause,
  });

/**
 * A trainer whose model, data and device are in a worker, whose module calls `serveTrainer`.
 * @param worker `new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' })`
 * @throws GradloomError as `Trainer`, `fromSpec` and `requestDevice` throw it.
 */
export const createWorkerTrainer = (worker: Worker, options: WorkerTrainerOptions): Promise<WorkerTrainer> =>
  WorkerTrainer.create(worker, options);

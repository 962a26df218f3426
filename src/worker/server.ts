/** The worker's end: one trainer, whose methods the page calls. */
import { GradloomError, showValue, unknownName } from '../errors';
import { type DeviceOptions, requestDevice } from '../gpu/device';
import { Module } from '../nn/module';
import { fromSpec } from '../spec';
import {
  type CheckpointStore,
  type PageVisibility,
  type StepInfo,
  Trainer,
  type TrainingData,
} from '../train';
import {
  movable,
  type PageMessage,
  putTogether,
  receiveError,
  type SentData,
  sendError,
  type WorkerMessage,
} from './protocol';

export interface ServeOptions {
  /** Models that the page may ask for by name: each call makes one. */
  models?: Record<string, () => Module | Promise<Module>>;
  device?: DeviceOptions;
}

/** Steps that are told of together: as many as come in this time. */
const GROUP_MS = 30;
/** Groups that the page may have yet to answer before training waits for it. */
const MOST_GROUPS = 4;

/** Serves the page that made this worker. Call it once, in the worker's module. */
export function serveTrainer(options: ServeOptions = {}): void {
  const server = new Server(options);
  globalThis.addEventListener('message', ({ data }) => server.receive(data));
}

/** A function of the page's, by the name that a call holds it under. */
type Remote = (name: string, ...args: unknown[]) => Promise<any>;

class Server {
  private trainer: Trainer | undefined;
  private readonly data = new Map<number, TrainingData>();
  private readonly aborts = new Map<number, AbortController>();
  private readonly waiting = new Map<number, { resolve(value: any): void; reject(error: unknown): void }>();
  private readonly saves = new Set<() => void>();
  private calls = 0;
  private readonly page = new RemoteVisibility();

  constructor(private readonly options: ServeOptions) {}

  receive(message: PageMessage): void {
    if ('method' in message) void this.run(message);
    else if ('abort' in message) this.aborts.get(message.abort)?.abort();
    else if ('hidden' in message) this.page.change(message.hidden);
    else {
      const waiting = this.waiting.get(message.answer);
      this.waiting.delete(message.answer);
      if (message.error) waiting?.reject(receiveError(message.error));
      else waiting?.resolve(message.value);
    }
  }

  private async run({ call, method, args }: Extract<PageMessage, { call: number }>): Promise<void> {
    this.aborts.set(call, new AbortController());
    try {
      const value = await this.invoke(call, method, args);
      this.send({ answer: call, value }, value);
    } catch (error) {
      this.send({ answer: call, error: sendError(error) });
    } finally {
      this.aborts.delete(call);
    }
  }

  private async invoke(call: number, method: string, args: any[]): Promise<unknown> {
    const remote: Remote = (name, ...values) => this.ask(call, name, values);
    if (method === 'create') return this.create(args[0]);
    const { trainer } = this;
    if (!trainer)
      throw new GradloomError({ code: 'argument', op: method, got: 'called before the trainer was made' });
    switch (method) {
      case 'fit':
        return this.fit(trainer, call, remote, args as [SentData, any, string[]]);
      case 'fitSteps':
        return trainer.fitSteps(this.dataOf(args[0]), args[1]);
      case 'evaluate':
        return trainer.evaluate(this.dataOf(args[0]), args[1]);
      case 'predict':
        return trainer.predict('tensor' in args[0] ? args[0].tensor : this.dataOf(args[0]), args[1]);
      case 'stateDict':
        return copyOf(await trainer.stateDict(args[0]));
      case 'loadStateDict':
        return trainer.loadStateDict(args[0], args[1]);
      case 'checkpoint':
        return trainer.checkpoint();
      case 'restore':
        return trainer.restore(args[0] ?? storeOf(remote, 'store'), args[1]);
      case 'steps':
        return trainer.steps;
      case 'save':
        for (const save of this.saves) save();
        return undefined;
      case 'dispose':
        await trainer.dispose();
        trainer.device.destroy();
        return undefined;
      default:
        throw new GradloomError({ code: 'internal', op: 'serveTrainer', got: `no method ${method}` });
    }
  }

  private async create({ model: asked, ...options }: any): Promise<void> {
    const model = await this.modelOf(asked);
    const device = await requestDevice(this.options.device);
    try {
      this.trainer = new Trainer(device, model, options);
    } catch (error) {
      device.destroy();
      throw error;
    }
  }

  private async modelOf(asked: unknown): Promise<Module> {
    const { models = {} } = this.options;
    if (typeof asked === 'string') {
      if (Object.hasOwn(models, asked)) return models[asked]();
      throw unknownName('createWorkerTrainer', 'model', asked, Object.keys(models));
    }
    const url = (asked as { url?: unknown } | null)?.url;
    if (typeof url !== 'string') return fromSpec(asked);
    const { default: made } = await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
    const model = typeof made === 'function' && !(made.prototype instanceof Module) ? await made() : made;
    const module = typeof model === 'function' ? new model() : model;
    if (module instanceof Module) return module;
    throw new GradloomError({
      code: 'argument',
      op: 'createWorkerTrainer',
      argument: 'model.url',
      got: `${url}, whose default export is ${showValue(made)}`,
      expected: 'a module of this library, its class, or a function that makes one',
      fix: 'It has to import the same copy of gradloom as the worker does; else give serveTrainer({ models })',
    });
  }

  private async fit(
    trainer: Trainer,
    call: number,
    remote: Remote,
    [data, { validation, checkpoint, ...options }, held]: [SentData, any, string[]],
  ): Promise<unknown> {
    const has = (name: string) => held.includes(name);
    const forward = (name: string) => (has(name) ? (value: unknown) => remote(name, value) : undefined);
    const steps = has('onSteps') ? new StepGroups((group) => remote('onSteps', group)) : undefined;
    const saved = checkpoint && {
      ...checkpoint,
      store: storeOf(remote, 'store'),
      onSave: forward('onSave'),
      onError: has('onError') ? (error: unknown) => remote('onError', sendError(error)) : undefined,
      askedBy: has('askedBy')
        ? (save: () => void) => {
            this.saves.add(save);
            return () => this.saves.delete(save);
          }
        : undefined,
    };
    const history = await trainer.fit(this.dataOf(data), {
      ...options,
      validation: validation && this.dataOf(validation),
      checkpoint: saved,
      resume: has('resume.list') ? storeOf(remote, 'resume') : options.resume,
      signal: this.aborts.get(call)!.signal,
      visibility: this.page,
      onStep: steps && ((info) => steps.add(info)),
      onEpoch: async (info) => {
        await steps?.flush();
        if (has('onEpoch')) await remote('onEpoch', info);
      },
      onRecover: forward('onRecover'),
      onDivergence: forward('onDivergence'),
    });
    await steps?.flush();
    return history;
  }

  private dataOf({ data, arrays }: SentData): any {
    if (arrays) this.data.set(data, putTogether(arrays));
    return this.data.get(data);
  }

  private ask(of: number, name: string, args: unknown[]): Promise<unknown> {
    const call = this.calls++;
    const answer = new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
    });
    this.send({ call, of, name, args }, args);
    return answer;
  }

  /** @param moving arrays in it move instead of being copied */
  private send(message: WorkerMessage, moving?: unknown): void {
    (globalThis as unknown as { postMessage(message: unknown, transfer: Transferable[]): void }).postMessage(
      message,
      [...movable(moving)],
    );
  }
}

const storeOf = (remote: Remote, prefix: string): CheckpointStore => ({
  list: () => remote(`${prefix}.list`),
  read: (name) => remote(`${prefix}.read`, name),
  // The file is the store's own: a copy moves.
  write: (name, bytes) => remote(`${prefix}.write`, name, bytes.slice()),
  remove: (name) => remote(`${prefix}.remove`, name),
});

/** The trainer's host copies stay in the worker. */
const copyOf = (state: Record<string, { shape: readonly number[]; data: Float32Array }>) =>
  Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );

/** Whether the page is hidden, as it says. */
class RemoteVisibility implements PageVisibility {
  hidden = false;
  private readonly listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(hidden: boolean): void {
    this.hidden = hidden;
    for (const listener of [...this.listeners]) listener();
  }
}

/** Sends what is told of steps in groups, and waits when the page is far behind. */
class StepGroups {
  private group: StepInfo[] = [];
  private since = 0;
  private sent: Promise<unknown>[] = [];

  constructor(private readonly tell: (group: StepInfo[]) => Promise<unknown>) {}

  async add(info: StepInfo): Promise<void> {
    if (this.group.length === 0) this.since = performance.now();
    this.group.push(info);
    if (performance.now() - this.since < GROUP_MS) return;
    this.send();
    if (this.sent.length > MOST_GROUPS) await this.sent.shift();
  }

  /** Resolves when the page has heard of all steps. @throws what its callback threw. */
  async flush(): Promise<void> {
    this.send();
    await Promise.all(this.sent.splice(0));
  }

  private send(): void {
    if (this.group.length === 0) return;
    const told = this.tell(this.group);
    told.catch(() => {}); // heard of when it is waited for
    this.sent.push(told);
    this.group = [];
  }
}

/** Calls the callbacks of one `fit`, whose list may change while it runs. */
import { GradloomError } from '../../errors';
import type {
  Callback,
  CallbackState,
  EpochInfo,
  FitControl,
  FitOptions,
  History,
  StepInfo,
  TrainerControl,
} from '../types';

const FUNCTIONS = ['onTrainBegin', 'onStep', 'onEpochEnd', 'onTrainEnd', 'save', 'load'] as const;

export class CallbackRunner implements FitControl {
  private readonly controller = new AbortController();
  private reason: string | undefined;
  private isRunning = false;

  /** @throws GradloomError `argument` for what is no list of callbacks. */
  constructor(
    readonly trainer: TrainerControl & { addSection(name: string, section: Section): void },
    readonly epochs: number,
    readonly stepsPerEpoch: number,
    private readonly options: FitOptions,
  ) {
    const { callbacks = [], signal } = options;
    if (!Array.isArray(callbacks)) throw fail('callbacks', callbacks, 'a list of callbacks');
    callbacks.forEach((callback, i) => {
      const at = `callbacks[${i}]`;
      if (typeof callback !== 'object' || callback === null)
        throw fail(at, callback, 'an object of functions');
      for (const name of FUNCTIONS) {
        const value: unknown = callback[name];
        if (value !== undefined && typeof value !== 'function')
          throw fail(`${at}.${name}`, value, 'a function');
      }
      if (callback.name && callback.save && callback.load) {
        trainer.addSection(`callback ${callback.name}`, {
          save: () => callback.save!(),
          // Steps that are run again after a loss of the GPU are told once: callbacks stay where they are.
          load: (state) => {
            if (!this.isRunning) callback.load!(state);
          },
        });
      }
    });
    if (signal?.aborted) this.controller.abort();
    signal?.addEventListener('abort', () => this.controller.abort(), { once: true });
  }

  stop = (reason: string): void => {
    this.reason ??= reason;
    this.controller.abort();
  };

  /** The options of the loop: what it tells reaches all callbacks. */
  get loopOptions(): FitOptions {
    const { options } = this;
    return {
      ...options,
      epochs: this.epochs,
      signal: this.controller.signal,
      onStep: async (info: StepInfo) => {
        await options.onStep?.(info);
        await this.each((callback) => callback.onStep?.(info, this));
      },
      onEpoch: async (info: EpochInfo) => {
        await options.onEpoch?.(info);
        await this.each((callback) => callback.onEpochEnd?.(info, this));
      },
    };
  }

  async run(loop: () => Promise<History>): Promise<History> {
    this.isRunning = true;
    await this.each((callback) => callback.onTrainBegin?.(this));
    const { epochs } = await loop();
    const history: History = { epochs, aborted: this.options.signal?.aborted ?? false };
    if (this.reason !== undefined) history.stopped = this.reason;
    await this.each((callback) => callback.onTrainEnd?.(history, this));
    return history;
  }

  private async each(call: (callback: Callback) => unknown): Promise<void> {
    for (const callback of [...(this.options.callbacks ?? [])]) await call(callback);
  }
}

interface Section {
  save(): CallbackState;
  load(state: CallbackState): void;
}

const fail = (argument: string, got: unknown, expected: string) =>
  new GradloomError({ code: 'argument', op: 'Trainer.fit', argument, got: String(got), expected });

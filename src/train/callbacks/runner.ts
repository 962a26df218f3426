/** Calls the callbacks of one `fit`, whose list may change while it runs. */
import { GradloomError, nearest } from '../../errors';
import type { LoopOptions } from '../fit-context';
import type {
  Callback,
  CallbackState,
  EpochInfo,
  FitChanges,
  FitControl,
  FitOptions,
  History,
  StepInfo,
  TrainerControl,
} from '../types';

const FUNCTIONS = [
  'onTrainBegin',
  'onEpochBegin',
  'onStepBegin',
  'onStep',
  'onEpochEnd',
  'onTrainEnd',
  'onException',
  'save',
  'load',
] as const;

/** Names in other libraries. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  onTrainStart: 'onTrainBegin',
  onFitStart: 'onTrainBegin',
  onFitEnd: 'onTrainEnd',
  onEpochStart: 'onEpochBegin',
  onTrainEpochStart: 'onEpochBegin',
  onTrainEpochEnd: 'onEpochEnd',
  onEpoch: 'onEpochEnd',
  onValidationEnd: 'onEpochEnd',
  onValidationEpochEnd: 'onEpochEnd',
  onBatchBegin: 'onStepBegin',
  onBatchStart: 'onStepBegin',
  onTrainBatchBegin: 'onStepBegin',
  onTrainBatchStart: 'onStepBegin',
  onBatchEnd: 'onStep',
  onStepEnd: 'onStep',
  onTrainBatchEnd: 'onStep',
};

export class CallbackRunner implements FitControl {
  readonly stepsPerEpoch: number;
  private isRunning = false;

  /** @throws GradloomError `argument` for what is no list of callbacks. */
  constructor(
    readonly trainer: TrainerControl &
      Pick<FitControl, 'pause' | 'resume' | 'stop' | 'update'> & {
        addSection(name: string, section: Section): void;
      },
    readonly epochs: number,
    stepsPerEpoch: number | undefined,
    private readonly options: FitOptions,
  ) {
    this.stepsPerEpoch = stepsPerEpoch ?? Number.NaN;
    const { callbacks = [] } = options;
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
      checkNames(at, callback);
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
  }

  stop = (reason?: string): void => this.trainer.stop(reason);
  pause = (): void => this.trainer.pause();
  resume = (): void => this.trainer.resume();
  update = (changes: FitChanges): void => this.trainer.update(changes);

  /** What the loop tells reaches all callbacks. */
  get loopOptions(): Pick<LoopOptions, 'onStepBegin' | 'onStep' | 'onEpoch' | 'onEpochBegin'> {
    const { options } = this;
    return {
      onEpochBegin: (info) => this.each((callback) => callback.onEpochBegin?.(info, this)),
      onStepBegin: (info) => {
        for (const callback of [...(options.callbacks ?? [])]) callback.onStepBegin?.(info, this);
      },
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
    try {
      await this.each((callback) => callback.onTrainBegin?.(this));
      const history = await loop();
      await this.each((callback) => callback.onTrainEnd?.(history, this));
      return history;
    } catch (error) {
      await this.each((callback) => callback.onException?.(error, this));
      throw error;
    }
  }

  private async each(call: (callback: Callback) => unknown): Promise<void> {
    for (const callback of [...(this.options.callbacks ?? [])]) await call(callback);
  }
}

/** Refuses functions that nothing calls. */
function checkNames(at: string, callback: Callback): void {
  for (const name of Object.keys(callback)) {
    const known: readonly string[] = FUNCTIONS;
    const isCalled = !/^on[A-Z]/.test(name) || known.includes(name);
    if (isCalled || typeof (callback as Record<string, unknown>)[name] !== 'function') continue;
    const near = ELSEWHERE[name] ?? nearest(name, known);
    throw new GradloomError({
      code: 'argument',
      op: 'Trainer.fit',
      argument: `${at}.${name}`,
      got: 'a function that nothing calls',
      expected: `one of ${known.slice(0, -2).join(', ')}`,
      fix: near && `Did you mean ${near}?`,
    });
  }
}

interface Section {
  save(): CallbackState;
  load(state: CallbackState): void;
}

const fail = (argument: string, got: unknown, expected: string) =>
  new GradloomError({ code: 'argument', op: 'Trainer.fit', argument, got: String(got), expected });

/** Writes checkpoints to a store one after the other, removes those that are not kept, and finds the newest one again. */

import { checkCount, checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import type { EpochInfo } from '../types';
import { decodeCheckpoint, encodeCheckpoint } from './format';
import type { CheckpointOptions, CheckpointStore } from './options';
import { hasFiniteWeights, type TrainerState } from './state';

export const CHECKPOINT_OPTIONS: (keyof CheckpointOptions)[] = [
  'store',
  'every',
  'seconds',
  'keepLast',
  'keepBest',
  'askedBy',
  'model',
  'onSave',
  'onError',
];

const METRICS = ['loss', 'accuracy', 'validationLoss', 'validationAccuracy'] as const;

const BEST = 'best.safetensors';
const NAME = /^step-(\d+)\.safetensors$/;

const nameOf = (steps: number) => `step-${String(steps).padStart(9, '0')}.safetensors`;

/** Checkpoints of a store, the newest first. */
async function newestFirst(store: CheckpointStore): Promise<string[]> {
  const names = (await store.list()).filter((name) => NAME.test(name));
  const stepsOf = (name: string) => Number(NAME.exec(name)![1]);
  return names.sort((a, b) => stepsOf(b) - stepsOf(a));
}

/**
 * The newest checkpoint of a store that can be read; nothing when there is none.
 * @throws GradloomError `data` when there are some, but all are damaged.
 */
export async function newestCheckpoint(store: CheckpointStore): Promise<TrainerState | undefined> {
  let first: unknown;
  for (const name of await newestFirst(store)) {
    try {
      return decodeCheckpoint(await store.read(name), name);
    } catch (error) {
      if (!(error instanceof GradloomError) || error.code !== 'data') throw error;
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
  return undefined;
}

export class Saver {
  private writes: Promise<void> = Promise.resolve();
  private best: number | undefined;
  private error: { cause: unknown } | undefined;

  /**
   * @param keepsNaN whether states with weights that are NaN or infinite are written, too
   * @throws GradloomError `argument` for options that are none, and for what is no store.
   */
  constructor(
    private readonly options: CheckpointOptions,
    private readonly keepsNaN = false,
  ) {
    checkOptions('checkpoint', options, CHECKPOINT_OPTIONS);
    const { store, every = 1, keepLast = 1, seconds = 1, keepBest = false } = options;
    const missing = (['list', 'read', 'write', 'remove'] as const).find(
      (name) => typeof store?.[name] !== 'function',
    );
    if (missing) throw argumentError('store', `without ${missing}`, 'list, read, write and remove');
    checkCount('checkpoint', 'every', every);
    checkCount('checkpoint', 'keepLast', keepLast);
    if (!(seconds > 0)) throw argumentError('seconds', String(seconds), 'a number above 0');
    if (typeof keepBest !== 'boolean' && !METRICS.includes(keepBest)) {
      throw argumentError('keepBest', JSON.stringify(keepBest), `true or one of ${METRICS.join(', ')}`);
    }
  }

  /** Writes a state behind those that wait; one that could not be captured is left out. */
  save(state: Promise<TrainerState | undefined>): void {
    this.writes = this.writes.then(async () => {
      try {
        const captured = await state;
        // A good checkpoint must not give way to one that nobody can go on from.
        if (captured && (this.keepsNaN || hasFiniteWeights(captured.step))) await this.write(captured);
      } catch (error) {
        if (this.options.onError) await this.options.onError(error);
        else this.error ??= { cause: error };
      }
    });
  }

  /** @throws what went wrong so far. */
  check(): void {
    if (this.error) throw this.error.cause;
  }

  /** Resolves when all is written. @throws what went wrong. */
  async finish(): Promise<void> {
    await this.writes;
    this.check();
  }

  settle(): Promise<void> {
    return this.writes;
  }

  private async write(state: TrainerState): Promise<void> {
    const { store, onSave, model } = this.options;
    const bytes = encodeCheckpoint({ ...state, ...(model === undefined ? {} : { model }) });
    const name = nameOf(state.step.updates);
    await this.put(name, bytes);
    if (this.isBest(state)) await this.put(BEST, bytes);
    for (const old of (await newestFirst(store)).filter((other) => other !== name).slice(this.keepLast - 1)) {
      await store.remove(old);
    }
    await onSave?.(name);
  }

  private get keepLast(): number {
    return this.options.keepLast ?? 1;
  }

  /** Writes; when there is no room, once more without all but the newest of the older ones. */
  private async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { store } = this.options;
    try {
      await store.write(name, bytes);
    } catch (cause) {
      if (!isFull(cause)) throw failure(name, bytes, cause);
      const [, ...older] = (await newestFirst(store)).filter((other) => other !== name);
      for (const old of older) await store.remove(old);
      await store.write(name, bytes).catch((again) => {
        throw failure(name, bytes, again);
      });
    }
  }

  /** Whether the state is at the end of the best epoch so far. */
  private isBest({ fit }: TrainerState): boolean {
    const { keepBest } = this.options;
    if (!keepBest || !fit || fit.step !== 0) return false;
    const last = fit.epochs.at(-1);
    if (!last) return false;
    const metric =
      keepBest !== true ? keepBest : last.validationLoss === undefined ? 'loss' : 'validationLoss';
    const scoreOf = (info: EpochInfo) => {
      const value = info[metric] ?? Number.NaN;
      return metric.toLowerCase().endsWith('accuracy') ? -value : value;
    };
    // Epochs before a resume count too.
    const earlier = fit.epochs.slice(0, -1).map(scoreOf).filter(Number.isFinite);
    this.best ??= Math.min(Number.POSITIVE_INFINITY, ...earlier);
    const value = scoreOf(last);
    if (!(value < this.best)) return false;
    this.best = value;
    return true;
  }
}

const isFull = (error: unknown) =>
  /quota|nospace|enospc/i.test(`${(error as Error)?.name} ${(error as Error)?.message}`);

const argumentError = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'checkpoint', argument, got, expected });

function failure(name: string, bytes: Uint8Array, cause: unknown): GradloomError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GradloomError({
    code: 'storage',
    op: 'checkpoint',
    argument: name,
    got: `${bytes.length} bytes that could not be written (${why})`,
    expected: 'room for them in the store',
    fix: isFull(cause) ? 'Free storage of this page, or keep fewer checkpoints' : undefined,
    cause,
  });
}

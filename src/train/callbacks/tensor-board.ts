/** Scalars of a training as event files of TensorBoard. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import type { Callback, EpochInfo, StepInfo } from '../types';
import { scalarsRecord, versionRecord } from './event-file';

export interface TensorBoardOptions {
  /**
   * Appends bytes to the file of this name, and may return a promise. In Node: `(name, bytes) => appendFile(join(logDir, name), bytes)`.
   */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): unknown;
  /** Steps from one that is logged to the next; 0 logs epochs only. Default 1. */
  every?: number;
  /** What file names end with: tells runs on one folder apart. Default `gradloom`. */
  suffix?: string;
}

const OPTIONS: (keyof TensorBoardOptions)[] = ['write', 'every', 'suffix'];

/** What is no metric of a step or an epoch. */
const POSITIONS = ['epoch', 'step', 'stepsPerEpoch', 'seconds'];

/**
 * Logs loss, accuracy, gradient norm and learning rate of steps under `batch/`, and those of epochs under `epoch/`, where validation is
 * under `validation/`, to `events.out.tfevents.<seconds>.<suffix>`. Records of an epoch's steps are written together.
 */
export function tensorBoard(options: TensorBoardOptions): Callback {
  checkOptions('tensorBoard', options ?? null, OPTIONS);
  const { write, every = 1, suffix = 'gradloom' } = options;
  if (typeof write !== 'function') {
    throw new GradloomError({
      code: 'argument',
      op: 'tensorBoard',
      argument: 'write',
      got: String(write),
      expected: 'a function (name, bytes) that appends to a file',
    });
  }
  if (every !== 0) checkCount('tensorBoard', 'every', every);
  let name = '';
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  const flush = async () => {
    const parts = waiting;
    waiting = [];
    if (parts.length > 0) await write(name, joined(parts));
  };
  const now = () => Date.now() / 1000;
  return {
    onTrainBegin() {
      name = `events.out.tfevents.${Math.floor(now())}.${suffix}`;
      waiting = [versionRecord(now())];
      return flush();
    },
    onStep(info: StepInfo) {
      if (every === 0 || info.step % every !== 0) return undefined;
      waiting.push(scalarsRecord(numbersIn(info, 'batch'), info.step, now()));
      return waiting.length >= 64 ? flush() : undefined;
    },
    onEpochEnd(info: EpochInfo, { trainer }) {
      const scalars = numbersIn(info, 'epoch');
      scalars['epoch/learningRate'] = trainer.learningRate;
      waiting.push(scalarsRecord(scalars, info.epoch, now()));
      return flush();
    },
    onTrainEnd: flush,
    onException: flush,
  };
}

/** The numbers of a step or epoch by tag; those of validation in a group of their own. */
function numbersIn(info: object, group: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [key, value] of Object.entries(info)) {
    if (POSITIONS.includes(key)) continue;
    const validation = /^validation([A-Z]\w*)$/.exec(key)?.[1];
    if (typeof value === 'number') {
      found[
        validation ? `validation/${validation[0].toLowerCase()}${validation.slice(1)}` : `${group}/${key}`
      ] = value;
    } else if (validation === 'Metrics') {
      for (const [metric, number] of Object.entries(value as object))
        if (typeof number === 'number') found[`validation/${metric}`] = number;
    }
  }
  return found;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

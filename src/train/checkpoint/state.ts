/** The whole state of a trainer on the host: what checkpoints hold. */

import type { DataLoader } from '../../data/loader';
import { GradloomError } from '../../errors';
import type { StateDict } from '../../io/state-dict';
import type { FitPosition, FitSettings } from '../fit-loop';
import type { StepState } from '../step-state';
import type { TrainingData } from '../types';

export interface TrainerState {
  step: StepState;
  /** Seed of the orders of the data. */
  seed: number;
  /** Orders of the data that were drawn from the seed. */
  epochsStarted: number;
  /** Factor on the learning rates where it is not 1, after training went back from a divergence. */
  rateFactor?: number;
  /** The last or present `fit`. */
  fit?: FitPosition & { settings: FitSettings; data: DataDescription };
  /** The last or present `fitSteps`: the sample with which its next batch begins. */
  steps?: { start: number; data: DataDescription };
  /** State of other parts of a run, by name. */
  sections: Record<string, SectionState>;
  /** What the trainer was made with, as JSON. */
  options: Record<string, unknown>;
  /** JSON of the model, where it is known. */
  model?: unknown;
}

/** What a part of a run keeps in checkpoints: values that JSON can hold, and tensors by name. */
export interface SectionState {
  values?: unknown;
  tensors?: StateDict;
}

/** A part of a run with state of its own, such as averages of weights or callbacks. */
export interface StateSection {
  /** The state after the steps submitted so far; called between two steps. */
  save(): SectionState | Promise<SectionState>;
  /**
   * Whether the state goes with the steps and is put back after a lost GPU, as tensors are. Default false: callbacks are told
   * nothing twice, so that what they count stays right.
   */
  readonly rewinds?: boolean;
  /** Takes a state that `save` gave. @throws before anything is changed when it does not fit.
   */
  load(state: SectionState): void;
}

/** What tells data sets apart. */
export interface DataDescription {
  name: string;
  length: number;
  /** Of the values, or of some million bytes evenly spread over them; streams and samples that are asked for have none. */
  hash: number;
}

/** Most bytes of an array that the hash goes over. */
const HASHED = 2 ** 20;

/** FNV-1a over the bytes of a data set's arrays. */
export function describeData(data: TrainingData | DataLoader): DataDescription {
  const arrays = 'tokens' in data ? [data.tokens] : 'iterate' in data ? data.arrays : [data.x, data.y];
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const stride = Math.max(1, Math.ceil(byteLength / HASHED));
    for (let i = 0; i < byteLength; i += stride) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash = Math.imul(hash ^ byteLength, 0x01000193);
  }
  const length = 'iterate' in data ? (data.samples ?? 0) : data.length;
  return { name: data.name, length, hash: hash >>> 0 };
}

/**
 * That a run goes on as it began.
 * @throws GradloomError `argument` naming what is different.
 */
export function checkSame(op: string, saved: object, now: object): void {
  const values = now as Record<string, unknown>;
  for (const [key, value] of Object.entries(saved)) {
    // Files are renamed.
    if (key === 'name' || JSON.stringify(value) === JSON.stringify(values[key])) continue;
    throw new GradloomError({
      code: 'argument',
      op,
      argument: key === 'hash' ? 'data' : key,
      got: key === 'hash' ? 'other values than those of the checkpoint' : show(values[key]),
      expected: key === 'hash' ? 'the same data' : `${show(value)}, as in the checkpoint`,
      fix: 'A run goes on bit by bit with the same data and settings; to begin another one with its weights, use loadStateDict',
    });
  }
}

const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Options as JSON: functions are told by their kind alone. */
export function asJson(options: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(options, (_, value) => (typeof value === 'function' ? 'function' : value)),
  );
}

/** Whether all weights are finite numbers: x - x is 0 for these only. */
export const hasFiniteWeights = ({ variables }: StepState): boolean =>
  Object.values(variables).every(({ data }) => {
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i] - data[i];
    return sum === 0;
  });

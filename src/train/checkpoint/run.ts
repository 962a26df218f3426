/** The state of a trainer's run: taken between two steps, and put back. */

import type { DataLoader } from '../../data/loader';
import { GradloomError } from '../../errors';
import type { Variable } from '../../graph/ir/variable';
import type { RunRecord } from '../run-record';
import { applyStep, captureStep, checkStep } from '../step-state';
import type { TrainingData } from '../types';
import { asJson, checkSame, type DataDescription, describeData, type TrainerState } from './state';

/** Options that decide what a run computes. */
const DECISIVE = [
  'loss',
  'optimizer',
  'schedule',
  'clip',
  'classesLast',
  'ema',
  'swa',
  'lossWeights',
  'regularization',
] as const;

function decisiveOptions({ options: given }: RunRecord): Record<string, unknown> {
  return asJson(
    Object.fromEntries(DECISIVE.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]]))),
  );
}

/** Fingerprint of a run's data, computed once. */
export function describeOnce({ described }: RunRecord, data: TrainingData | DataLoader): DataDescription {
  const known = described.get(data) ?? describeData(data);
  described.set(data, known);
  return known;
}

/** Submits the copies of all state at once; resolves when they are there. */
export async function captureRun(run: RunRecord): Promise<TrainerState> {
  const { loop, position, cursor, seed, epochsStarted } = run;
  // All of these note what is now; what they wait for is the same however far the run goes on.
  const step = captureStep(run.step.checked().parts);
  const sections = Object.entries(Object.fromEntries(run.sections)).map(
    ([name, section]) => [name, section.save()] as const,
  );
  const fit = loop?.position();
  fit?.catch(() => {});
  const saved = await Promise.all(sections.map(async ([name, state]) => [name, await state] as const));
  const state: TrainerState = {
    step: await step,
    seed,
    epochsStarted,
    sections: Object.fromEntries(saved),
    options: decisiveOptions(run),
  };
  const { rateFactor } = run.runner;
  if (rateFactor !== 1) state.rateFactor = rateFactor;
  if (loop) state.fit = { ...(await fit!), settings: loop.settings, data: describeOnce(run, loop.training) };
  else if (position) state.fit = position;
  if (cursor) state.steps = { start: cursor.start, data: cursor.data ?? describeOnce(run, cursor.of!) };
  return state;
}

/**
 * Checks a state against a run. Nothing is changed.
 * @param strict whether the options have to be the same
 * @throws GradloomError `argument` naming what does not fit.
 */
export function checkRun(run: RunRecord, state: TrainerState, strict: boolean): void {
  checkStep(run.step.parts, state.step);
  if (!strict) return;
  const now = decisiveOptions(run);
  const all = Object.fromEntries(
    Object.keys({ ...now, ...state.options }).map((key) => [key, state.options[key]]),
  );
  if (Object.keys(state.options).length > 0) checkSame('Trainer', all, now);
  const [kept, registered] = [Object.keys(state.sections), [...run.sections.keys()]];
  const missing = registered.find((name) => !kept.includes(name));
  const unknown = kept.find((name) => !registered.includes(name));
  if (missing === undefined && unknown === undefined) return;
  throw new GradloomError({
    code: 'argument',
    op: 'Trainer',
    argument: 'checkpoint',
    got:
      unknown === undefined
        ? `without the section ${missing}`
        : `with a section ${unknown}, which nothing here takes`,
    expected: 'the parts of the run that it was taken of',
    fix: 'Set the trainer up as it was then, or pass { strict: false } to Trainer.restore',
  });
}

/**
 * Puts a checked state back.
 * @param keep after a lost GPU: which variables have newer host values
 */
export function applyRun(run: RunRecord, state: TrainerState, keep?: (variable: Variable) => boolean): void {
  // Sections check what they are given: before anything else changes.
  for (const [name, section] of run.sections) {
    const saved = Object.hasOwn(state.sections, name) ? state.sections[name] : undefined;
    if (saved && (!keep || section.rewinds || saved.tensors)) section.load(saved);
  }
  run.step.take(state.step, applyStep(run.step.parts, state.step, keep));
  run.runner.rateFactor = state.rateFactor ?? 1;
  run.seed = state.seed;
  run.epochsStarted = state.epochsStarted;
  run.position = state.fit;
  run.cursor = state.steps && { start: state.steps.start, data: state.steps.data };
}

/**
 * After training went to NaN: replays it from a snapshot, which gives the same bits, up to the step that went wrong, looks at
 * every tensor of that step, and decides how to go on.
 */
import { GradloomError } from '../../errors';
import { epochOf } from '../batch-runner';
import { applyRun } from '../checkpoint/run';
import { hasFiniteWeights, type TrainerState } from '../checkpoint/state';
import { DivergedError } from '../divergence';
import { isLoader } from '../fit-data';
import type { FitLoop } from '../fit-loop';
import type { RunRecord } from '../run-record';
import type { FitOptions } from '../types';
import { type DivergenceReport, describeReport, firstBad } from './first-bad';
import { compileProbed, type ProbedStep, type TensorStatistics } from './probes';

/** How often a run goes back from the same step, each time with half the rate. */
const MOST_RESTORES = 8;
const RATE_FACTOR = 0.5;
/** Steps that are far. */
const FAR = 100;

/**
 * Finds the first bad values. With `onNaN: 'restore'` puts back a state from before, and lowers the rate.
 * @param history states of the `fit`, the newest last
 * @returns the states up to the one that was put back
 * @throws DivergedError with the report otherwise
 */
export async function goBackFromDivergence(
  run: RunRecord,
  error: DivergedError,
  history: readonly TrainerState[],
  { onNaN = 'stop', onDivergence }: Pick<FitOptions, 'onNaN' | 'onDivergence'>,
): Promise<TrainerState[]> {
  const loop = run.loop!;
  const states = history.filter(({ step }) => hasFiniteWeights(step));
  const { rateFactor } = run.runner;
  const report = await explain(run, loop, error, states);
  const step = report?.step ?? error.step;
  const newest = states.findLastIndex(({ fit }) => fit && loop.numberAt(fit) <= step);
  const restores = isAgain(run.restores, loop, step) ? run.restores!.count : 0;
  if (onNaN !== 'restore' || newest < 0 || restores === MOST_RESTORES) {
    loop.putBack();
    throw explained(error, report, restores);
  }
  // A state on the way to infinity is of no use: where one failed, the one before it, and the first at last.
  const kept = states.slice(0, Math.max(1, newest + 1 - restores));
  const state = { ...kept.pop()!, rateFactor: rateFactor * RATE_FACTOR };
  applyRun(run, state);
  loop.rewind(state.fit!);
  loop.retell();
  const restoredTo = loop.numberAt(state.fit!);
  run.restores = { loop, step, restoredTo, count: restores + 1 };
  const { learningRate } = run.runner;
  await onDivergence?.({ policy: 'restore', step, restoredTo, learningRate, ...(report && { report }) });
  return [...kept, state];
}

/** Whether a step is not far beyond the one that training went back from last. */
const isAgain = (last: RunRecord['restores'], loop: FitLoop, step: number) =>
  last?.loop === loop && step <= last.step + Math.max(FAR, 2 * (last.step - last.restoredTo));

const newestBefore = (states: readonly TrainerState[], loop: FitLoop, step: number) =>
  states.findLast(({ fit }) => fit && loop.numberAt(fit) <= step);

function explained(error: DivergedError, report: DivergenceReport | undefined, restores: number) {
  const { step, argument, got } = error;
  const tries = restores > 0 ? `, ${restores} restores later` : '';
  const why = report
    ? `; ${report.step < step ? `step ${report.step + 1}: ` : ''}${describeReport(report)}`
    : '';
  const told = new DivergedError(step, argument!, `${got}${tries}${why}`);
  if (report) told.report = report;
  return told;
}

/** Replays the steps before, and looks at the last two: bad gradients show in the loss of the step after. */
async function explain(
  run: RunRecord,
  loop: FitLoop,
  { step: last }: DivergedError,
  states: readonly TrainerState[],
): Promise<DivergenceReport | undefined> {
  const start = newestBefore(states, loop, Math.max(0, last - 1)) ?? newestBefore(states, loop, last);
  // Batches of a loader are not kept.
  if (!start || isLoader(loop.training)) return undefined;
  applyRun(run, start);
  loop.rewind(start.fit!);
  const probed = new Map<number, ProbedStep>();
  try {
    let before: { size: number; statistics: TensorStatistics[] } | undefined;
    for (let step = Math.max(last - 1, loop.numberAt(start.fit!)); step <= last; step++) {
      await loop.rerun(step);
      const { data, shuffle, augment, range } = loop.batch;
      const found = probed.get(range.size) ?? (await probe(run, loop));
      probed.set(range.size, found);
      await run.runner.prepare(data, shuffle);
      const { seed, runs } = run.step.parts.counters;
      const values = { seed, index: runs, batchStart: range.start, epoch: epochOf(augment, range) };
      const statistics = await found.run(values);
      const bad = firstBad(found, statistics, before?.size === range.size ? before.statistics : undefined);
      if (bad) return { step, ...bad };
      before = { size: range.size, statistics };
    }
    return undefined;
  } catch (error) {
    // Without room for all tensors there is no report.
    if (error instanceof GradloomError && error.code === 'out-of-memory') return undefined;
    throw error;
  } finally {
    for (const plan of probed.values()) plan.destroy();
  }
}

function probe(run: RunRecord, loop: FitLoop): Promise<ProbedStep> {
  const { data, shuffle, augment, range } = loop.batch;
  const order = shuffle ? 'shuffled' : 'sequential';
  const compute = run.runner.computation(data, range.size, order, augment?.augmenter);
  return compileProbed(run.step.device, { parts: run.step.parts, models: [['', run.model]], compute });
}

/** Where a measurement runs: in a fresh page of a headless browser, or in a fresh Node process with Dawn. */
import type { Bench, Measurement } from './measure';
import { ROUND, WARM_UP, type Workload } from './workloads';

/** A measurement, or why there is none. */
export type Outcome = { measured: Measurement } | { unsupported: string } | { failed: string };

export interface Host {
  /** Name of the adapter for the report. */
  readonly adapter: string;
  measure(library: string, workload: Workload): Promise<Outcome>;
  close(): Promise<void>;
}

/** The phases of a measurement as a host reaches them; `script` tells JavaScript milliseconds so far, if it can. */
export interface Phases extends Pick<Bench, 'warmUp' | 'fenced' | 'pipelined' | 'finish'> {
  script(): Promise<number | undefined>;
}

/** Runs the phases after the first step, which ended at `firstStep`. */
export async function measurePhases(
  phases: Phases,
  { steps }: Workload,
  firstStep: number,
): Promise<Measurement> {
  await phases.warmUp(WARM_UP);
  const fenced = await phases.fenced(steps.fenced);
  const before = await phases.script();
  const { times, perStep } = await phases.pipelined(steps.rounds);
  const after = await phases.script();
  const count = times.count * ROUND;
  const script = before === undefined || after === undefined ? undefined : (after - before) / count;
  return { ...(await phases.finish()), fenced, pipelined: times, perStep, firstStep, script };
}

/** Where a measurement runs: in a fresh page of a headless browser, or in a fresh Node process with Dawn. */
import type { Ceiling } from './ceiling';
import type { KernelCase } from './kernels';
import type { Bench, Measurement } from './measure';
import type { KernelOutcome } from './measure-kernel';
import { WARM_UP, type Workload } from './workloads';

/** A measurement, or why there is none. */
export type Outcome = { measured: Measurement } | { unsupported: string } | { failed: string };

/** A library that is not measured in this time is given up, so that the others get their turn. */
export const LIMIT_MS = 180_000;

export interface Host {
  /** Name of the adapter for the report. */
  readonly adapter: string;
  measure(library: string, workload: Workload): Promise<Outcome>;
  measureKernel(library: string, made: KernelCase, rounds: number): Promise<KernelOutcome>;
  ceiling(): Promise<Ceiling>;
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
  const { times, perStep, steps: count } = await phases.pipelined(steps.rounds);
  const after = await phases.script();
  const script = before === undefined || after === undefined ? undefined : (after - before) / count;
  return { ...(await phases.finish()), fenced, pipelined: times, perStep, firstStep, script };
}

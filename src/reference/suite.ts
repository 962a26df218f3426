/** The conformance suite: every case of every op on one device. Conformance page, harness and `gradloom check` share it. */
import type { Device } from '../gpu/device';
import { ops } from '../ops/registry';
import { references } from '.';
import { type CaseResult, runCase, runLongCase } from './conformance';
import { longCases } from './long.cases';

export interface ConformanceReport {
  passed: number;
  failed: number;
  /** In the order of ops and their cases. */
  results: CaseResult[];
}

/** Conformance cases under way together: a browser may take a tenth of a second to answer that results are there. */
const CASES_AT_ONCE = 16;

export type Progress = (result: CaseResult, done: number, total: number) => void;

export interface ConformanceOptions {
  /** The cases along axes of 70,000 elements instead. */
  long?: boolean;
  /** Ends the run after the cases that are under way; the report has those that ran. */
  signal?: AbortSignal;
}

/**
 * Runs the cases, several at a time.
 * @param filter a part of the op's name, or `=name` exactly
 */
export async function runConformance(
  device: Device,
  filter = '',
  onProgress: Progress = () => {},
  { long = false, signal }: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const matches = (name: string) =>
    filter.startsWith('=') ? name === filter.slice(1) : name.toLowerCase().includes(filter.toLowerCase());
  const chosen = [...ops.values()].filter((op) => matches(op.name));
  const casesOf = (name: string) => (long ? longCases[name] : references[name]?.cases) ?? [];
  const cases = chosen.flatMap((op) => casesOf(op.name).map((_, index) => ({ op, index })));
  const results: CaseResult[] = [];
  let [next, done] = [0, 0];
  // Time as a case sees it that shares the adapter with those beside it.
  let [share, underWay, last] = [0, 0, performance.now()];
  const shareNow = (change: 1 | -1) => {
    const now = performance.now();
    share += (now - last) / Math.max(1, underWay);
    last = now;
    underWay += change;
    return share;
  };
  const work = async () => {
    while (next < cases.length && !signal?.aborted) {
      const place = next++;
      const { op, index } = cases[place];
      const begin = shareNow(1);
      const run = long ? runLongCase : runCase;
      const result = await run(device, op, references[op.name], index);
      results[place] = { ...result, milliseconds: shareNow(-1) - begin };
      onProgress(results[place], ++done, cases.length);
    }
  };
  await Promise.all(Array.from({ length: CASES_AT_ONCE }, work));
  const ran = results.filter(() => true); // without the holes of cases that were not begun
  const failed = ran.filter((result) => !result.passed).length;
  return { passed: ran.length - failed, failed, results: ran };
}

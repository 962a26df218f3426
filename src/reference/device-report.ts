/** What a conformance run says of a device: the file that `gradloom check --report` and the conformance page write. */
import type { ConformanceReport } from './suite';

/** The device of a run. */
export interface ReportedDevice {
  adapter: Record<string, unknown>;
  features: readonly string[];
  /** The browser's user agent, or the name and version of what ran the cases. */
  browser: string;
}

export interface DeviceReport extends ReportedDevice {
  format: 'gradloom-device-report';
  /** Day of the run, as in 2026-12-31. */
  date: string;
  passed: number;
  failed: number;
  ops: OpSummary[];
  failures: { name: string; message: string }[];
}

export interface OpSummary {
  op: string;
  passed: number;
  failed: number;
  /** Largest error over the cases, relative as in `tolerances.ts`. */
  worstError: number;
  milliseconds: number;
}

/** The cases of each op as one line, and in full those that failed. */
export function deviceReport(
  { adapter, features, browser }: ReportedDevice,
  { passed, failed, results }: Pick<ConformanceReport, 'passed' | 'failed' | 'results'>,
): DeviceReport {
  const ops = new Map<string, OpSummary>();
  for (const result of results) {
    const { op } = result;
    const sum = ops.get(op) ?? { op, passed: 0, failed: 0, worstError: 0, milliseconds: 0 };
    ops.set(op, sum);
    sum[result.passed ? 'passed' : 'failed']++;
    sum.worstError = Math.max(sum.worstError, result.worstError);
    sum.milliseconds += result.milliseconds;
  }
  return {
    format: 'gradloom-device-report',
    date: new Date().toISOString().slice(0, 10),
    adapter,
    features: [...features].sort(),
    browser,
    passed,
    failed,
    ops: [...ops.values()].map((sum) => ({
      ...sum,
      worstError: Number(sum.worstError.toPrecision(2)),
      milliseconds: Number(sum.milliseconds.toFixed(1)),
    })),
    failures: results
      .filter((result) => !result.passed)
      .map(({ name, message = 'failed' }) => ({ name, message })),
  };
}

/**
 * `gradloom check`: runs the conformance cases of the harness page (every op's forward and backward pass against
 * its float64 reference) on this machine's adapter, in the headless browser.
 */
import { GradloomError } from '../errors';
import { deviceReport, type ReportedDevice } from '../reference/device-report';
import type { ConformanceReport } from '../reference/suite';
import { EXIT } from './errors';
import { inPage } from './in-page';
import { describeAdapter } from './info';
import type { BrowserFlags } from './launch';
import { outputPath } from './output';
import { HARNESS_PAGE, type PageAnswer } from './protocol';
import { writeAtomically } from './write-file';

export interface CheckFlags extends BrowserFlags {
  /** Runs only the cases whose name contains it. */
  filter?: string;
  json?: boolean;
  /** A file for the report of the device. */
  report?: string;
}

/** The part of the harness contract that this command uses. */
interface Harness {
  ready: Promise<void>;
  info(): Promise<{ adapter: Record<string, unknown>; features: string[] }>;
  conformance(options: { filter?: string }): Promise<ConformanceReport>;
}

/** A run, and the device that it was on. */
interface Checked {
  report: ConformanceReport;
  device: ReportedDevice;
}

/** Runs the command and returns its exit code: 0 when every case passed, else 1. */
export async function check(flags: CheckFlags): Promise<number> {
  const path =
    flags.report === undefined
      ? undefined
      : outputPath({ op: 'check', argument: '--report', path: flags.report, inputs: [] });
  let adapter = '';
  const { report, device } = await inPage(
    flags,
    { page: HARNESS_PAGE, readyName: 'harness' },
    (page, launched) => {
      adapter = describeAdapter(launched.adapter);
      return page.evaluate(runConformance, flags.filter);
    },
  );
  const exitCode = print(report, flags, adapter);
  if (path !== undefined) {
    writeAtomically(path, `${JSON.stringify(deviceReport(device, report), null, 1)}\n`);
    process.stderr.write(`Report of this device: ${path}\n`);
  }
  return exitCode;
}

/** Runs in the page, so it may use nothing from this file. */
async function runConformance(filter: string | undefined): Promise<PageAnswer<Checked>> {
  const { harness } = window as unknown as { harness: Harness };
  try {
    await harness.ready;
    const { adapter, features } = await harness.info();
    const device = { adapter, features, browser: navigator.userAgent };
    return { ok: true, value: { device, report: await harness.conformance({ filter }) } };
  } catch (error) {
    const { code = 'internal', message } = error as { code?: 'internal'; message: string };
    return { ok: false, error: { code, message } };
  }
}

function print({ passed, failed, results }: ConformanceReport, flags: CheckFlags, adapter: string): number {
  if (results.length === 0) {
    throw new GradloomError({
      code: 'argument',
      op: 'check',
      argument: '--filter',
      got: String(flags.filter),
      expected: 'a part of the name of at least one case',
    });
  }
  const write = (text: string) => process.stdout.write(`${text}\n`);
  if (flags.json) {
    for (const result of results) write(JSON.stringify({ event: 'case', ...result }));
    write(JSON.stringify({ event: 'result', passed, failed, adapter }));
  } else {
    for (const result of results) if (!result.passed) write(`FAILED ${result.name}: ${result.message ?? ''}`);
    write(`${passed} passed, ${failed} failed on ${adapter}`);
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

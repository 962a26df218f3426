/**
 * `gradloom check`: runs the conformance cases of the harness page (every op's forward and backward pass against
 * its float64 reference) on this machine's adapter, in the headless browser.
 */
import { GradloomError } from '../errors';
import { EXIT } from './errors';
import { inPage } from './in-page';
import { describeAdapter } from './info';
import type { BrowserFlags } from './launch';
import { HARNESS_PAGE, type PageAnswer } from './protocol';

export interface CheckFlags extends BrowserFlags {
  /** Runs only the cases whose name contains it. */
  filter?: string;
  json?: boolean;
}

/** The part of the harness contract that this command uses. */
interface Harness {
  ready: Promise<void>;
  conformance(options: { filter?: string }): Promise<ConformanceReport>;
}

interface ConformanceReport {
  passed: number;
  failed: number;
  results: { name: string; passed: boolean; message?: string }[];
}

/** Runs the command and returns its exit code: 0 when every case passed, else 1. */
export async function check(flags: CheckFlags): Promise<number> {
  let adapter = '';
  const result = await inPage(flags, { page: HARNESS_PAGE, readyName: 'harness' }, (page, launched) => {
    adapter = describeAdapter(launched.adapter);
    return page.evaluate(runConformance, flags.filter);
  });
  return report(result, flags, adapter);
}

/** Runs in the page, so it may use nothing from this file. */
async function runConformance(filter: string | undefined): Promise<PageAnswer<ConformanceReport>> {
  const { harness } = window as unknown as { harness: Harness };
  try {
    await harness.ready;
    return { ok: true, value: await harness.conformance({ filter }) };
  } catch (error) {
    const { code = 'internal', message } = error as { code?: 'internal'; message: string };
    return { ok: false, error: { code, message } };
  }
}

function report({ passed, failed, results }: ConformanceReport, flags: CheckFlags, adapter: string): number {
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

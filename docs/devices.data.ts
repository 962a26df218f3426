/** The reports in `devices/`, for the table of devices: what `gradloom check --report` and the conformance page write. */
import { readFileSync } from 'node:fs';
import type { DeviceReport } from '../src/reference/device-report';

export interface DeviceRow {
  adapter: string;
  browser: string;
  date: string;
  ops: number;
  cases: string;
  /** The op with the largest error, and that error. */
  worst: string;
  features: string;
  seconds: number;
}

declare const data: DeviceRow[];

export { data };

export default {
  watch: ['./devices/*.json'],
  load: (files: string[]): DeviceRow[] =>
    files
      .map((file) => rowOf(JSON.parse(readFileSync(file, 'utf8'))))
      .sort((a, b) => a.adapter.localeCompare(b.adapter)),
};

function rowOf({ adapter, browser, date, features, ops, passed, failed }: DeviceReport): DeviceRow {
  const worst = ops.reduce((most, op) => (op.worstError > most.worstError ? op : most));
  const { vendor, architecture, description } = adapter;
  return {
    adapter: [vendor, architecture, description].filter(Boolean).join(' ') || 'not told by the browser',
    browser: browserName(browser),
    date,
    ops: ops.length,
    cases: failed > 0 ? `${failed} of ${passed + failed} fail` : `all ${passed} pass`,
    worst: `${worst.op} ${worst.worstError.toExponential(1)}`,
    features:
      ['shader-f16', 'subgroups', 'timestamp-query'].filter((name) => features.includes(name)).join(', ') ||
      'none',
    seconds: Math.round(ops.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000),
  };
}

/** Product and version of a user agent, as in `Firefox 153.0`. */
function browserName(userAgent: string): string {
  const product = /(Firefox|Edg|Chrome|Version)\/([\d.]+)/.exec(userAgent);
  return product ? `${product[1] === 'Version' ? 'Safari' : product[1]} ${product[2]}` : userAgent;
}

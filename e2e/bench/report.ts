/** The results as text: a line while it runs, tables at the end. */
import type { Ceiling } from './ceiling';
import type { KernelRow, Row } from './results';
import { stepFlops, WARM_UP, workloads } from './workloads';

/** Why there is no measurement. */
const remark = (outcome: { unsupported: string } | { failed: string }): string =>
  'failed' in outcome ? `failed: ${outcome.failed}` : `not possible: ${outcome.unsupported}`;

/** One row in a line, for those who wait. */
export function summary({ workload, library, outcome }: Row): string {
  const what = `${workload} on ${library}:`;
  if (!('measured' in outcome)) return `${what} ${remark(outcome)}`;
  const { fenced, pipelined } = outcome.measured;
  return `${what} ${milliseconds(fenced.median)} ms fenced, ${milliseconds(pipelined.median)} ms pipelined`;
}

const HEADER = [
  'workload',
  'library',
  'fenced ms',
  'pipelined ms',
  'dispatches',
  'submits',
  'passes',
  'buffers',
  'bind groups',
  'JS ms',
  'peak MB',
  'GFLOP/s',
  'first step s',
  'loss before, after 10, at the end',
];

const KERNEL_HEADER = ['kernel', 'case', 'library', 'ms', 'GFLOP/s', 'of ceiling', 'GB/s', 'of ceiling'];

/** The training workloads. */
export const table = (rows: readonly Row[], ceiling: Ceiling): string =>
  align([HEADER, ...rows.map((row) => cells(row, ceiling))], 2);

/** The kernels alone. */
export const kernelTable = (rows: readonly KernelRow[], ceiling: Ceiling): string =>
  align([KERNEL_HEADER, ...rows.map((row) => kernelCells(row, ceiling))], 3);

/** Columns below each other: `names` of them to the left, numbers to the right. Lines with a remark are shorter. */
function align(lines: readonly string[][], names: number): string {
  const complete = lines.filter((line) => line.length === lines[0].length);
  const widths = lines[0].map((_, i) =>
    Math.max(...(i < names ? lines : complete).map((line) => line[i].length)),
  );
  const pad = (cell: string, i: number) => (i < names ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return lines.map((line) => line.map(pad).join('  ')).join('\n');
}

function cells({ workload, library, outcome, right }: Row, ceiling: Ceiling): string[] {
  const names = [workload, library];
  if (!('measured' in outcome)) return [...names, remark(outcome)];
  const { fenced, pipelined, perStep, losses, peakBytes, firstStep, script } = outcome.measured;
  const { dispatches, submits, passes, buffers, bindGroups } = perStep;
  const counts = [dispatches, submits, passes, buffers, bindGroups].map((n) =>
    String(Math.round(10 * n) / 10),
  );
  const gflops = stepFlops(workloads.find(({ name }) => name === workload)!) / pipelined.median / 1e6;
  const early = losses.find(([updates]) => updates === WARM_UP);
  const shown = [losses[0], early!, losses.at(-1)!].map(([, loss]) => loss.toFixed(5)).join(' ');
  return [
    ...names,
    milliseconds(fenced.median),
    milliseconds(pipelined.median),
    ...counts,
    script === undefined ? '-' : milliseconds(script),
    (peakBytes / 1e6).toFixed(2),
    `${gflops.toFixed(2)} (${share(gflops, ceiling.gflops)})`,
    (firstStep / 1000).toFixed(2),
    right ? shown : `${shown} WRONG`,
  ];
}

function kernelCells({ family, label, library, outcome, right }: KernelRow, ceiling: Ceiling): string[] {
  const names = [family, label, right === false ? `${library} WRONG` : library];
  if (!('measured' in outcome)) return [...names, remark(outcome)];
  const { times, gflops, gigabytes } = outcome.measured;
  return [
    ...names,
    milliseconds(times.median),
    gflops.toFixed(2),
    share(gflops, ceiling.gflops),
    gigabytes.toFixed(2),
    share(gigabytes, ceiling.gigabytes),
  ];
}

const share = (value: number, most: number): string => `${Math.round((100 * value) / most)} %`;

/** One kernel row in a line. */
export function kernelSummary({ family, label, library, outcome }: KernelRow): string {
  const what = `${family} ${label} on ${library}:`;
  if (!('measured' in outcome)) return `${what} ${remark(outcome)}`;
  const { times, gflops, gigabytes } = outcome.measured;
  return `${what} ${milliseconds(times.median)} ms, ${gflops.toFixed(2)} GFLOP/s, ${gigabytes.toFixed(2)} GB/s`;
}

/** Three figures. */
const milliseconds = (value: number): string =>
  value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(1e-3, value)))));

/** The results as a table. */
import type { Outcome } from './hosts';
import type { Losses } from './measure';
import { agrees, middle } from './statistics';

/** One line of the report. */
export interface Row {
  workload: string;
  library: string;
  outcome: Outcome;
  /** Whether its losses are those of the other libraries; absent without a measurement. */
  right?: boolean;
}

/** Marks the rows whose losses are not those that most libraries have; all rows are of one workload. */
export function judge(rows: readonly Row[]): Row[] {
  const measured = rows.flatMap(({ outcome }) => ('measured' in outcome ? [outcome.measured.losses] : []));
  const points = ['before', 'early', 'end'] as const;
  const expected = points.map((point) => middle(measured.map((losses) => losses[point])));
  const right = (losses: Losses) => points.every((point, i) => agrees(losses[point], expected[i]));
  return rows.map((row) =>
    'measured' in row.outcome ? { ...row, right: right(row.outcome.measured.losses) } : row,
  );
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
  'first step s',
  'loss before, after 10, at the end',
];

/** Rows of text with aligned columns. */
export function table(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  // Names are aligned to the left, numbers to the right.
  const align = (cell: string, i: number) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return lines.map((line) => (line.length < 4 ? line.join('  ') : line.map(align).join('  '))).join('\n');
}

function cells({ workload, library, outcome, right }: Row): string[] {
  const names = [workload, library];
  if ('unsupported' in outcome) return [...names, `not possible: ${outcome.unsupported}`];
  if ('failed' in outcome) return [...names, `failed: ${outcome.failed}`];
  const { fenced, pipelined, perStep, losses, peakBytes, firstStep, script } = outcome.measured;
  const { dispatches, submits, passes, buffers, bindGroups } = perStep;
  const counts = [dispatches, submits, passes, buffers, bindGroups].map((n) =>
    String(Math.round(10 * n) / 10),
  );
  const shown = [losses.before, losses.early, losses.end].map((loss) => loss.toFixed(5)).join(' ');
  return [
    ...names,
    milliseconds(fenced.median),
    milliseconds(pipelined.median),
    ...counts,
    script === undefined ? '-' : milliseconds(script),
    (peakBytes / 1e6).toFixed(2),
    (firstStep / 1000).toFixed(2),
    right ? shown : `${shown} WRONG`,
  ];
}

/** Three figures. */
const milliseconds = (value: number): string =>
  value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(1e-3, value)))));

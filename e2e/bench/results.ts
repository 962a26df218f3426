/** All rows of a benchmark, also of one that ran in parts: who measures again replaces rows of the file. */
import { existsSync, readFileSync } from 'node:fs';
import type { Ceiling } from './ceiling';
import type { Outcome } from './hosts';
import { kernelFamilies } from './kernels';
import type { KernelOutcome } from './measure-kernel';
import { agrees, middle } from './statistics';
import { workloads } from './workloads';

/** One training workload on one library. */
export interface Row {
  workload: string;
  library: string;
  outcome: Outcome;
  /** Whether its losses are those of the other libraries. */
  right?: boolean;
}

/** One kernel case on one library. */
export interface KernelRow {
  family: string;
  label: string;
  library: string;
  outcome: KernelOutcome;
  /** Whether its results have the magnitudes of the other libraries'. */
  right?: boolean;
}

interface Stored {
  adapter: string;
  rows: Row[];
  kernels: KernelRow[];
}

/** Results of an earlier part, if there are any. */
export const readResults = (file: string): Stored | undefined =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

export class Results {
  rows: Row[] = [];
  kernels: KernelRow[] = [];

  /** @param earlier is taken over when it is of the same adapter */
  constructor(
    private readonly adapter: string,
    private readonly ceiling: Ceiling,
    earlier?: Stored,
  ) {
    if (earlier?.adapter !== adapter) return;
    this.rows = earlier.rows;
    this.kernels = earlier.kernels;
  }

  add(row: Row): void {
    const others = this.rows.filter((old) => old.workload !== row.workload || old.library !== row.library);
    const order = workloads.map(({ name }) => name);
    this.rows = judge([...others, row].sort((a, b) => order.indexOf(a.workload) - order.indexOf(b.workload)));
  }

  addKernel(row: KernelRow): void {
    const key = ({ family, label, library }: KernelRow) => `${family} ${label} ${library}`;
    const others = this.kernels.filter((old) => key(old) !== key(row));
    const order = kernelFamilies.map(({ name }) => name);
    this.kernels = judgeKernels(
      [...others, row].sort((a, b) => order.indexOf(a.family) - order.indexOf(b.family)),
    );
  }

  toJSON(): string {
    const { adapter, ceiling, rows, kernels } = this;
    return `${JSON.stringify({ adapter, ceiling, date: new Date().toISOString(), rows, kernels }, null, 1)}\n`;
  }
}

/** Marks the rows whose losses are not those that most libraries have after as many updates of that workload. */
export function judge(rows: readonly Row[]): Row[] {
  return compare(rows, ({ workload, outcome }) =>
    'measured' in outcome
      ? outcome.measured.losses.map(([updates, loss]) => [`${workload} ${updates}`, loss])
      : [],
  );
}

/** Marks the rows whose results do not have the magnitudes that most libraries find for the case. */
export function judgeKernels(rows: readonly KernelRow[]): KernelRow[] {
  return compare(rows, ({ family, label, outcome }) =>
    'measured' in outcome
      ? outcome.measured.magnitudes.map((magnitude, i) => [`${family} ${label} ${i}`, magnitude])
      : [],
  );
}

/** A row is right when each of its values agrees with the middle one of all rows under that key. */
function compare<R>(rows: readonly R[], valuesOf: (row: R) => [key: string, value: number][]): R[] {
  const seen = new Map<string, number[]>();
  for (const [key, value] of rows.flatMap(valuesOf)) seen.set(key, [...(seen.get(key) ?? []), value]);
  return rows.map((row) => ({
    ...row,
    right: valuesOf(row).every(([key, value]) => agrees(value, middle(seen.get(key)!))),
  }));
}

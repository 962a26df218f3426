/** The history of a training as text. */
import type { EpochInfo, History } from '../types';

/** The numbers of an epoch, those of `validationMetrics` by their own names. */
const rowOf = ({ validationMetrics, ...info }: EpochInfo): Record<string, number> =>
  ({
    ...(info as unknown as Record<string, number>),
    ...Object.fromEntries(
      Object.entries(validationMetrics ?? {}).filter(([, value]) => typeof value === 'number'),
    ),
  }) as Record<string, number>;

/** A line per epoch, with a header of all names that any epoch has; what an epoch does not have is empty. */
export function historyCsv({ epochs }: Pick<History, 'epochs'>): string {
  const rows = epochs.map(rowOf);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((name) => row[name] ?? '').join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

/** A JSON object per epoch and line; NaN and infinities are texts. */
export const historyJsonl = ({ epochs }: Pick<History, 'epochs'>): string =>
  epochs.map((info) => `${JSON.stringify(info, plain)}\n`).join('');

/** JSON has no NaN and no infinities: these are texts. */
export const plain = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

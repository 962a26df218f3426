/** Logs of the epochs of a training: CSV, JSON lines, one line of progress. */
import type { Callback, EpochInfo, FitControl } from '../types';

export interface LogOptions {
  /** Takes the text of an epoch, with its line end; may return a promise. */
  write(text: string): unknown;
}

type Row = Record<string, number>;

/** Metrics of an epoch, with the learning rate after it. */
const rowOf = (info: EpochInfo, { trainer }: FitControl): Row => ({
  ...(info as unknown as Row),
  learningRate: trainer.learningRate,
});

/** The epochs as CSV, the header first. Metrics that the first epoch did not have are left out. */
export function csvLog({ write }: LogOptions): Callback {
  let columns: string[] | undefined;
  return {
    async onEpochEnd(info, control) {
      const row = rowOf(info, control);
      if (!columns) {
        columns = Object.keys(row);
        await write(`${columns.join(',')}\n`);
      }
      await write(`${columns.map((name) => row[name] ?? '').join(',')}\n`);
    },
  };
}

/** The epochs as JSON lines; NaN and infinities are texts. */
export function jsonLog({ write }: LogOptions): Callback {
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return {
    onEpochEnd: (info, control) => write(`${JSON.stringify(rowOf(info, control), plain)}\n`),
  };
}

/** A line per epoch for people: `epoch 2/10  loss 0.1234  accuracy 0.9500`. */
export function progress({ write }: LogOptions = { write: (text) => console.log(text.trimEnd()) }): Callback {
  return {
    onEpochEnd(info, control) {
      const { epoch, seconds, ...metrics } = rowOf(info, control);
      const parts = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`);
      return write(`epoch ${epoch + 1}/${control.epochs}  ${parts.join('  ')}  ${seconds.toFixed(1)} s\n`);
    },
  };
}

/** Logs of the epochs of a training: CSV, JSON lines, one line of progress. */
import { checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import type { Callback, EpochInfo, FitControl, StepInfo } from '../types';
import { plain } from './history-text';

export interface LogOptions {
  /** Takes the text of an epoch, with its line end; may return a promise. */
  write(text: string): unknown;
}

/** Error `argument` for other options, and without a function that writes. */
function writerOf(op: string, options: LogOptions): LogOptions['write'] {
  checkOptions(op, options ?? null, ['write']);
  if (typeof options.write === 'function') return (text) => options.write(text);
  const got = showValue(options.write);
  throw new GradloomError({ code: 'argument', op, argument: 'write', got, expected: 'a function of a text' });
}

type Row = Record<string, number>;

/** Metrics of an epoch, with the learning rate after it. */
const rowOf = (info: EpochInfo, { trainer }: FitControl): Row => ({
  ...(info as unknown as Row),
  learningRate: trainer.learningRate,
});

/** The epochs as CSV, the header first. Metrics that the first epoch did not have are left out. */
export function csvLog(options: LogOptions): Callback {
  const write = writerOf('csvLog', options);
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
export function jsonLog(options: LogOptions): Callback {
  const write = writerOf('jsonLog', options);
  return {
    onEpochEnd: (info, control) => write(`${JSON.stringify(rowOf(info, control), plain)}\n`),
  };
}

/** The learning rate of every step, as lightning's LearningRateMonitor: in `rates`, and to `write` where it is given. */
export function learningRateLog(options: Partial<LogOptions> = {}): Callback & { readonly rates: number[] } {
  checkOptions('learningRateLog', options, ['write']);
  const { write } = options;
  const rates: number[] = [];
  return {
    rates,
    onStep({ step, learningRate }: StepInfo) {
      rates[step] = learningRate;
      return write?.(`${step},${learningRate}\n`);
    },
  };
}

/** A line per epoch for people: `epoch 2/10  loss 0.1234  accuracy 0.9500`. */
export function progress(options: LogOptions = { write: (text) => console.log(text.trimEnd()) }): Callback {
  const write = writerOf('progress', options);
  return {
    onEpochEnd(info, control) {
      const { epoch, seconds, ...metrics } = rowOf(info, control);
      const parts = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`);
      return write(`epoch ${epoch + 1}/${control.epochs}  ${parts.join('  ')}  ${seconds.toFixed(1)} s\n`);
    },
  };
}

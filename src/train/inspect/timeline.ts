/** Times of kernels as a Chrome trace. Format: Trace Event Format, complete events ("ph": "X"), in microseconds. */
import type { KernelTime } from '../../gpu/timestamps';

export interface ChromeTrace {
  traceEvents: {
    name: string;
    cat: string;
    ph: 'X';
    /** Microseconds from the first kernel. */
    ts: number;
    dur: number;
    pid: number;
    tid: number;
    args: { dispatch: number };
  }[];
  displayTimeUnit: 'ms';
}

export const chromeTrace = (times: readonly KernelTime[]): ChromeTrace => ({
  traceEvents: times.map(({ label, start, milliseconds }, dispatch) => ({
    name: label,
    cat: 'kernel',
    ph: 'X',
    ts: 1000 * start,
    dur: 1000 * milliseconds,
    pid: 1,
    tid: 1,
    args: { dispatch },
  })),
  displayTimeUnit: 'ms',
});

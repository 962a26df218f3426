/** Starts the measurement that the address names; the host goes on with `window.bench`. */
import { Bench } from './measure';
import { workloads } from './workloads';

declare global {
  interface Window {
    bench: Bench;
    started: ReturnType<Bench['start']>;
  }
}

const query = new URL(location.href).searchParams;
window.bench = new Bench();
window.started = window.bench.start(
  query.get('library')!,
  workloads.find(({ name }) => name === query.get('workload'))!,
);
// The host awaits the same promise and reports what went wrong.
window.started.catch(() => {});

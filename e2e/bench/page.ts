/** Starts the measurement that the address names; the host goes on with `window.bench`, or measures kernels. */
import { measureCeiling } from './ceiling';
import type { KernelCase } from './kernels';
import { libraries } from './libraries';
import { Bench } from './measure';
import { type KernelOutcome, measureKernel } from './measure-kernel';
import { workloads } from './workloads';

declare global {
  interface Window {
    bench: Bench;
    started?: ReturnType<Bench['start']>;
    measureKernel(library: string, made: KernelCase, rounds: number): Promise<KernelOutcome>;
    measureCeiling: typeof measureCeiling;
  }
}

const query = new URL(location.href).searchParams;
const workload = workloads.find(({ name }) => name === query.get('workload'));
window.bench = new Bench();
window.measureCeiling = measureCeiling;
window.measureKernel = (library, made, rounds) => measureKernel(libraries[library], made, rounds);
if (workload) {
  window.started = window.bench.start(libraries[query.get('library')!], workload);
  // The host awaits the same promise and reports what went wrong.
  window.started.catch(() => {});
}

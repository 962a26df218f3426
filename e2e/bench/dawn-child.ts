/** The process of one measurement with Dawn: takes a `DawnJob` as JSON and answers one line. */
import { createServer } from 'vite';
import { create, globals } from 'webgpu';
import { projectRoot } from '../../src/cli/setup.mjs';
import { wgslKernels } from '../../src/kernels/plugin';
import { ANSWER, type DawnAnswer, type DawnJob } from './host-dawn';
import { measurePhases, type Outcome } from './hosts';
import type { Library } from './libraries';
import type { Workload } from './workloads';

const job: DawnJob = JSON.parse(process.argv[2]);

const gpu = create([]);
Object.assign(globalThis, globals);
// Libraries look for WebGPU where browsers have it.
Object.defineProperty(globalThis, 'navigator', { value: { gpu, hardwareConcurrency: 1, userAgent: 'node' } });

const server = await createServer({
  root: projectRoot,
  configFile: false,
  logLevel: 'error',
  plugins: [wgslKernels(projectRoot)],
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const load = (path: string) => server.ssrLoadModule(`/e2e/bench/${path}`);
const answer: DawnAnswer<unknown> = { outcome: { failed: 'not started' } };
try {
  const info = (await gpu.requestAdapter())?.info;
  answer.adapter = [info?.vendor, info?.architecture, info?.device, info?.description]
    .filter(Boolean)
    .join(' ');
  answer.outcome = await run();
} catch (error) {
  answer.outcome = { failed: String(error instanceof Error ? error.message : error).split('\n')[0] };
}
process.stdout.write(`${ANSWER}${JSON.stringify(answer)}\n`, () => process.exit(0));

async function run(): Promise<unknown> {
  const { libraries } = (await load('libraries/index.ts')) as typeof import('./libraries');
  if ('made' in job) {
    const { measureKernel } = (await load('measure-kernel.ts')) as typeof import('./measure-kernel');
    return measureKernel(libraries[job.library], job.made, job.rounds);
  }
  if ('workload' in job) return train(libraries[job.library], job.workload);
  const { measureCeiling } = (await load('ceiling.ts')) as typeof import('./ceiling');
  return measureCeiling();
}

async function train(library: Library, workload: Workload): Promise<Outcome> {
  const { Bench } = (await load('measure.ts')) as typeof import('./measure');
  // The sources are transformed while they load, which is no part of a first step.
  await library.load();
  const from = performance.now();
  const bench = new Bench();
  const started = await bench.start(library, workload);
  if ('unsupported' in started) return started;
  return { measured: await measurePhases(bench.phases, workload, started.ended - from) };
}

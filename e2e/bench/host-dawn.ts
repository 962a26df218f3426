/** Measures in Node with Dawn, in a fresh process for each library and workload. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findLavapipeIcd, findSwiftshaderIcd } from '../../src/cli/browser.mjs';
import { projectRoot } from '../../src/cli/setup.mjs';
import type { Ceiling } from './ceiling';
import { type Host, LIMIT_MS, type Outcome } from './hosts';
import type { KernelCase } from './kernels';
import type { KernelOutcome } from './measure-kernel';
import type { Workload } from './workloads';

/** What the answer begins with in the output of the process. */
export const ANSWER = 'measured: ';

/**
 * Dawn takes lavapipe or the SwiftShader of the browser, where they are found. GRADLOOM_ICD names another driver
 * description; with it empty Dawn takes what the machine has, a graphics card before all.
 */
export function dawnHost(): Host {
  const lavapipe = findLavapipeIcd();
  const icd = process.env.GRADLOOM_ICD ?? (lavapipe?.usableByDawn ? lavapipe.path : findSwiftshaderIcd());
  const env =
    process.env.GRADLOOM_ICD === '' || !icd ? process.env : { ...process.env, VK_ICD_FILENAMES: icd };
  let adapter = 'Dawn';
  const run = async <R>(job: DawnJob): Promise<R | { failed: string } | { unsupported: string }> => {
    if (job.library?.startsWith('tfjs'))
      return { unsupported: 'TensorFlow.js on WebGPU starts in browsers only' };
    const answer = await runChild<R>(env, job);
    if (answer.adapter) adapter = `${answer.adapter}, Dawn in Node ${process.version}`;
    return answer.outcome;
  };
  return {
    get adapter() {
      return adapter;
    },
    measure: (library, workload) => run<Outcome>({ library, workload }),
    measureKernel: (library, made, rounds) => run<KernelOutcome>({ library, made, rounds }),
    async ceiling() {
      const found = await run<Ceiling>({});
      if ('gflops' in found) return found;
      throw new Error('failed' in found ? found.failed : found.unsupported);
    },
    async close() {},
  };
}

/** A training workload, a kernel case, or (empty) the ceiling. */
export type DawnJob =
  | { library: string; workload: Workload }
  | { library: string; made: KernelCase; rounds: number }
  | Record<string, never>;

/** What a child answers. */
export interface DawnAnswer<R> {
  adapter?: string;
  outcome: R | { failed: string };
}

function runChild<R>(env: NodeJS.ProcessEnv, job: DawnJob) {
  return new Promise<DawnAnswer<R>>((resolve) => {
    const script = join(projectRoot, 'e2e/bench/dawn-child.ts');
    const args = ['--import', 'tsx', script, JSON.stringify(job)];
    const child = spawn(process.execPath, args, {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('close', (_, signal) => {
      const line = output.split('\n').find((line) => line.startsWith(ANSWER));
      const reason = signal ? `took more than ${LIMIT_MS / 1000} s` : errors.trim().split('\n').at(-1)!;
      resolve(line ? JSON.parse(line.slice(ANSWER.length)) : { outcome: { failed: reason } });
    });
  });
}

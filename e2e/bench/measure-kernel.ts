/** Measures one kernel case on one library. */
import { type KernelCase, kernelWork } from './kernels';
import type { Library } from './libraries';
import { Unsupported } from './libraries/session';
import { type Summary, summarize } from './statistics';

export interface KernelMeasurement {
  /** Milliseconds of one run, out of rounds of many. */
  times: Summary;
  gflops: number;
  gigabytes: number;
  /** Mean magnitudes of the results of the first run, for comparison with those of other libraries. */
  magnitudes: number[];
}

export type KernelOutcome = { measured: KernelMeasurement } | { unsupported: string } | { failed: string };

/** A round has as many runs as take this long, and at most so many. */
const ROUND_MS = 100;
const MOST_RUNS = 200;

/** @param rounds how many rounds are timed */
export async function measureKernel(
  { backend, loadKernels }: Library,
  made: KernelCase,
  rounds: number,
): Promise<KernelOutcome> {
  if (!loadKernels) return { unsupported: 'its kernels are those of tfjs-core' };
  try {
    const { prepareKernel } = await loadKernels();
    const session = await prepareKernel(made, backend);
    await session.run(1);
    const magnitudes = (await session.results()).map(meanMagnitude);
    const time = async (count: number) => {
      const from = performance.now();
      await session.run(count);
      return (performance.now() - from) / count;
    };
    const once = Math.min(await time(1), await time(4));
    const count = Math.max(1, Math.min(MOST_RUNS, Math.round(ROUND_MS / once)));
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push(await time(count));
    await session.dispose();
    const summary = summarize(times);
    const { flops, bytes } = kernelWork(made);
    const perSecond = (work: number) => work / summary.median / 1e6;
    return {
      measured: { times: summary, gflops: perSecond(flops), gigabytes: perSecond(bytes), magnitudes },
    };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    return { failed: String(error instanceof Error ? error.message : error).split('\n')[0] };
  }
}

function meanMagnitude(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length;
}

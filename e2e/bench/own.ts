/** The benchmark of the library alone, in a page that is already there: what `window.harness.bench` runs. */
import { GradloomError } from '../../src/errors';
import { measurePhases } from './hosts';
import { kernelFamilies, kernelLabel } from './kernels';
import { Bench, type Measurement } from './measure';
import { type KernelMeasurement, measureKernel } from './measure-kernel';
import { workloads } from './workloads';

const gradloom = {
  backend: 'webgpu',
  load: () => import('./libraries/gradloom'),
  loadKernels: () => import('./libraries/gradloom-kernels'),
} as const;

export interface BenchRequest {
  /** Names of workloads (`mlp`, `lenet`, ...) and kernel families (`gemm`, ...); all but the large ones if absent. */
  cases?: string[];
}

export interface BenchResults {
  workloads: ({ case: string } & Measurement)[];
  kernels: ({ case: string } & KernelMeasurement)[];
}

/** @throws GradloomError `argument` for names that do not exist. */
export async function benchOwn({ cases }: BenchRequest = {}): Promise<BenchResults> {
  const known = [...workloads, ...kernelFamilies].map(({ name }) => name);
  const unknown = cases?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new GradloomError({
      code: 'argument',
      op: 'bench',
      argument: 'cases',
      got: JSON.stringify(unknown),
      expected: `names out of ${known.join(', ')}`,
    });
  }
  const isChosen = ({ name, large }: { name: string; large?: boolean }) => cases?.includes(name) ?? !large;
  const results: BenchResults = { workloads: [], kernels: [] };
  for (const workload of workloads.filter(isChosen)) {
    const bench = new Bench();
    const from = performance.now();
    const started = await bench.start(gradloom, workload);
    if ('unsupported' in started) continue;
    results.workloads.push({
      case: workload.name,
      ...(await measurePhases(bench.phases, workload, started.ended - from)),
    });
  }
  for (const { name, cases: made } of kernelFamilies.filter(isChosen)) {
    for (const kernel of made) {
      const outcome = await measureKernel(gradloom, kernel, 5);
      if ('failed' in outcome)
        throw new GradloomError({ code: 'internal', op: `bench ${name}`, got: outcome.failed });
      if ('measured' in outcome) {
        results.kernels.push({ case: `${name} ${kernelLabel(kernel)}`, ...outcome.measured });
      }
    }
  }
  return results;
}

/** The benchmark's command line. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type KernelFamily, kernelFamilies } from './kernels';
import { libraries } from './libraries';
import { type Workload, workloads } from './workloads';

export interface BenchOptions {
  host: 'browser' | 'dawn';
  workloads: Workload[];
  kernels: KernelFamily[];
  /** Rounds that are timed of each kernel case. */
  rounds: number;
  libraries: string[];
  json?: string;
  svg?: string;
}

/** Comma-separated names out of those that exist. */
const list = (known: readonly string[]) => (text: string) => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new InvalidArgumentError(`There is no ${unknown}; there are ${known.join(', ')}.`);
  return names;
};

/** @throws CommanderError for wrong options, after telling the user. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const libraryNames = Object.keys(libraries);
  const workloadNames = [...workloads, ...kernelFamilies].map(({ name }) => name);
  const given = new Command('bench')
    .description('Measures training steps of Gradloom beside other libraries for the browser, on one adapter')
    .addOption(new Option('--host <host>', 'where it runs').choices(['browser', 'dawn']).default('browser'))
    .option('--workloads <names>', `of ${workloadNames.join(', ')}`, list(workloadNames))
    .option('--libraries <names>', `of ${libraryNames.join(', ')}`, list(libraryNames), libraryNames)
    .option('--quick', 'fewer steps: figures are rougher')
    .option('--json <file>', 'writes all figures')
    .option('--svg <file>', 'writes the chart')
    .parse(argv, { from: 'user' })
    .opts<
      Pick<BenchOptions, 'host' | 'libraries' | 'json' | 'svg'> & { quick?: true; workloads?: string[] }
    >();
  const isChosen = ({ name, large }: { name: string; large?: boolean }) =>
    given.workloads?.includes(name) ?? !large;
  const chosen = workloads.filter(isChosen);
  const kernels = kernelFamilies.filter(isChosen);
  const quick = ({ steps, ...workload }: Workload): Workload => ({
    ...workload,
    steps: { fenced: Math.min(5, steps.fenced), rounds: 1 },
  });
  return given.quick
    ? { ...given, workloads: chosen.map(quick), kernels, rounds: 3 }
    : { ...given, workloads: chosen, kernels, rounds: 7 };
}

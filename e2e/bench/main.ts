/** `npm run bench`: measures the libraries one after the other on one adapter and reports. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/cli/setup.mjs';
import { chart } from './chart';
import { browserHost, peersInstalled } from './host-browser';
import { dawnHost } from './host-dawn';
import { kernelLabel } from './kernels';
import { parseOptions } from './options';
import { kernelSummary, kernelTable, summary, table } from './report';
import { Results, readResults } from './results';

const options = parseOptions(process.argv.slice(2));
if (options.libraries.some((name) => name !== 'gradloom') && !peersInstalled()) installPeers();
const host = options.host === 'dawn' ? dawnHost() : await browserHost();
try {
  const ceiling = await host.ceiling();
  const results = new Results(host.adapter, ceiling, options.json ? readResults(options.json) : undefined);
  // Rows are told and written at once: a run may take long.
  const save = () => options.json && writeFileSync(options.json, results.toJSON());
  for (const workload of options.workloads) {
    for (const library of options.libraries) {
      const row = { workload: workload.name, library, outcome: await host.measure(library, workload) };
      results.add(row);
      tell(summary(row));
      save();
    }
  }
  for (const { name, cases } of options.kernels) {
    for (const made of cases) {
      for (const library of options.libraries) {
        const outcome = await host.measureKernel(library, made, options.rounds);
        const row = { family: name, label: kernelLabel(made), library, outcome };
        results.addKernel(row);
        tell(kernelSummary(row));
        save();
      }
    }
  }
  const { rows, kernels } = results;
  process.stdout.write(`${host.adapter}\n`);
  process.stdout.write(
    `ceiling: ${ceiling.gflops.toFixed(1)} GFLOP/s in registers, ${ceiling.gigabytes.toFixed(1)} GB/s copying\n`,
  );
  if (rows.length > 0) process.stdout.write(`\n${table(rows, ceiling)}\n`);
  if (kernels.length > 0) process.stdout.write(`\n${kernelTable(kernels, ceiling)}\n`);
  if (options.svg) writeFileSync(options.svg, chart(rows, host.adapter));
} finally {
  await host.close();
}

/** Progress goes to stderr: stdout has the tables alone. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The libraries to compare with, in a folder of their own: the project does not depend on them. */
function installPeers(): void {
  tell('Installing the libraries to compare with (npm ci in e2e/bench)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: join(projectRoot, 'e2e/bench'),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed in e2e/bench');
}

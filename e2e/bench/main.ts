/** `npm run bench`: measures the libraries one after the other on one adapter and reports. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/setup.mjs';
import { browserHost, peersInstalled } from './host-browser';
import { parseOptions } from './options';
import { judge, type Row, table } from './report';

const options = parseOptions(process.argv.slice(2));
if (options.libraries.some((name) => name !== 'gradloom') && !peersInstalled()) installPeers();
const host = await browserHost();
const rows: Row[] = [];
try {
  for (const workload of options.workloads) {
    const ofWorkload: Row[] = [];
    for (const library of options.libraries) {
      process.stderr.write(`${workload.name} on ${library} ...\n`);
      ofWorkload.push({ workload: workload.name, library, outcome: await host.measure(library, workload) });
    }
    rows.push(...judge(ofWorkload));
  }
} finally {
  await host.close();
}
process.stdout.write(`${host.adapter}\n${table(rows)}\n`);
if (options.json) {
  const { adapter } = host;
  await writeFile(
    options.json,
    `${JSON.stringify({ adapter, date: new Date().toISOString(), rows }, null, 1)}\n`,
  );
}

/** The libraries to compare with, in a folder of their own: the project does not depend on them. */
function installPeers(): void {
  process.stderr.write('Installing the libraries to compare with (npm ci in e2e/bench)\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: join(projectRoot, 'e2e/bench'),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed in e2e/bench');
}

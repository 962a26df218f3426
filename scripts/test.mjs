// `npm test`: makes a fresh clone ready, says at once when the browser has no WebGPU adapter (without one every
// GPU test would fail with the same message), and then runs all checks. Arguments go on to `npm run check`.

import { spawnSync } from 'node:child_process';
import { ensurePackages, orExit, projectRoot } from '../src/cli/setup.mjs';

orExit(ensurePackages);

// The tests of the browser run on SwiftShader: the same everywhere, and there at once.
const env = { GRADLOOM_ADAPTER: 'swiftshader', ...process.env };
const info = spawnSync(process.execPath, ['bin/gradloom.mjs', 'info'], {
  cwd: projectRoot,
  env,
  stdio: 'inherit',
});
if (info.status !== 0) process.exit(info.status ?? 1);

const { status } = spawnSync('npm', ['run', 'check', ...process.argv.slice(2)], {
  cwd: projectRoot,
  env,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);

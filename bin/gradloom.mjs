#!/usr/bin/env node
// The `gradloom` program, from any folder. The package has it built; in a checkout this installs what a fresh clone
// lacks and then hands over to src/cli/main.ts, which tsx compiles as it is loaded.

import { existsSync } from 'node:fs';

if (existsSync(new URL('../src/cli/main.ts', import.meta.url))) {
  const { ensurePackages, orExit } = await import('../src/cli/setup.mjs');
  orExit(ensurePackages);
  const { register } = await import('tsx/esm/api');
  register({ tsconfig: false });
  const { main } = await import('../src/cli/main.ts');
  await main(process.argv.slice(2));
} else {
  const { main } = await import('../dist/cli/main.js');
  await main(process.argv.slice(2));
}

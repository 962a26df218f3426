#!/usr/bin/env node
// The `gradloom` program, from any folder: installs what a fresh clone lacks and then hands over to
// src/cli/main.ts, which tsx compiles as it is loaded.

import { ensurePackages, orExit } from '../scripts/setup.mjs';

orExit(ensurePackages);

const { register } = await import('tsx/esm/api');
register({ tsconfig: false });
const { main } = await import('../src/cli/main.ts');
await main(process.argv.slice(2));

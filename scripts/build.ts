/** `npm run build`: makes `dist/`, which is what the package ships. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCommandLine, buildModules, buildStaticFile, ENTRIES } from './package/javascript';
import { buildTypes } from './package/types';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const outDir = `${root}/dist`;
rmSync(outDir, { recursive: true, force: true });
await buildModules(root, outDir);
await buildStaticFile(root, outDir);
await buildCommandLine(root, outDir);
await buildTypes(root, outDir, Object.values(ENTRIES));

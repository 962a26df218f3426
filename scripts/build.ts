/** `npm run build`: makes `dist/`, which is what the package ships. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shaderModules } from '../src/kernels/plugin';
import {
  buildCommandLine,
  buildPlayground,
  buildPlaygroundFile,
  buildReact,
  buildStaticFile,
  ENTRIES,
  PLAYGROUND_ENTRY,
  REACT_ENTRY,
} from './package/bundles';
import { buildCore } from './package/core';
import { buildModules } from './package/modules';
import { writePages } from './package/sizes';
import { buildTypes } from './package/types';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const outDir = `${root}/dist`;
rmSync(outDir, { recursive: true, force: true });
await buildModules(root, outDir, Object.values(ENTRIES), shaderModules(root, true));
await buildCore(outDir);
const inOneFile = `${outDir}/in-one-file`;
await buildModules(root, inOneFile, Object.values(ENTRIES), shaderModules(root, false));
await buildStaticFile(root, inOneFile, outDir);
await buildPlaygroundFile(root, outDir, inOneFile);
rmSync(inOneFile, { recursive: true });
await buildPlayground(root, outDir);
await buildReact(root, outDir);
await buildCommandLine(root, outDir);
await buildTypes(root, outDir, [...Object.values(ENTRIES), PLAYGROUND_ENTRY, REACT_ENTRY]);
for (const line of await writePages(root)) console.log(line);

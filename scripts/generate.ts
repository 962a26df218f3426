/**
 * `npm run generate [-- --check]`: brings the generated files up to date, or with --check fails when they are not.
 * Without --all only the kernel types, which is what one needs again and again while writing shaders.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constantsFile, generateConstants, generateTypes, typesFile } from '../src/kernels/plugin';
import { PARTS } from '../src/ops/stored-check';
import { generateModelReference } from './model-reference';
import { generateOpModules } from './op-modules';
import { generateOpReference } from './op-reference';
import { generateSelfCheck, listSelfChecks } from './self-check-values';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const check = process.argv.includes('--check');
const files: [string, () => string | Promise<string>][] = [
  [constantsFile(root), () => generateConstants(root)],
  [typesFile(root), () => generateTypes(root)],
];
let selfChecks: Promise<string[]> | undefined;
if (process.argv.includes('--all')) {
  files.push(
    [join(root, 'src/ops/self-checks/parts.generated.ts'), listSelfChecks],
    ...Array.from({ length: PARTS }, (_, part): (typeof files)[number] => [
      join(root, `src/ops/self-checks/${part}.generated.json`),
      async () => (await (selfChecks ??= generateSelfCheck(root)))[part],
    ]),
    [join(root, 'src/nn/op-modules.generated.ts'), () => generateOpModules(root)],
    [join(root, 'docs/ops.md'), () => generateOpReference(root)],
    [join(root, 'docs/models.md'), () => generateModelReference(root)],
  );
}
for (const [path, make] of files) {
  try {
    const text = await make();
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    if (!check) writeFileSync(path, text);
    else fail(`${path} is not current: run \`npm run generate\` and commit it`);
  } catch (error) {
    fail(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

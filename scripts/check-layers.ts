/**
 * Fails when an import inside src/ points up in the layers of docs/architecture.md, when files import each other in a
 * circle (type-only imports count), or when src/ imports from scripts/ or e2e/.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the bottom up; folders in one row may not import each other unless listed in `WITHIN`. */
const LAYERS: string[][] = [
  ['errors.ts', 'glob.ts', 'version.ts', 'schema'],
  ['checks.ts', 'crc32.ts', 'inflate.ts', 'numbers.ts'],
  ['random.ts'],
  ['synthetic.ts'],
  ['gpu', 'kernels'],
  ['graph/ir'],
  ['graph/compiler'],
  ['graph/runtime'],
  ['ops'],
  ['io', 'data', 'nn', 'optim', 'reference'],
  ['functions'],
  ['models'],
  ['spec'],
  ['transfer'],
  ['train', 'generate'],
  ['torch', 'experiments'],
  ['worker', 'playground', 'cli', 'pages', 'index.ts'],
  ['react'],
];
/**
 * The device compiles kernels, which are described by types of the kernels layer; modules hold state dicts; the reference of
 * augmentation takes its stages; the command line loads the public API.
 */
const WITHIN = new Set(['gpu>kernels', 'nn>io', 'reference>data', 'cli>index.ts']);

const root = resolve(fileURLToPath(import.meta.url), '../..');
const src = join(root, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !/\.test\.ts$/.test(path));
/** Row and name of the layer that holds a file. */
function layerOf(path: string): { row: number; name: string } {
  const [first, second] = path.split('/');
  for (const name of [first, `${first}/${second}`]) {
    const row = LAYERS.findIndex((names) => names.includes(name));
    if (row >= 0) return { row, name };
  }
  return { row: -1, name: first };
}

/** Static imports, also of types, and dynamic ones. */
const IMPORT = /^(?:import|export)\s+[^;]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

const problems: string[] = [];
const imports = new Map<string, string[]>();
for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8');
  const targets: string[] = [];
  const from = layerOf(file);
  if (from.row < 0) problems.push(`${file}: src/${from.name} is in no layer (scripts/check-layers.ts)`);
  for (const [, fixed, dynamic] of text.matchAll(IMPORT)) {
    const path = resolve(dirname(join(src, file)), fixed ?? dynamic);
    const outside = relative(root, path).replaceAll('\\', '/').split('/')[0];
    if (['scripts', 'e2e', 'demos'].includes(outside)) {
      problems.push(`${file} imports from ${outside}/, which is outside the library`);
    }
    const base = relative(src, path).replaceAll('\\', '/');
    const target = [base, `${base}.ts`, `${base}/index.ts`].find((path) => files.includes(path));
    if (!target) continue;
    const to = layerOf(target);
    const up = to.row > from.row || (to.row === from.row && from.name !== to.name);
    if (up && !WITHIN.has(`${from.name}>${to.name}`))
      problems.push(`${file} imports ${target}, which is not below it`);
    targets.push(target);
  }
  imports.set(file, targets);
}

const state = new Map<string, 'open' | 'done'>();
function visit(file: string, path: string[]): void {
  if (state.get(file) === 'done') return;
  if (state.get(file) === 'open') {
    problems.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    return;
  }
  state.set(file, 'open');
  for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
  state.set(file, 'done');
}
for (const file of files) visit(file, []);

for (const problem of problems) console.error(problem);
process.exit(problems.length ? 1 : 0);

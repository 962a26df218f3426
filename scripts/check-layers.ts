/**
 * Fails when an import inside src/ points up in the layers of docs/architecture.md, or when files import each other
 * in a circle (type-only imports aside).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the bottom up; folders in one row may not import each other unless listed in `within`. */
const LAYERS: string[][] = [
  ['errors.ts', 'random.ts'],
  ['gpu', 'kernels'],
  ['graph'],
  ['ops'],
  ['io', 'data', 'nn', 'optim', 'reference'],
  ['models'],
  ['spec'],
  ['train', 'generate'],
  ['worker', 'playground', 'cli', 'index.ts'],
];
/** The device compiles kernels, which are described by types of the kernels layer; modules hold state dicts. */
const WITHIN = new Set(['gpu>kernels', 'nn>io']);

const src = resolve(fileURLToPath(import.meta.url), '../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !/\.test\.ts$/.test(path));
const layerOf = (path: string) => LAYERS.findIndex((row) => row.includes(path.split('/')[0]));

const problems: string[] = [];
const imports = new Map<string, string[]>();
for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8');
  const targets: string[] = [];
  for (const [, typeOnly, specifier] of text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'/gm,
  )) {
    const base = relative(src, resolve(dirname(join(src, file)), specifier)).replaceAll('\\', '/');
    const target = [base, `${base}.ts`, `${base}/index.ts`].find((path) => files.includes(path));
    if (!target) continue;
    const [from, to] = [file.split('/')[0], target.split('/')[0]];
    if (layerOf(file) < 0) problems.push(`${file}: src/${from} is in no layer (scripts/check-layers.ts)`);
    const up = layerOf(target) > layerOf(file) || (layerOf(target) === layerOf(file) && from !== to);
    if (up && !WITHIN.has(`${from}>${to}`)) problems.push(`${file} imports ${target}, which is not below it`);
    if (!typeOnly) targets.push(target);
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

/**
 * What an op costs: adds one to a copy of the sources, generates what is generated, checks types, and runs the op's cases
 * on the GPU and the tests that look over all ops. The README's section "How to add an op" has the numbers of files.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const COPIED = ['src', 'shaders', 'scripts', 'e2e', 'docs', 'demos'];
/** Files that `npm run generate` makes. */
const GENERATED = /\.generated\.|^docs\/(ops|models)\.md$/;

type Edit = (text: string) => string;

const insertBefore =
  (anchor: string, text: string): Edit =>
  (file) => {
    const parts = file.split(anchor);
    expect(parts.length, anchor).toBe(2);
    return parts.join(text + anchor);
  };
const both =
  (...edits: Edit[]): Edit =>
  (file) =>
    edits.reduce((text, edit) => edit(text), file);
const template = (name: string) => () => readFileSync(join(root, 'e2e/add-op', `${name}.txt`), 'utf8');

const softcapShader = (line: string) =>
  both(
    (file) => file.replace('// variants: ', '// variants: softcap '),
    (file) => file.replace(/@if\((.*)\) a: f32,/, '@if(softcap || $1) a: f32,'),
    insertBefore('@if(tanhshrink) fn', `@if(softcap) fn ${line}\n`),
  );

/** An elementwise op with an attribute. */
const softcap: Record<string, Edit> = {
  'shaders/activation/activation.forward.wgsl': softcapShader(
    'activate(v: f32) -> f32 { return params.a * tanh_precise(v / params.a); }',
  ),
  'shaders/activation/activation.backward.wgsl': softcapShader(
    'gradient(v: f32, d: f32) -> f32 { return (1.0 - pow(tanh_precise(v / params.a), 2.0)) * d; }',
  ),
  'src/ops/activation/activation.ts': (file) => `${file}
/** x limited smoothly. */
export const softcap = activation({
  name: 'softcap',
  kernels: [forward.softcap, backward.softcap],
  module: { name: 'Softcap', positional: ['cap'] },
  doc: 'y = cap * tanh(x / cap).',
  attrs: z.strictObject({ cap: z.number().positive().default(30) }),
  params: ({ cap }) => ({ a: cap }),
});
`,
  'src/reference/activation.ts': insertBefore(
    '  tanhshrink: elementwise(',
    '  softcap: elementwise((x, { cap = 30 }) => cap * Math.tanh(x / cap), { attrs: [{ cap: 2 }], special: FAR }),\n',
  ),
};

/** An op with kernels of its own. */
const center: Record<string, Edit> = {
  'shaders/norm/center.forward.wgsl': template('center.forward.wgsl'),
  'shaders/norm/center.backward.wgsl': template('center.backward.wgsl'),
  'src/ops/norm/center.ts': template('center.ts'),
  'src/ops/norm/index.ts': (file) => `${file}export { center } from './center';\n`,
  'src/reference/norm.ts': insertBefore(
    '  rmsNorm: { forward: rmsNorm',
    `  center: {
    forward: ({ x }) => {
      const means = reduceDims(x, -1, true, (values) => values.reduce((sum, v) => sum + v, 0) / values.length);
      return { y: mapElements((value, mean) => value - mean, x, means) };
    },
    cases: [[7], [3, 5], [2, 3, 1], [130, 9]].map((shape) => ({ inputs: { x: shape } })),
  },
`,
  ),
  'src/reference/arbitraries/norm.ts': (file) =>
    file.replace(
      'export const norm: Arbitraries = {\n',
      '$&  center: casesOf({ shape: shapes({ min: 1 }) }, ({ shape }) => ({ inputs: { x: shape } })),\n',
    ),
};

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'gradloom-op-'));
  const left = new Set(['node_modules', '.git', '.cache']);
  for (const name of readdirSync(root)) {
    if (!COPIED.includes(name) && !/\.(json|ts|html)$/.test(name)) continue;
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !left.has(relative(root, path).split('/').at(-1)!),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Contents of all files of the copy by path. */
function contents(): Map<string, string> {
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(copy, path), readFileSync(path, 'latin1')];
    }),
  );
}

/** Runs a program of the project in the copy; what it prints is the message when it fails. */
async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const command = join(root, 'node_modules/.bin', program);
  try {
    await promisify(execFile)(command, args, {
      cwd: copy,
      env: { ...process.env, ...env },
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`.slice(-8000));
  }
}

it('is four files for an elementwise op and six for one with kernels of its own', async () => {
  const before = contents();
  for (const [path, edit] of Object.entries({ ...softcap, ...center })) {
    const changed = edit(before.get(path) ?? '');
    expect(changed, path).not.toBe(before.get(path));
    writeFileSync(join(copy, path), changed);
  }
  await run('tsx', ['scripts/generate.ts', '--all']);
  const changed = [...contents()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  const byHand = changed.filter((path) => !GENERATED.test(path));
  expect(byHand.sort()).toEqual([...Object.keys(softcap), ...Object.keys(center)].sort());
  expect(Object.keys(softcap)).toHaveLength(4);
  expect(Object.keys(center)).toHaveLength(6);
  const generated = readFileSync(join(copy, 'src/nn/op-modules.generated.ts'), 'utf8');
  expect(generated).toContain('export class Softcap extends OpModule');
  expect(generated).toContain('export class Center extends OpModule');

  await run('tsc', ['--noEmit', '-p', '.']);
  await run('vitest', [
    ...['run', '--project', 'dawn', 'src/ops/second-derivatives.gpu.test.ts', '-t', 'are known of every op'],
  ]);
  await run('vitest', [
    ...['run', '--project', 'node', 'src/spec/modules.node.test.ts', 'src/ops/self-check.node.test.ts'],
  ]);
  await run(
    'vitest',
    ['run', '--project', 'dawn', 'src/ops/ops.gpu.test.ts', 'src/ops/properties.gpu.test.ts'],
    {
      GRADLOOM_OPS: 'softcap,center',
    },
  );
}, 600_000);

/** `gradloom new`: writes a starter, a Vite app with strict types, a model and its test, and installs its packages. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { devDependencies, version } from '../../package.json';
import { GradloomError } from '../errors';
import { EXIT } from './errors';

export interface NewFlags {
  install: boolean;
}

/** The files of the starter; names that mean something to npm or an editor end in `.txt`. */
const STARTER = fileURLToPath(new URL('./starter', import.meta.url));

/**
 * Writes the starter into a folder, which is made if need be.
 * @throws GradloomError `argument` when the folder is not empty or is a file; nothing is written then.
 */
export async function newApp(folder: string, { install }: NewFlags): Promise<number> {
  const target = resolve(folder);
  checkEmpty(folder, target);
  const name = packageName(basename(target));
  process.stdout.write(`Creating ${name} in ${target}\n`);
  const values: Record<string, string> = { name, gradloom: `^${version}` };
  for (const tool of ['typescript', 'vite', 'vitest', 'webgpu'] as const)
    values[tool] = devDependencies[tool];
  for (const entry of readdirSync(STARTER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = join(target, outputName(relative(STARTER, source)));
    mkdirSync(dirname(path), { recursive: true });
    const text = readFileSync(source, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key]);
    writeFileSync(path, text);
  }
  if (install) await npmInstall(target);
  const steps = [
    `cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder}`,
    ...(install ? [] : ['npm install']),
    'npm run dev',
  ];
  process.stdout.write(`Done. Next:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  return EXIT.ok;
}

function checkEmpty(folder: string, target: string): void {
  if (!existsSync(target)) return;
  const isFolder = statSync(target).isDirectory();
  const found = isFolder ? readdirSync(target) : [];
  if (isFolder && found.length === 0) return;
  throw new GradloomError({
    code: 'argument',
    op: 'new',
    argument: 'folder',
    got: isFolder ? `${folder}, which holds ${found.slice(0, 3).join(', ')}` : `${folder}, which is a file`,
    expected: 'a folder that is empty or does not exist',
  });
}

/** A name that npm takes for a package. */
const packageName = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'app';

const outputName = (path: string): string => path.replace(/\.txt$/, '').replace(/^gitignore$/, '.gitignore');

async function npmInstall(cwd: string): Promise<void> {
  process.stdout.write('Installing packages\n');
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const code = await new Promise<number | null>((done, fail) => npm.once('exit', done).once('error', fail));
  if (code === 0) return;
  throw new GradloomError({
    code: 'unsupported',
    op: 'new',
    got: `npm install ended with code ${code}`,
    expected: 'the packages of the starter, whose files are written',
    fix: `Run npm install in ${cwd}`,
  });
}

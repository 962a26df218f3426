// `npm run docs` serves the documentation site, `npm run docs:build` writes it to docs/.vitepress/dist. Its tools are a
// package of their own, which is installed on the first run; the API reference is made of the built package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = (...args) => {
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(`${root}docs/node_modules`)) npm('ci', '--prefix', 'docs', '--no-audit', '--no-fund');
if (!existsSync(`${root}dist/index.d.ts`)) npm('run', 'build');
npm('run', '--prefix', 'docs', process.argv[2]);

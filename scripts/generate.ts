/** `npm run generate [-- --check]`: brings the generated files up to date, or with --check fails when they are not. */
import { fileURLToPath } from 'node:url';
import { updateTypes } from '../src/kernels/plugin';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const check = process.argv.includes('--check');
const current = await updateTypes(root, check);
if (check && !current) {
  console.error('src/kernels/shaders.generated.d.ts is not current: run `npm run generate` and commit it');
  process.exit(1);
}

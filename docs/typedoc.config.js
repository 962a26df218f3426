/** The API reference: a page for each address that the package exports. */
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const types = Object.values(exports).flatMap((entry) => entry.types ?? []);

export default {
  entryPoints: [...new Set(types)].map((path) => `.${path}`),
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme', 'typedoc-plugin-no-inherit'],
  tsconfig: 'tsconfig.json',
  out: 'api',
  docsRoot: '.',
  outputFileStrategy: 'modules',
  skipErrorChecking: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  disableSources: true,
  hideGenerator: true,
  readme: 'none',
  inheritNone: true,
  logLevel: 'Error',
  parametersFormat: 'table',
  hideBreadcrumbs: true,
};

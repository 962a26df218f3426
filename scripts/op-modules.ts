/** Makes src/nn/op-modules.generated.ts, the classes of modules that apply one op, from the op declarations. */

import { withLibrary } from '../src/cli/source-library';
import type { OpInfo } from '../src/graph/ir/op';

/** The text of the file. @param root the repository's root. */
export async function generateOpModules(root: string): Promise<string> {
  return withLibrary(root, async (load) => {
    const { ops } = (await load('/src/ops/registry.ts')) as { ops: ReadonlyMap<string, OpInfo> };
    const classes = [...ops.values()]
      .flatMap((info) => (info.module ? [{ info, ...info.module }] : []))
      .sort((a, b) => a.name.localeCompare(b.name));
    const head = [
      '// Made by `npm run generate` from the `module` of the op declarations in src/ops: the classes of torch.nn that',
      '// apply one op.',
      "import * as ops from '../ops';",
      "import { OpModule, type OptionsOf } from './op-module';",
    ];
    return `${[...head, ...classes.map(classOf)].join('\n')}\n`;
  });
}

function classOf({ info, name, positional }: { info: OpInfo; name: string; positional: readonly string[] }) {
  const required = new Set((info.attrs.toJSONSchema().required as string[] | undefined) ?? []);
  const optionalInputs = info.inputs.filter(({ optional }) => optional).map((input) => input.name);
  const keys = [...Object.keys(info.attrs.shape), ...optionalInputs];
  const options = `OptionsOf<typeof ops.${info.name}>`;
  const overloads = [...Array(positional.length + 1).keys()].map((count) => {
    const given = positional.slice(0, count);
    const rest = given.length ? `Omit<${options}, ${given.map((key) => `'${key}'`).join(' | ')}>` : options;
    const isOptional = [...required].every((key) => given.includes(key));
    const leading = given.map((key) => `${key}: ${options}['${key}'], `).join('');
    if (given.length === keys.length) return `  constructor(${leading.replace(/, $/, '')});`;
    return `  constructor(${leading}options${isOptional ? '?' : ''}: ${rest});`;
  });
  const url = info.source?.startsWith('http') ? [` * @see ${info.source}`] : [];
  return [
    '',
    '/**',
    ` * ${info.doc.replaceAll('*/', '* /')}`,
    ...url,
    ' */',
    `export class ${name} extends OpModule {`,
    ...overloads,
    '  constructor(...args: unknown[]) {',
    `    super(ops.${info.name}, [${positional.map((key) => `'${key}'`).join(', ')}], args);`,
    '  }',
    '}',
  ].join('\n');
}

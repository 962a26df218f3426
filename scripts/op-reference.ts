/** Makes docs/ops.md, the op reference, from the op declarations. */

import { withLibrary } from '../src/cli/source-library';
import type { OpInfo } from '../src/graph/ir/op';
import type { Reference } from '../src/reference/types';

/** The reference as Markdown, ops in alphabetical order. @param root the repository's root. */
export async function generateOpReference(root: string): Promise<string> {
  return withLibrary(root, async (load) => {
    const { ops } = (await load('/src/ops/registry.ts')) as { ops: ReadonlyMap<string, OpInfo> };
    const { references } = (await load('/src/reference/index.ts')) as {
      references: Record<string, Reference>;
    };
    const { hasSecondDerivatives } = (await load('/src/reference/second.ts')) as {
      hasSecondDerivatives(op: OpInfo, reference: Reference): boolean;
    };
    const second = (op: OpInfo) => op.name in references && hasSecondDerivatives(op, references[op.name]);
    const sorted = [...ops.values()].sort((a, b) => a.name.localeCompare(b.name));
    const index = sorted.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · ');
    const head = [
      '# Op reference',
      '',
      'Made by `npm run generate` from the declarations in `src/ops`. Names, layouts and defaults are those of',
      'torch.nn.functional and torch; `input` is called `x`. Optional inputs end in `?`. Where an op has no second',
      'derivatives, `gradients` and `grad` refuse to differentiate its gradient.',
      '',
      index,
    ];
    return `${[...head, ...sorted.map((op) => describe(op, second(op)))].join('\n')}\n`;
  });
}

function describe(info: OpInfo, hasSecond: boolean): string {
  const attributes = attributesOf(info);
  const lines = [`## ${info.name}`, '', `\`${signatureOf(info)}\``.replace(' → ', '` → `'), '', info.doc];
  if (info.aliases.length)
    lines.push('', `Also called ${info.aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  if (attributes.length) {
    lines.push('', '| attribute | type | default |', '|---|---|---|');
    for (const { name, type, value } of attributes) lines.push(`| \`${name}\` | ${type} | ${value} |`);
  }
  const gradient =
    info.differentiable !== true
      ? `none: ${info.differentiable.reason}`
      : hasSecond
        ? 'yes, of any order'
        : 'yes, but no second derivatives';
  lines.push('', `Gradient: ${gradient}.${info.source ? ` Source: <${info.source}>.` : ''}`);
  return `\n${lines.join('\n')}`;
}

/** `conv2d(x, weight, bias?) → y`, with the types that are not float32. */
export function signatureOf(info: OpInfo): string {
  const inputs = info.inputs.map(({ name, optional, list, dtype }) => {
    const type = dtype === 'f32' ? '' : `: ${dtype}`;
    return `${list ? '...' : ''}${name}${optional ? '?' : ''}${type}`;
  });
  return `${info.name}(${inputs.join(', ')}) → ${info.outputs.join(', ')}`;
}

/** The attributes with their types and defaults, in Markdown. */
export function attributesOf(info: OpInfo): { name: string; type: string; value: string }[] {
  const schema = info.attrs.toJSONSchema();
  const required = new Set((schema.required as string[] | undefined) ?? []);
  return Object.entries((schema.properties ?? {}) as Record<string, { default?: unknown }>).map(
    ([name, property]) => ({
      name,
      type: typeOf(property),
      value: required.has(name) ? 'required' : `\`${JSON.stringify(property.default ?? null)}\``,
    }),
  );
}

/** A JSON Schema in a few words. */
function typeOf(schema: any): string {
  if (schema.enum) return schema.enum.map((value: unknown) => JSON.stringify(value)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'values'}`;
  return schema.type ? [schema.type].flat().join(' or ') : 'any';
}

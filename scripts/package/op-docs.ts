/** What editors show of an op: its doc with the formula, its signature, the shapes of an example, its attributes. */

import { withLibrary } from '../../src/cli/source-library';
import type { OpInfo } from '../../src/graph/ir/op';
import { references } from '../../src/reference';
import type { NdArray } from '../../src/reference/types';
import { caseSeed, makeInputs } from '../../src/synthetic';
import { attributesOf, signatureOf } from '../op-reference';

export interface OpDocs {
  /** The declaration file with the documentation of the ops that it exports. */
  write(declarations: string): string;
  /** Ops that no file has exported so far. */
  missing(): string[];
}

/** @param root the repository's root. */
export async function describeOps(root: string): Promise<OpDocs> {
  const docs = await withLibrary(root, async (load) => {
    const exported = Object.entries((await load('/src/ops/index.ts')) as Record<string, { info?: OpInfo }>);
    return new Map(exported.flatMap(([name, { info }]) => (info ? [[name, describe(info)]] : [])));
  });
  const missing = new Set(docs.keys());
  return {
    missing: () => [...missing],
    write: (declarations) =>
      declarations.replace(
        /(?:^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^((?:export )?declare const (\w+): )/gm,
        (whole: string, declaration: string, local: string) => {
          // An op whose name is a keyword has another one where it is declared.
          const name = new RegExp(`\\b${local} as (\\w+)`).exec(declarations)?.[1] ?? local;
          const lines = docs.get(name);
          if (!lines || !missing.delete(name)) return whole;
          return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n${declaration}`;
        },
      ),
  };
}

function describe(info: OpInfo): string[] {
  const lines = [info.doc.replaceAll('*/', '*\\/'), '', `\`${signatureOf(info)}\``];
  const example = exampleOf(info);
  if (example) lines.push('', `Shapes, for example: ${example}.`);
  const attributes = attributesOf(info);
  if (attributes.length > 0) lines.push('', 'Attributes:');
  for (const { name, type, value } of attributes) lines.push(`- \`${name}\`: ${type}, ${value}`);
  if (info.differentiable !== true) lines.push('', `No gradient: ${info.differentiable.reason}.`);
  if (info.source) lines.push('', `@see ${info.source}`);
  return lines;
}

/** The shapes of a case of the op's reference: the first whose sizes all say something. */
function exampleOf(info: OpInfo): string | undefined {
  const reference = references[info.name];
  if (!reference) return undefined;
  const made = reference.cases.map((opCase, i) => ({
    opCase,
    ...makeInputs(opCase, caseSeed(info.name, i)),
  }));
  const telling = made.find(({ inputs }) =>
    Object.values(inputs)
      .flat()
      .every(({ shape }) => shape.length > 0 && shape.every((size) => size > 1)),
  );
  const { opCase, inputs } = telling ?? made[0];
  const outputs = reference.forward(inputs, opCase.attrs ?? {}, { training: opCase.training ?? false });
  const shapes = (arrays: Record<string, NdArray | NdArray[]>) =>
    Object.entries(arrays)
      .map(
        ([name, value]) =>
          `${name} ${[value]
            .flat()
            .map(({ shape }) => `[${shape.join(', ')}]`)
            .join(' ')}`,
      )
      .join(', ');
  const attrs = Object.keys(opCase.attrs ?? {}).length > 0 ? ` with \`${JSON.stringify(opCase.attrs)}\`` : '';
  return `${shapes(inputs)}${attrs} → ${shapes(outputs)}`;
}

/** The attributes of a generated class: modules, parameters and buffers under the names of the state dict. */
import { GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { Module } from '../nn/module';
import { type Constructor, construct, type GeneratedClass, Modules } from './constructor';

/** Attributes by name; those whose names have a dot are in lists and dicts. */
interface Group {
  [name: string]: Constructor | Group;
}

/** Type of the constructor that stands for a buffer. */
export const BUFFER = 'torch.zeros';

const constructorOf = ({ shape, trainable }: Variable): Constructor =>
  trainable
    ? construct('nn.Parameter', { data: construct('torch.zeros', { size: [...shape] }) })
    : construct(BUFFER, { size: [...shape] });

export function membersOf(module: Module, define: (child: Module) => Constructor): GeneratedClass['members'] {
  const root: Group = {};
  const put = (path: string, value: Constructor) => {
    const segments = path.split('.');
    let group = root;
    for (const segment of segments.slice(0, -1)) {
      group[segment] ??= {};
      group = group[segment] as Group;
    }
    group[segments.at(-1)!] = value;
  };
  const children = [...module.namedChildren()];
  for (const [path, variable] of module.namedVariables()) {
    // Those of children come with these; a name may belong to the module itself, as those of recurrent layers.
    if (!children.some(([name]) => path.startsWith(`${name}.`))) put(path, constructorOf(variable));
  }
  for (const [name, child] of children) put(name, define(child));
  return Object.entries(root).map(([name, value]) => ({ name, value: membered(value, name) }));
}

const isGroup = (value: Constructor | Group): value is Group => !('type' in value && 'args' in value);

/** A list or dict of modules, or of parameters. */
function membered(value: Constructor | Group, path: string): Constructor {
  if (!isGroup(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, membered(item, `${path}.${key}`)] as const,
  );
  const kinds = new Set(
    entries.map(([, { type }]) => (type === 'nn.Parameter' || type === BUFFER ? type : 'module')),
  );
  if (kinds.size > 1 || kinds.has(BUFFER)) {
    throw new GradloomError({
      ...{ code: 'unsupported', op: 'exportTorch', argument: path },
      got: 'buffers in a list, or parameters and modules together in one',
      expected: 'lists of modules, or of parameters',
    });
  }
  const isList = entries.every(([key], i) => key === String(i));
  const kind = `nn.${kinds.has('nn.Parameter') ? 'Parameter' : 'Module'}${isList ? 'List' : 'Dict'}`;
  return construct(kind, { items: new Modules(isList ? 'list' : 'dict', entries) });
}

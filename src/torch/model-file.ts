/** Writes model.py: the classes of a model, its loss, and the helper functions that these use. */
import type { ConstantTable } from './constants';
import {
  type Constructor,
  constructorText,
  type GeneratedClass,
  isConstructor,
  literalsOf,
  Modules,
  Parameter,
  shapeOf,
  withLiterals,
} from './constructor';
import { BUFFER } from './members';
import { identifier, isIdentifier, wrapped } from './python';
import helperSource from './templates/helpers.py?raw';

/** A class as it is written: of all instances that differ in numbers only. */
interface WrittenClass {
  name: string;
  lines: string[];
  /** Places of the literals that are arguments, with the name of each. */
  parameters: { name: string; places: number[] }[];
}

const isGenerated = (type: Constructor['type']): type is GeneratedClass => typeof type === 'object';

/** Every constructor of a generated class within a value, and the classes' own. */
function* instancesIn(value: unknown): Generator<Constructor> {
  if (value instanceof Modules) for (const [, item] of value.entries) yield* instancesIn(item);
  if (!isConstructor(value)) return;
  if (isGenerated(value.type)) {
    yield value;
    for (const member of value.type.members) yield* instancesIn(member.value);
  }
  for (const arg of value.args) yield* instancesIn(arg.value);
}

/** Top-level functions of helpers.py by name. */
const helpers: ReadonlyMap<string, string> = new Map(
  helperSource
    .split(/\n\n\n(?=def )/)
    .slice(1)
    .map((text) => [/^def (\w+)/.exec(text)![1], text.trimEnd()] as const),
);

/** Helper functions by name, with those that they call, in the order of helpers.py. */
function helperTexts(names: ReadonlySet<string>): string[] {
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const text = helpers.get(name) ?? '';
    for (const other of helpers.keys()) if (text.includes(`${other}(`)) add(other);
  };
  for (const name of names) add(name);
  return [...helpers].filter(([name]) => wanted.has(name)).map(([, text]) => text);
}

export interface ModelFile {
  model: Constructor;
  losses: readonly Constructor[];
  /** Attributes that are the same parameter: `self.lm_head.weight = self.wte.weight`. */
  ties: readonly string[];
  helpers: ReadonlySet<string>;
  constants: ConstantTable;
  title: string;
}

export function modelFile({ model, losses, ties, helpers: used, constants, title }: ModelFile): string {
  const writer = new ClassWriter([model, ...losses]);
  const nameOf = (type: Constructor['type']) => writer.nameOf(type);
  const build = constructorText(writer.resolved(model), nameOf);
  const made =
    ties.length === 0
      ? wrapped(`return ${build}`, '    ')
      : [...wrapped(`model = ${build}`, '    '), ...ties.map((tie) => `    ${tie}`), '    return model'];
  const root = ['def build():', '    """The model, with weights that are yet to be loaded."""', ...made];
  const body = [
    ...helperTexts(constants.isEmpty ? used : new Set([...used, 'constant'])).flatMap((text) => [
      '',
      '',
      ...text.split('\n'),
    ]),
    ...writer.texts.flatMap((lines) => ['', '', ...lines]),
    ...['', '', ...root],
    ...(constants.isEmpty ? [] : ['', '', ...constants.lines]),
  ];
  const all = body.join('\n');
  const imports = [
    ...(/\bbase64\./.test(all) || !constants.isEmpty ? ['import base64'] : []),
    ...(/\bmath\./.test(all) ? ['import math'] : []),
    ...(/\bOrderedDict\b/.test(all) ? ['from collections import OrderedDict'] : []),
  ];
  const torchImports = [
    'import torch',
    ...(/\bF\./.test(all) ? ['import torch.nn.functional as F'] : []),
    'from torch import nn',
    ...(/\bPackedSequence\b/.test(all)
      ? ['from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence']
      : []),
  ];
  const head = [`"""${title}"""`, '', ...imports, ...(imports.length > 0 ? [''] : []), ...torchImports];
  return `${[...head, ...body].join('\n')}\n`;
}

/** Gathers the instances of generated classes into classes, from those without others upwards. */
class ClassWriter {
  private readonly written = new Map<GeneratedClass, WrittenClass>();
  private readonly classes: WrittenClass[] = [];
  private readonly taken = new Set<string>(['build', 'constant', 'decoded']);

  constructor(roots: readonly Constructor[]) {
    const instances = [
      ...new Set(roots.flatMap((root) => [...instancesIn(root)].map(({ type }) => type as GeneratedClass))),
    ];
    const heights = [...new Set(instances.map(({ height }) => height))].sort((a, b) => a - b);
    for (const height of heights) {
      const groups = new Map<string, GeneratedClass[]>();
      for (const one of instances.filter((instance) => instance.height === height)) {
        const key = this.keyOf(one);
        groups.set(key, [...(groups.get(key) ?? []), one]);
      }
      for (const group of groups.values()) this.write(group);
    }
  }

  get texts(): string[][] {
    return this.classes.map(({ lines }) => lines);
  }

  nameOf(type: Constructor['type']): string {
    return isGenerated(type) ? this.written.get(type)!.name : type;
  }

  /** Constructors of generated classes get the arguments that these take. */
  resolved<T>(value: T): T {
    if (value instanceof Modules) {
      return new Modules(
        value.kind,
        value.entries.map(([key, item]) => [key, this.resolved(item)] as const),
      ) as T;
    }
    if (!isConstructor(value)) return value;
    const args = value.args.map((arg) => ({ ...arg, value: this.resolved(arg.value) }));
    const written = isGenerated(value.type) ? this.written.get(value.type) : undefined;
    if (!written || args.length > 0) return { ...value, args };
    const literals = this.literalsOf(value.type as GeneratedClass);
    const own = written.parameters.map(({ name, places }) => ({
      name,
      isKeyword: false,
      value: literals[places[0]].value,
    }));
    return { ...value, args: own };
  }

  private literalsOf({ members }: GeneratedClass): { name: string; value: unknown }[] {
    return members.flatMap(({ value }) => [...literalsOf(this.resolved(value))]);
  }

  private keyOf({ name, base, members, lines, forward }: GeneratedClass): string {
    const nameOf = (type: Constructor['type']) => this.nameOf(type);
    const parts = members.map((member) => `${member.name}: ${shapeOf(this.resolved(member.value), nameOf)}`);
    return [name, base, ...parts, ...lines, ...forward].join('\n');
  }

  private write(group: readonly GeneratedClass[]): void {
    const [first] = group;
    const columns = group.map((one) => this.literalsOf(one));
    const parameters: WrittenClass['parameters'] = [];
    const byValues = new Map<string, { name: string; places: number[] }>();
    columns[0].forEach(({ name }, place) => {
      const values = columns.map((literals) => JSON.stringify(literals[place].value));
      if (values.every((value) => value === values[0])) return;
      const key = values.join('|');
      let known = byValues.get(key);
      if (!known) {
        known = { name: this.parameterName(name, parameters), places: [] };
        byValues.set(key, known);
        parameters.push(known);
      }
      known.places.push(place);
    });
    const className = this.className(first.name);
    const written = { name: className, lines: [] as string[], parameters };
    for (const one of group) this.written.set(one, written);
    written.lines = this.classLines(first, written);
    this.classes.push(written);
  }

  private classLines(type: GeneratedClass, { name, parameters }: WrittenClass): string[] {
    let place = 0;
    const next = (value: unknown) => () => {
      const at = place++;
      const parameter = parameters.find(({ places }) => places.includes(at));
      return parameter ? new Parameter(parameter.name) : value;
    };
    const nameOf = (of: Constructor['type']) => this.nameOf(of);
    const init = type.members.flatMap((member) => {
      const literals = [...literalsOf(this.resolved(member.value))];
      let i = 0;
      const value = withLiterals(this.resolved(member.value), () => next(literals[i++].value)());
      const text = constructorText(value, nameOf);
      if (member.value.type === BUFFER) return [`self.register_buffer("${member.name}", ${text})`];
      return isIdentifier(member.name)
        ? [`self.${member.name} = ${text}`]
        : [`self.add_module("${member.name}", ${text})`];
    });
    const lines = [...init, ...type.lines].flatMap((line) => wrapped(line, '        '));
    const head = `def __init__(${['self', ...parameters.map((one) => one.name)].join(', ')}):`;
    const hasInit = type.base === 'nn.Module' && lines.length > 0;
    const forward = type.forward.flatMap((line) => {
      const indent = /^ */.exec(line)![0];
      return wrapped(line.slice(indent.length), `    ${indent}`);
    });
    return [
      `class ${name}(${type.base}):`,
      ...(hasInit ? [...wrapped(head, '    '), '        super().__init__()', ...lines] : []),
      ...(hasInit && forward.length > 0 ? [''] : []),
      ...forward,
      ...(!hasInit && forward.length === 0 ? ['    pass'] : []),
    ];
  }

  private parameterName(wanted: string, parameters: WrittenClass['parameters']): string {
    const base = identifier(wanted || 'size');
    let name = base;
    for (let i = 2; parameters.some((one) => one.name === name); i++) name = `${base}_${i}`;
    return name;
  }

  private className(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}${i}`;
    this.taken.add(name);
    return name;
  }
}

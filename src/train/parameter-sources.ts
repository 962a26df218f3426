/** The parameters that an optimizer is given, and their names. */
import { GradloomError } from '../errors';
import { Variable } from '../graph/ir/variable';
import { Module } from '../nn/module';

/** Modules and parameters. */
export type ParameterSource = Module | Variable | readonly (Module | Variable)[];

/**
 * The modules and variables that an optimizer names.
 * @throws GradloomError `argument` for anything else.
 */
export function sourcesOf(name: string, source: ParameterSource): readonly (Module | Variable)[] {
  const list = Array.isArray(source) ? source : [source];
  const wrong = list.findIndex((item) => !(item instanceof Module || item instanceof Variable));
  if (wrong < 0) return list;
  const got = list[wrong] === undefined ? 'missing' : `a ${typeof list[wrong]}`;
  throw new GradloomError({
    code: 'argument',
    op: 'TrainStep',
    argument: `parameters of ${name}${Array.isArray(source) ? `[${wrong}]` : ''}`,
    got,
    expected: 'a module, a parameter, or a list of these',
    fix: 'parameters: model',
  });
}

/**
 * Variables by name: those of a module by its own names (tied ones with each), with the position before it where there are
 * several modules and variables.
 */
export function namedVariables(list: readonly (Module | Variable)[]): [string, Variable][] {
  const taken = new Map<string, Variable>();
  return list.flatMap((item, i): [string, Variable][] => {
    if (item instanceof Module) return [...item.namedVariables(list.length > 1 ? String(i) : '')];
    const name = item.name || `parameter${i}`;
    const unique = (taken.get(name) ?? item) === item ? name : `${i}.${name}`;
    taken.set(unique, item);
    return [[unique, item]];
  });
}

/** Trainable parameters by their first names. */
export function firstNames(all: readonly [string, Variable][]): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const seen = new Set<Variable>();
  for (const [name, variable] of all) {
    if (!variable.trainable || seen.has(variable)) continue;
    seen.add(variable);
    named.set(name, variable);
  }
  return named;
}

/** Parameter groups: which parameters an optimizer updates with which options, as in torch.optim. */
import { formatShape, GradloomError, nearest } from '../errors';
import { matchesName } from '../glob';
import type { Variable } from '../graph/ir/variable';
import { createOptimizer, type Optimizer, type OptimizerSpec, type ParameterGroupSpec } from './optimizer';

/** Parameters that one optimizer updates. */
export interface ParameterGroup {
  optimizer: Optimizer;
  parameters: readonly Variable[];
}

type Making = Parameters<typeof createOptimizer>[1];

/** The optimizer of the parameters that no group lists. @throws GradloomError `argument` where it is none. */
export function ownOptimizer(spec: OptimizerSpec | Optimizer, making?: Making): Optimizer {
  if (typeof spec !== 'object' || spec === null) {
    const got = spec === undefined ? 'missing' : String(spec);
    const expected = "{ type: 'adam', lr: 1e-3 } or an optimizer of one's own";
    throw new GradloomError({ code: 'argument', op: 'optimizer', got, expected });
  }
  return 'update' in spec ? spec : createOptimizer(spec, making);
}

/**
 * The groups of an optimizer over the `named` parameters: those that its `groups` list, of which the first match wins, and one
 * with all others, which comes first. Muon leaves what is no matrix to a group of its `fallback`. Parameters that are frozen
 * belong to none; empty groups are left out.
 * @throws GradloomError `argument` for unknown options, and for names that match no parameter.
 */
export function parameterGroups(
  spec: OptimizerSpec | Optimizer,
  named: ReadonlyMap<string, Variable>,
  making?: Making,
): ParameterGroup[] {
  if ('update' in spec) return [{ optimizer: spec, parameters: [...named.values()] }];
  const { groups = [], ...base } = spec;
  checkGroups(groups);
  const matched = groups.map((): Variable[] => []);
  const rest: Variable[] = [];
  for (const [name, variable] of named) {
    const index = groups.findIndex(({ params }) => matches(params, name, variable));
    (index < 0 ? rest : matched[index]).push(variable);
  }
  groups.forEach(({ params }, i) => {
    if (typeof params !== 'function') checkNames(params, i, [...named.keys()]);
  });
  const own = base as OptimizerSpec;
  const result = groupsOf(own, rest, making);
  groups.forEach(({ params: _, frozen, ...options }, i) => {
    const another =
      options.type !== undefined && String(options.type).toLowerCase() !== own.type.toLowerCase();
    const merged = (another ? options : { ...base, ...options }) as OptimizerSpec;
    const made = groupsOf(merged, matched[i], making);
    if (!frozen) result.push(...made);
  });
  return result.filter(({ parameters }) => parameters.length > 0);
}

/** The group of an optimizer, and that of its fallback for what it does not update. */
function groupsOf(spec: OptimizerSpec, parameters: readonly Variable[], making?: Making): ParameterGroup[] {
  const optimizer = createOptimizer(spec, making);
  if (optimizer.type !== 'muon') return [{ optimizer, parameters }];
  const { fallback = { type: 'adamW' } } = spec as { fallback?: Record<string, unknown> };
  const isMatrix = ({ shape }: Variable) => shape.length === 2;
  return [
    { optimizer, parameters: parameters.filter(isMatrix) },
    {
      optimizer: createOptimizer(fallback as OptimizerSpec, making),
      parameters: parameters.filter((variable) => !isMatrix(variable)),
    },
  ];
}

function matches(params: ParameterGroupSpec['params'], name: string, variable: Variable): boolean {
  if (typeof params === 'function') return params(name, variable);
  return params.some((pattern) => matchesName(pattern, name));
}

/** Groups come from JSON too. */
function checkGroups(groups: readonly ParameterGroupSpec[]): void {
  const fail = (argument: string, value: unknown, expected: string) => {
    const got = Array.isArray(value) ? formatShape([value.length]) : (JSON.stringify(value) ?? String(value));
    return new GradloomError({ code: 'argument', op: 'optimizer', argument, got, expected });
  };
  if (!Array.isArray(groups)) throw fail('groups', groups, 'a list of { params, ...options }');
  groups.forEach((group, i) => {
    if (typeof group !== 'object' || group === null)
      throw fail(`groups[${i}]`, group, "{ params: ['*.bias'], ...options }");
    const { params, frozen } = group;
    const listed = Array.isArray(params) && params.every((name) => typeof name === 'string');
    if (!listed && typeof params !== 'function')
      throw fail(
        `groups[${i}].params`,
        params,
        'a list of names or globs, or a function of name and variable',
      );
    if (frozen !== undefined && typeof frozen !== 'boolean')
      throw fail(`groups[${i}].frozen`, frozen, 'true or false');
  });
}

function checkNames(patterns: readonly string[], group: number, names: readonly string[]): void {
  for (const pattern of patterns) {
    if (names.some((name) => matchesName(pattern, name))) continue;
    const near = nearest(pattern, names);
    throw new GradloomError({
      code: 'argument',
      op: 'optimizer',
      argument: `groups[${group}].params`,
      got: JSON.stringify(pattern),
      expected: 'the name of a parameter, or a glob with * that matches one',
      fix: near ? `Did you mean ${near}?` : `The parameters are ${names.slice(0, 8).join(', ')}`,
    });
  }
}

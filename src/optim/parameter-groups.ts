/** Parameter groups: which parameters an optimizer updates with which options, as in torch.optim. */
import { GradloomError, nearest } from '../errors';
import { matchesName } from '../glob';
import type { Variable } from '../graph/ir/variable';
import { createOptimizer, type Optimizer, type OptimizerSpec, type ParameterGroupSpec } from './optimizer';

/** Parameters that one optimizer updates. */
export interface ParameterGroup {
  optimizer: Optimizer;
  parameters: readonly Variable[];
}

/** The optimizer of the parameters that no group lists. @throws GradloomError `argument` where it is none. */
export function ownOptimizer(spec: OptimizerSpec | Optimizer): Optimizer {
  if (typeof spec !== 'object' || spec === null) {
    const got = spec === undefined ? 'missing' : String(spec);
    const expected = "{ type: 'adam', lr: 1e-3 } or an optimizer of one's own";
    throw new GradloomError({ code: 'argument', op: 'optimizer', got, expected });
  }
  return 'update' in spec ? spec : createOptimizer(spec);
}

/**
 * The groups of an optimizer over the `named` parameters: those that its `groups` list, of which the first match wins, and one
 * with all others, which comes first. Parameters that are frozen belong to none; empty groups are left out.
 * @throws GradloomError `argument` for unknown options, and for names that match no parameter.
 */
export function parameterGroups(
  spec: OptimizerSpec | Optimizer,
  named: ReadonlyMap<string, Variable>,
): ParameterGroup[] {
  if ('update' in spec) return [{ optimizer: spec, parameters: [...named.values()] }];
  const { groups = [], ...base } = spec;
  const matched = groups.map((): Variable[] => []);
  const rest: Variable[] = [];
  for (const [name, variable] of named) {
    const index = groups.findIndex(({ params }) => matches(params, name, variable));
    (index < 0 ? rest : matched[index]).push(variable);
  }
  groups.forEach(({ params }, i) => {
    if (typeof params !== 'function') checkNames(params, i, [...named.keys()]);
  });
  const result: ParameterGroup[] = [{ optimizer: ownOptimizer(spec), parameters: rest }];
  groups.forEach(({ params: _, frozen, ...options }, i) => {
    const optimizer = createOptimizer({ ...base, ...options } as OptimizerSpec);
    if (!frozen) result.push({ optimizer, parameters: matched[i] });
  });
  return result.filter(({ parameters }) => parameters.length > 0);
}

function matches(params: ParameterGroupSpec['params'], name: string, variable: Variable): boolean {
  if (typeof params === 'function') return params(name, variable);
  return params.some((pattern) => matchesName(pattern, name));
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

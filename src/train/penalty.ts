/** L1 and L2 penalties on parameters, which training adds to the loss. */
import { checkOptions } from '../checks';
import { GradloomError, nearest, showValue } from '../errors';
import { matchesName } from '../glob';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { Module } from '../nn/module';
import { abs, add, mul, square, sum } from '../ops';
import type { Penalty } from './types';

/**
 * The sum of `l1 * sum(|w|) + l2 * sum(w^2)`, as Keras' regularizers, over the parameters that each penalty names and that are
 * trained.
 * @throws GradloomError `argument` for factors that are no numbers from 0, and for patterns that match no parameter.
 */
export function penaltyOf(model: Module, given: Penalty | readonly Penalty[]): (graph: Graph) => Tensor {
  const penalties = (Array.isArray(given) ? given : [given]) as readonly Penalty[];
  const terms = penalties.map((penalty, i) => {
    const at = Array.isArray(given) ? `regularization[${i}]` : 'regularization';
    checkOptions(`Trainer ${at}`, penalty ?? null, ['l1', 'l2', 'params']);
    const { l1 = 0, l2 = 0 } = penalty;
    for (const [name, factor] of Object.entries({ l1, l2 })) {
      if (!(typeof factor === 'number' && factor >= 0 && factor < Number.POSITIVE_INFINITY))
        throw fail(`${at}.${name}`, showValue(factor), 'a finite number from 0');
    }
    return { l1, l2, variables: chosen(at, model, penalty.params) };
  });
  return (graph) => {
    const found = terms.flatMap(({ l1, l2, variables }) =>
      variables
        .filter(({ requiresGrad }) => requiresGrad)
        .flatMap((variable) => {
          const w = graph.tensor(variable);
          const parts: Tensor[] = [];
          if (l1 > 0) parts.push(mul(sum(abs(w)), l1));
          if (l2 > 0) parts.push(mul(sum(square(w)), l2));
          return parts;
        }),
    );
    return found.length > 0 ? found.reduce((total, part) => add(total, part)) : graph.scalar(0);
  };
}

/** Those that the patterns or the function name; by default matrices and kernels, not biases and what normalizes. */
function chosen(at: string, model: Module, params: Penalty['params']): Variable[] {
  const named = model.namedParameters();
  if (params === undefined) return named.flatMap(([, v]) => (v.shape.length > 1 ? [v] : []));
  if (typeof params === 'function')
    return named.flatMap(([name, variable]) => (params(name, variable) ? [variable] : []));
  if (!Array.isArray(params))
    throw fail(`${at}.params`, showValue(params), 'a list of names or globs, or a function');
  const names = named.map(([name]) => name);
  for (const pattern of params) {
    if (names.some((name) => matchesName(pattern, name))) continue;
    const near = nearest(String(pattern), names);
    throw fail(
      `${at}.params`,
      showValue(pattern),
      'a pattern that matches a parameter',
      near && `Did you mean ${near}?`,
    );
  }
  return named.flatMap(([name, variable]) =>
    params.some((pattern) => matchesName(pattern, name)) ? [variable] : [],
  );
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'Trainer', argument, got, expected, fix });

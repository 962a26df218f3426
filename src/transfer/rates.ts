/** Discriminative learning rates: the further from the output, the smaller. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import { matchesName } from '../glob';
import type { Module } from '../nn/module';
import type { ParameterGroupSpec } from '../optim/optimizer';

export interface LayerwiseRatesOptions {
  /** Rate of the last layers. */
  lr: number;
  /** Factor from each group of layers to the one before it. Default 1 / 2.6, as in the paper. */
  decay?: number;
  /**
   * The groups from the input to the output, each a name or pattern or a list of them. Default: the children of the model that have
   * parameters, in their order.
   */
  layers?: readonly (string | readonly string[])[];
}

/**
 * Parameter groups with rates that fall from the output to the input, for `optimizer.groups`.
 * @throws GradloomError `argument`: a rate that is none, a pattern that matches nothing.
 * Source: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", 2018.
 */
export function layerwiseRates(model: Module, options: LayerwiseRatesOptions): ParameterGroupSpec[] {
  checkOptions('layerwiseRates', options ?? null, ['lr', 'decay', 'layers']);
  const { lr, decay = 1 / 2.6 } = options;
  const fail = (argument: string, got: unknown, expected: string) =>
    new GradloomError({ code: 'argument', op: 'layerwiseRates', argument, got: showValue(got), expected });
  if (!(Number.isFinite(lr) && lr >= 0)) throw fail('lr', lr, 'a number from 0');
  if (!(decay > 0 && decay <= 1)) throw fail('decay', decay, 'a number above 0, up to 1');
  const names = [...model.namedVariables()].flatMap(([name, { trainable }]) => (trainable ? [name] : []));
  const top = [...model.namedModules()].filter(([path]) => path !== '' && !path.includes('.'));
  const children =
    top.length > 1 ? top : [...model.namedModules()].filter(([path]) => path.split('.').length === 2);
  const given = options.layers ?? children.map(([path]) => path);
  if (!Array.isArray(given)) throw fail('layers', given, 'a list of names or patterns');
  const groups = given
    .map((one: string | readonly string[]) => (typeof one === 'string' ? [one] : [...one]))
    .filter((patterns) => {
      const isUsed = patterns.some((pattern) => names.some((name) => matchesName(pattern, name)));
      if (!isUsed && options.layers)
        throw fail('layers', patterns.join(', '), 'a name or pattern of a parameter');
      return isUsed;
    });
  return groups.map((params, i) => ({ params, lr: lr * decay ** (groups.length - 1 - i) }));
}

/** Metrics by name and as functions. */
import { formatShape, GradloomError, showValue, unknownName } from '../../errors';
import { reshape } from '../../ops';
import type { LossFunction } from '../loss';
import type { CustomMetric, MetricSpec, Metrics } from '../types';
import { type Average, confusionMatrix, perplexity, scoreOf, topK } from './classification';
import { type Accumulator, type Metric, summed, unfit } from './metric';
import { auc, aucPerClass, averagePrecision } from './ranking';
import { mae, mse, r2, rmse } from './regression';

const BY_NAME: Readonly<Record<string, Metric>> = {
  auc,
  aucPerClass,
  averagePrecision,
  confusionMatrix,
  perplexity,
  mae,
  mse,
  rmse,
  r2,
  ...Object.fromEntries(
    (['precision', 'recall', 'f1', 'iou'] as const).flatMap((score) => [
      [score, scoreOf(score, 'Macro')],
      ...(['Macro', 'Micro', 'Weighted', 'PerClass'] as Average[]).map((average) => [
        score + average,
        scoreOf(score, average),
      ]),
    ]),
  ),
};

/** A scalar of each batch; the mean over the samples. */
const ofFunction =
  (fn: LossFunction): Metric =>
  ({ output, target }, name) => {
    const result = fn(output, target);
    if (result?.size !== 1) {
      const got = result?.shape ? formatShape(result.shape) : showValue(result);
      throw unfit(`${name}, which gives ${got},`, 'one number per batch');
    }
    const accumulator = (): Accumulator => {
      let [total, count] = [0, 0];
      return {
        add([value], samples) {
          total += value * samples;
          count += samples;
        },
        value: () => total / count,
      };
    };
    return { values: reshape(result, { shape: [1] }), accumulator };
  };

/** Sums of a metric of one's own. */
const ofSums =
  ({ sums, value }: CustomMetric): Metric =>
  ({ output, target }, name) => {
    const found = sums(output, target);
    if (!(found?.size > 0)) throw unfit(`${name}, whose sums are ${showValue(found)},`, 'a tensor of sums');
    return { values: reshape(found, { shape: [-1] }), accumulator: summed(value) };
  };

/**
 * Metrics with their names.
 * @throws GradloomError `argument` for unknown names, functions without one, and names given twice.
 */
export function metricsOf(specs: readonly MetricSpec[]): [name: string, metric: Metric][] {
  const fail = (got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: 'Trainer', argument: 'metrics', got, expected });
  if (!Array.isArray(specs)) throw fail(showValue(specs), "a list, such as ['f1']");
  const found = specs.map((spec): [string, Metric] => {
    if (typeof spec === 'function') {
      if (!spec.name)
        throw fail('a function without a name', 'functions with a name, which their value gets');
      return [spec.name, ofFunction(spec)];
    }
    if (typeof spec === 'object' && spec !== null) {
      const { name, sums, value } = spec as CustomMetric;
      if (typeof name === 'string' && typeof sums === 'function' && typeof value === 'function')
        return [name, ofSums(spec as CustomMetric)];
      throw fail(showValue(spec), 'a name, a function, or { name, sums(output, target), value(sums) }');
    }
    const top = /^top([1-9]\d*)$/.exec(String(spec));
    if (top) return [spec, topK(Number(top[1]))];
    if (Object.hasOwn(BY_NAME, spec)) return [spec, BY_NAME[spec]];
    throw unknownName('Trainer', 'metrics', spec, ['top5', ...Object.keys(BY_NAME)]);
  });
  const names = found.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw fail(`${twice} twice`, 'each metric once');
  return found;
}

/** @throws GradloomError `argument` for what are no metrics, also of an output. */
export function checkMetrics(specs: Metrics): void {
  if (typeof specs !== 'object' || specs === null || Array.isArray(specs)) metricsOf(specs as []);
  else for (const list of Object.values(specs)) metricsOf(list);
}

/**
 * Loss and accuracy of batches with names and weights: models with several outputs, each with a loss of its own; losses of
 * several tensors; samples that count differently.
 */
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import { Tensor } from '../graph/ir/graph';
import type { OpInfo } from '../graph/ir/op';
import { asModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { add, correctAndTotal, mul } from '../ops';
import { CLASS_DIMS, THRESHOLDS } from './accuracy';
import { countOfClasses, countOfThresholds } from './accuracy-counts';
import { classifies } from './labels';
import {
  checkLossOptions,
  ignoredIndex,
  isNamedLoss,
  type LossFunction,
  type LossSpec,
  loadLoss,
  nameOf,
  SEVERAL_TENSORS,
  severalTensorsOf,
  totalLoss,
} from './loss';
import { asLossTakes, type BatchTensors, type Measured } from './measured';
import type { TrainerOptions } from './types';
import { weightedCounts, weightedLoss } from './weighted-loss';

type Options = Pick<TrainerOptions, 'loss' | 'lossWeights' | 'classesLast'>;

/** The loss of one output, ready to be recorded. */
interface OutputLoss {
  spec: LossSpec | LossFunction;
  reduced: LossFunction;
  /** The loss of each element, for weights; not there for functions. */
  each?: LossFunction;
  weight: number;
}

export class NamedBatches {
  private readonly losses = new Map<string, OutputLoss>();
  private single: OutputLoss | undefined;
  private op: OpInfo | undefined;

  private constructor(
    private readonly model: Module,
    private readonly options: Options,
  ) {}

  /** @throws GradloomError `argument` for unknown losses, and weights of outputs that have none. */
  static async load(model: Module, options: Options): Promise<NamedBatches> {
    const made = new NamedBatches(model, options);
    const { loss, lossWeights = {} } = options;
    const several = severalTensorsOf(loss);
    if (several) {
      const module = await SEVERAL_TENSORS[several]();
      made.op = (module[several] as { info: OpInfo }).info;
      checkLossOptions(made.op, loss as LossSpec);
    } else if (isNamedLoss(loss)) {
      for (const [name, spec] of Object.entries(loss))
        made.losses.set(name, await outputLoss(spec, lossWeights[name]));
    } else made.single = await outputLoss(loss as LossSpec | LossFunction, 1);
    checkWeights(lossWeights, [...made.losses.keys()]);
    return made;
  }

  measure(batch: BatchTensors): Measured {
    const output: unknown = this.model.forward(batch.x as Tensor);
    if (this.op) return this.ofSeveralTensors(this.op, output, batch);
    if (this.single && batch.y instanceof Tensor)
      return this.ofOne(this.single, output, batch.y, batch.weight);
    return this.ofOutputs(output, batch);
  }

  private ofOne(loss: OutputLoss, output: unknown, y: Tensor, weight: Tensor | undefined): Measured {
    const { classesLast } = this.options;
    const { spec } = loss;
    const take = (one: Tensor) => asLossTakes(spec, one, y, classesLast, this.model.classesLast);
    const outputs = asModelOutput(output as Tensor);
    const [prediction, target] = take(outputs.prediction);
    const total = totalLoss(outputs, (one) => {
      const [x, t] = take(one);
      return weight ? weightedLoss({ ...loss, name: specName(spec) }, x, t, weight) : loss.reduced(x, t);
    });
    if (total.size !== 1) throw notScalar(total);
    const counts = weight
      ? weightedCounts(spec, prediction, target, weight)
      : countsOf(spec, prediction, target);
    return { loss: total, counts, prediction, target };
  }

  private ofOutputs(output: unknown, { y, weight }: BatchTensors): Measured {
    const outputs = recordOf(output);
    if (!outputs) {
      throw fail('loss', showNames(this.losses), 'a model that gives its outputs by name, such as { a, b }');
    }
    if (y instanceof Tensor) {
      throw fail(
        'y',
        'one tensor',
        `targets by the names of the outputs: ${showNames(this.losses)}`,
        'y: { ... }',
      );
    }
    // One loss for all: for each target.
    const losses = this.single
      ? new Map(Object.keys(y).map((name) => [name, this.single!] as const))
      : this.losses;
    const parts = [...losses].map(([name, loss]): [string, Measured] => {
      const [one, target] = [outputs[name], y[name]];
      if (!one) throw missing('output', name, Object.keys(outputs));
      if (!target) throw missing('target', name, Object.keys(y));
      return [name, this.ofOne(loss, one, target, weight)];
    });
    const terms = parts.map(([name, { loss }]) => {
      const factor = losses.get(name)!.weight;
      return factor === 1 ? loss : mul(loss, loss.graph.scalar(factor));
    });
    const loss = terms.reduce((sum, term) => add(sum, term));
    const [, { prediction, target }] = parts[0];
    return { loss, counts: undefined, prediction, target, parts };
  }

  /** Tensors by the names of the op's inputs, from outputs and targets; a single one is its first input, or `target`. */
  private ofSeveralTensors(op: OpInfo, output: unknown, { y, weight }: BatchTensors): Measured {
    if (weight) throw fail('sampleWeight', `given with ${op.name}`, 'a loss that weighs samples');
    const names = op.inputs.map(({ name }) => name);
    const outputs = output instanceof Tensor ? { [names[0]]: output } : (recordOf(output) ?? {});
    const targets = y instanceof Tensor ? { [names.includes('target') ? 'target' : names[1]]: y } : y;
    const given: Record<string, Tensor> = { ...targets, ...outputs };
    const inputs: Record<string, Tensor> = {};
    for (const { name, optional } of op.inputs) {
      if (given[name]) inputs[name] = given[name];
      else if (!optional) throw missing(`input of ${op.name}`, name, Object.keys(given));
    }
    const { type: _, ...attrs } = asRecord(this.options.loss as LossSpec);
    const loss: Tensor = op.call(inputs, attrs)[op.outputs[0]];
    if (loss.size !== 1) throw notScalar(loss);
    // Nothing is right or wrong in these.
    return { loss, counts: undefined, prediction: loss, target: loss };
  }
}

async function outputLoss(spec: LossSpec | LossFunction, weight = 1): Promise<OutputLoss> {
  const reduced = await loadLoss(spec);
  if (typeof spec === 'function') return { spec, reduced, weight };
  return { spec, reduced, weight, each: await loadLoss({ ...asRecord(spec), reduction: 'none' }) };
}

const asRecord = (spec: LossSpec): { type: string } & Record<string, unknown> =>
  typeof spec === 'string' ? { type: spec } : spec;

const specName = (spec: LossSpec | LossFunction) => (typeof spec === 'function' ? undefined : nameOf(spec));

/** (right, all) as without weights: class indices, one-hot vectors, thresholds. */
function countsOf(spec: LossSpec | LossFunction, x: Tensor, target: Tensor): Tensor | undefined {
  if (classifies(x, target)) return correctAndTotal(x, target, ignoredIndex(spec));
  const name = specName(spec) ?? '';
  if (THRESHOLDS[name]) return countOfThresholds(...THRESHOLDS[name])(x, target);
  const dim = CLASS_DIMS[name];
  return dim !== undefined && x.shape.join() === target.shape.join()
    ? countOfClasses(dim)(x, target)
    : undefined;
}

/** Tensors by name: of a record, or of a list by position. */
function recordOf(output: unknown): Record<string, Tensor> | undefined {
  if (typeof output !== 'object' || output === null || output instanceof Tensor) return undefined;
  const entries = Object.entries(output).filter(([, value]) => value instanceof Tensor);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function checkWeights(weights: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const [name, weight] of Object.entries(weights)) {
    if (!names.includes(name)) throw missing('lossWeights for', name, names);
    if (!(typeof weight === 'number' && Number.isFinite(weight)))
      throw fail(`lossWeights.${name}`, showValue(weight), 'a finite number');
  }
}

function missing(what: string, name: string, names: readonly string[]): GradloomError {
  const near = nearest(name, names);
  return fail(
    what,
    `${JSON.stringify(name)}, which is not there`,
    `one of ${names.join(', ') || 'none'}`,
    near && `Did you mean ${near}?`,
  );
}

const showNames = (losses: ReadonlyMap<string, unknown>) => [...losses.keys()].join(', ');

const notScalar = (loss: Tensor) =>
  new GradloomError({
    code: 'shape',
    op: 'Trainer',
    argument: 'loss',
    got: formatShape(loss.shape),
    expected: 'one number per batch',
    fix: "Use reduction 'mean' or 'sum'",
  });

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'Trainer', argument, got, expected, fix });

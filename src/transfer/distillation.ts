/**
 * Knowledge distillation: a student learns from the outputs of a teacher beside the labels.
 * Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015; layers in between: Romero et al.,
 * "FitNets", 2015.
 */
import { checkOptions } from '../checks';
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import { Tensor } from '../graph/ir/graph';
import { asModelOutput, type LossTerm, ModelOutput } from '../nn/model-output';
import { Module } from '../nn/module';
import { overrideMethod } from '../nn/override';
import { klDiv, logSoftmax, mseLoss, mul, softmax } from '../ops';

export interface DistillationOptions {
  /**
   * What the outputs are compared by: `'klDiv'` (default), for class scores, `[N, classes, ...]` or as the student's `classesLast`
   * says: T^2 KL(softmax(teacher / T) || softmax(student / T)), the mean over all positions; `'mse'` for anything.
   */
  loss?: 'klDiv' | 'mse';
  /** T, from which small scores of the teacher count, too. Default 4. */
  temperature?: number;
  /** Weight of the comparison; the trainer's own loss has 1 - alpha. Default 0.5. */
  alpha?: number;
  /** Modules whose outputs are compared by their mean squared difference: paths in the student with those in the teacher. */
  features?: Readonly<Record<string, string>>;
  /** Weight of each of them. Default 1. */
  featureWeight?: number;
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'Distillation', argument, got, expected, fix });

/**
 * A student that is trained beside its teacher. In training the teacher runs on the same batch in evaluation mode, without
 * gradients; it is no part of the state dict. In evaluation this is the student alone.
 */
export class Distillation extends Module {
  readonly #teacher: Module;
  readonly #options: Required<DistillationOptions>;

  /** @throws GradloomError `argument`: a temperature or weight that is none, paths that are no modules. */
  constructor(
    readonly student: Module,
    teacher: Module,
    options: DistillationOptions = {},
  ) {
    super();
    checkOptions('Distillation', options, ['loss', 'temperature', 'alpha', 'features', 'featureWeight']);
    for (const [name, module] of Object.entries({ student, teacher }))
      if (!(module instanceof Module)) throw fail(name, showValue(module), 'a module');
    if (student === teacher) throw fail('teacher', 'the student', 'another model');
    this.#teacher = teacher;
    this.#options = {
      ...{ loss: 'klDiv', temperature: 4, alpha: 0.5, features: {}, featureWeight: 1 },
      ...options,
    };
    const { loss, temperature, alpha, features, featureWeight } = this.#options;
    if (loss !== 'klDiv' && loss !== 'mse') throw fail('loss', showValue(loss), "'klDiv' or 'mse'");
    if (!(temperature > 0 && Number.isFinite(temperature)))
      throw fail('temperature', showValue(temperature), 'a number above 0');
    if (!(alpha >= 0 && alpha <= 1)) throw fail('alpha', showValue(alpha), 'a number from 0 to 1');
    if (!(featureWeight >= 0 && Number.isFinite(featureWeight)))
      throw fail('featureWeight', showValue(featureWeight), 'a number from 0');
    for (const [own, theirs] of Object.entries(features)) {
      moduleAt(student, own, 'student');
      moduleAt(teacher, theirs, 'teacher');
    }
  }

  override get classesLast() {
    return this.student.classesLast;
  }

  override forward(x: Tensor): Tensor | ModelOutput {
    if (!x.graph.training) return this.student.forward(x);
    const { alpha, features, featureWeight } = this.#options;
    const own = outputsOf(this.student, Object.keys(features), x);
    const theirs = x.graph.evaluating(() => outputsOf(this.#teacher, Object.values(features), x));
    const student = asModelOutput(own.output);
    const teacher = x.graph.detach(asModelOutput(theirs.output).prediction);
    const terms: LossTerm[] = student.auxLosses.map((term) => ({
      ...term,
      weight: term.weight * (1 - alpha),
    }));
    if (alpha > 0) terms.push({ loss: this.compare(student.prediction, teacher), weight: alpha });
    own.features.forEach((feature, i) => {
      const target = x.graph.detach(theirs.features[i]);
      checkShapes(`features ${Object.keys(features)[i]}`, feature, target);
      terms.push({ loss: mseLoss(feature, target), weight: featureWeight });
    });
    return new ModelOutput(student.prediction, terms);
  }

  private compare(student: Tensor, teacher: Tensor): Tensor {
    checkShapes('output of the teacher', student, teacher);
    const { loss, temperature: T } = this.#options;
    if (loss === 'mse') return mseLoss(student, teacher);
    const dim = student.rank > 2 && !this.classesLast ? 1 : student.rank - 1;
    const scores = logSoftmax(mul(student, 1 / T), { dim });
    const targets = softmax(mul(teacher, 1 / T), { dim });
    // The mean over the positions that have scores, not over the scores.
    const divergence = klDiv(scores, targets, { reduction: 'sum' });
    return mul(divergence, (T * T * student.shape[dim]) / student.size);
  }
}

function checkShapes(argument: string, student: Tensor, teacher: Tensor): void {
  if (student.shape.join() === teacher.shape.join()) return;
  throw new GradloomError({
    ...{ code: 'shape', op: 'Distillation', argument, got: formatShape(teacher.shape) },
    expected: `${formatShape(student.shape)}, as the student gives`,
  });
}

function moduleAt(model: Module, path: string, which: string): Module {
  const modules = new Map(model.namedModules());
  const found = path === '' ? undefined : modules.get(path);
  if (found) return found;
  const near = nearest(String(path), [...modules.keys()].filter(Boolean));
  throw fail(
    'features',
    showValue(path),
    `the path of a module in the ${which}`,
    near && `Did you mean ${near}?`,
  );
}

/** What a model gives, and what modules in it give. */
function outputsOf(model: Module, paths: readonly string[], x: Tensor) {
  const found = new Map<string, Tensor>();
  const restore = paths.map((path) =>
    overrideMethod(moduleAt(model, path, 'model'), 'forward', (forward) => (...args) => {
      const output = forward(...args);
      if (!(output instanceof Tensor))
        throw fail('features', `${path}, which gives several tensors`, 'a module that gives one');
      if (!found.has(path)) found.set(path, output);
      return output;
    }),
  );
  try {
    const output: Tensor | ModelOutput = model.forward(x);
    const features = paths.map((path) => {
      const feature = found.get(path);
      if (!feature) throw fail('features', `${path}, which was not called`, 'a module that forward calls');
      return feature;
    });
    return { output, features };
  } finally {
    for (const one of restore.reverse()) one();
  }
}

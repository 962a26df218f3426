/** Losses by name: `{ type: 'crossEntropy', labelSmoothing: 0.1 }` becomes a function of output and target. */
import { IGNORED_LABEL } from '../data/dataset';
import { hostTensor, type TensorData } from '../data/host-tensor';
import { GradloomError, nearest, unknownName } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { type OpInfo, parseAttrs } from '../graph/ir/op';
import type { ModelOutput } from '../nn/model-output';
import { add, mul } from '../ops';

/**
 * A loss by its name in torch.nn.functional with its options; the suffix `Loss` may be left out. Options are the attributes of
 * the op and its further inputs, `weight`, `posWeight` and `var`, as numbers, lists or typed arrays.
 */
export type LossSpec = string | ({ type: string } & Record<string, unknown>);

/** Scalar loss of a model's output for its targets; with sample weights `[N]`, for functions of three arguments. */
export type LossFunction = (output: Tensor, target: Tensor, weight?: Tensor) => Tensor;

/** Losses by the names of a model's outputs. */
export type NamedLosses = Record<string, LossSpec | LossFunction>;

/** The loss of a trainer. */
export type TrainerLoss = LossSpec | LossFunction | NamedLosses;

/** Whether these are losses by output. */
export const isNamedLoss = (loss: TrainerLoss): loss is NamedLosses =>
  typeof loss === 'object' && loss !== null && !('type' in loss);

/** Losses whose tensors come from several outputs or targets, by the names of the op's inputs. */
export const SEVERAL_TENSORS: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  ctcLoss: () => import('../ops/loss/ctc'),
  tripletMarginLoss: () => import('../ops/loss/embedding'),
  cosineEmbeddingLoss: () => import('../ops/loss/embedding'),
  marginRankingLoss: () => import('../ops/loss/elementwise'),
};

/** The name of a loss of several tensors; undefined for others. */
export function severalTensorsOf(loss: TrainerLoss): string | undefined {
  const type =
    typeof loss === 'string' ? loss : typeof loss === 'object' && loss !== null ? loss.type : undefined;
  return Object.keys(SEVERAL_TENSORS).find((name) => name === type || name === `${type}Loss`);
}

/** Names of the losses by the module that has them: a page loads those modules whose losses it names. */
export const LOSS_MODULES: { names: readonly string[]; load(): Promise<Record<string, unknown>> }[] = [
  { names: ['crossEntropy', 'nllLoss'], load: () => import('../ops/loss/cross-entropy') },
  {
    names: [
      'mseLoss',
      'l1Loss',
      'smoothL1Loss',
      'huberLoss',
      'binaryCrossEntropy',
      'binaryCrossEntropyWithLogits',
      'klDiv',
      'poissonNllLoss',
      'gaussianNllLoss',
      'softMarginLoss',
      'hingeEmbeddingLoss',
      'multilabelSoftMarginLoss',
    ],
    load: () => import('../ops/loss/elementwise'),
  },
  { names: ['multiMarginLoss'], load: () => import('../ops/loss/multi-margin') },
  {
    names: [
      'hinge',
      'squaredHinge',
      'categoricalHinge',
      'logCosh',
      'sigmoidFocalLoss',
      'multilabelMarginLoss',
    ],
    load: () => import('../ops/loss/margins'),
  },
];
/** Other names of losses. */
export const LOSS_ALIASES: Readonly<Record<string, string>> = {
  bce: 'binaryCrossEntropy',
  bceWithLogits: 'binaryCrossEntropyWithLogits',
};

/** The name of the loss that a spec means. @throws GradloomError for unknown ones. */
export function nameOf(spec: LossSpec): string {
  const type = typeof spec === 'string' ? spec : spec?.type;
  const names = LOSS_MODULES.flatMap((module) => module.names);
  const found = [type, `${type}Loss`]
    .map((name) => (Object.hasOwn(LOSS_ALIASES, name) ? LOSS_ALIASES[name] : name))
    .find((name) => names.includes(name));
  if (found) return found;
  throw unknownName('loss', 'type', type, [...names, ...Object.keys(SEVERAL_TENSORS)]);
}

/** The function of a loss, whose module is loaded if need be. @throws GradloomError for unknown names. */
export function loadLoss(spec: LossSpec | LossFunction): Promise<LossFunction> {
  if (typeof spec === 'function') return Promise.resolve(spec);
  const name = nameOf(spec);
  const { load } = LOSS_MODULES.find(({ names }) => names.includes(name))!;
  return load().then((module) => asFunction((module[name] as { info: OpInfo }).info, spec));
}

/**
 * The loss of an op with the options of a spec.
 * @throws GradloomError `argument` for unknown options and values that the op does not take, `data` for weights that are no
 * numbers.
 */
export function asFunction(op: OpInfo, spec: LossSpec): LossFunction {
  const options = optionsOf(spec);
  const more = op.inputs.map(({ name }) => name).filter((name) => name !== 'x' && name !== 'target');
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const isInput = ([name, value]: [string, unknown]) => more.includes(name) && value !== null;
  const values = given.filter(isInput).map(([name, value]) => [name, hostValues(op, name, value)] as const);
  const attrs = Object.fromEntries(given.filter(([name]) => !more.includes(name)));
  checkAttrs(op, attrs, more);
  return (x, target) => {
    const constants = values.map(([name, { data, shape }]) => [name, x.graph.constant(data, shape)] as const);
    return op.call({ x, target, ...Object.fromEntries(constants) }, attrs)[op.outputs[0]];
  };
}

const optionsOf = (spec: LossSpec): Record<string, unknown> => {
  const { type: _, ...options } = typeof spec === 'string' ? { type: spec } : spec;
  return options;
};

/** @throws GradloomError `argument` for options that are no attributes of the op. */
export const checkLossOptions = (op: OpInfo, spec: LossSpec): void => checkAttrs(op, optionsOf(spec), []);

/** A weight as floats; a number counts for all. */
function hostValues(op: OpInfo, argument: string, value: unknown) {
  const place = { op: op.name, argument };
  const { shape, data } = hostTensor(
    (typeof value === 'number' ? { shape: [], data: [value] } : value) as TensorData,
    place,
  );
  return { shape, data: Float32Array.from(data) };
}

/** Refuses options that are neither attributes nor inputs, and says which one is near. */
function checkAttrs(op: OpInfo, attrs: object, inputs: readonly string[]): void {
  const known = [...Object.keys(op.attrs.shape), ...inputs];
  const unknown = Object.keys(attrs).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new GradloomError({
      code: 'argument',
      op: op.name,
      argument: unknown,
      got: 'not an option of this loss',
      expected: `one of ${known.join(', ')}`,
      fix: near && `Did you mean ${near}?`,
    });
  }
  parseAttrs(op.name, op.attrs, attrs);
}

/** The class index that a loss does not count: its `ignoreIndex`, or PyTorch's default. */
export function ignoredIndex(spec: TrainerLoss): number {
  return typeof spec === 'object' && typeof spec?.ignoreIndex === 'number' ? spec.ignoreIndex : IGNORED_LABEL;
}

/** Whether the loss of a batch is the sum over its samples. */
export const isSum = (spec: TrainerLoss): boolean =>
  isNamedLoss(spec)
    ? Object.values(spec).every(isSum)
    : typeof spec === 'object' && spec?.reduction === 'sum';

/** Weighted sum of the losses of a model's outputs. */
export function totalLoss({ auxLosses }: ModelOutput, lossOf: (output: Tensor) => Tensor): Tensor {
  const terms = auxLosses.map(({ weight, ...term }) => {
    const loss = 'loss' in term ? term.loss : lossOf(term.output);
    return weight === 1 ? loss : mul(loss, loss.graph.constant(new Float32Array([weight]), [1]));
  });
  return terms.reduce((sum, term) => add(sum, term));
}

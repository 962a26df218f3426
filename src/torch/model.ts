/** A model and its loss as model.py. */
import { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';
import type { OpCall, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { ModelOutput } from '../nn/model-output';
import { Module } from '../nn/module';
import { BatchMetrics } from '../train/batch-metrics';
import { classifies } from '../train/labels';
import type { TrainerOptions, TrainingData } from '../train/types';
import { type ModeTrace, ModuleWriter } from './classes';
import { ConstantTable } from './constants';
import type { Constructor, GeneratedClass } from './constructor';
import { Flow } from './flow';
import { outside, writeFunction } from './function';
import { modelFile } from './model-file';
import { BATCHES, pair } from './paired-trace';
import { isIdentifier } from './python';
import { type Trace, type TraceInput, tensorsIn, trace } from './trace';

/** model.py, and what train.py has to know of the model. */
export interface PythonModel {
  text: string;
  /** Whether inputs are whole numbers, such as tokens. */
  takesTokens: boolean;
  /** Names of parameters that the loss does not depend on. */
  unused: string[];
  /** Whether training draws random numbers, as dropout does. */
  isRandom: boolean;
  /** Where class scores are, first (dimension 1) or last; null where predictions are not right or wrong. */
  accuracy: 'first' | 'last' | null;
  /** Whether the loss in evaluation mode is a class of its own. */
  hasEvaluationLoss: boolean;
}

type Options = Pick<TrainerOptions, 'loss' | 'classesLast'>;

/** Writes model.py for a model that is trained on data like `data`. */
export async function pythonModel(model: Module, data: TrainingData, options: Options): Promise<PythonModel> {
  const dtype = data instanceof ArrayDataset && !readsTokens(model, data) ? 'f32' : 'i32';
  const input = (n: number): TraceInput => ['x', [n, ...data.xShape], dtype];
  const record = (n: number, training: boolean) =>
    trace(model, [input(n)], training, ([x]) => model.forward(x));
  const [train, evaluate] = [true, false].map((training) => {
    const [first, second] = BATCHES.map((n) => record(n, training));
    return { training, first, second };
  });
  const known = new Set(model.variables());
  const foreign = [...train.first.graph.usedVariables.keys()].find((variable) => !known.has(variable));
  if (foreign) throw outside(foreign.name || 'a parameter');
  const modes = [train, evaluate].map(({ training, first, second }): ModeTrace => {
    const items = pair(first.items, second.items);
    return { training, items, flow: new Flow(items, outputsOf(first)) };
  });
  const [constants, helpers] = [new ConstantTable(), new Set<string>()];
  const helper = (name: string) => {
    helpers.add(name);
    return name;
  };
  const writer = new ModuleWriter(modes, constants, helper);
  const made = writer.define(model);
  const context = { model, data, options, constants, helper };
  const loss = await lossClass('Loss', train, context);
  const hasEvaluationLoss = outputsOf(train.first).length !== outputsOf(evaluate.first).length;
  const evaluation = hasEvaluationLoss ? await lossClass('EvaluationLoss', evaluate, context) : undefined;
  const losses = [loss.made, ...(evaluation ? [evaluation.made] : [])];
  const text = modelFile({
    ...{ model: made, losses, ties: tiesOf(model), helpers, constants },
    title: `The model ${model.typeName}, and its loss.`,
  });
  const outputs = outputsOf(train.first);
  const used = leavesOf(outputs.filter((_, i) => loss.reads[i]));
  const unused = model.namedParameters().filter(([, variable]) => !used.variables.has(variable));
  return {
    text,
    takesTokens: dtype === 'i32',
    unused: unused.map(([name]) => name),
    isRandom: train.first.graph.calls.some(isRandom),
    accuracy: loss.accuracy,
    hasEvaluationLoss,
  };
}

const outputsOf = ({ output }: Trace): Tensor[] => [
  ...new Set([...tensorsIn(output)].map(([, tensor]) => tensor)),
];

/** What tensors are computed of, as far as gradients go. */
function leavesOf(tensors: readonly Tensor[]): { variables: Set<Variable>; inputs: Set<Tensor> } {
  const found = { variables: new Set<Variable>(), inputs: new Set<Tensor>() };
  const seen = new Set<Tensor>();
  const queue = [...tensors];
  for (let tensor = queue.pop(); tensor; tensor = queue.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const { node, storage } = tensor;
    if (node) for (const value of Object.values(node.inputs)) queue.push(...[value].flat().filter(Boolean));
    else if (storage.leaf?.kind === 'variable') found.variables.add(storage.leaf.variable);
    else if (storage.leaf?.kind === 'input') found.inputs.add(tensor);
  }
  return found;
}

/** Whether a model looks inputs up in tables that are whole numbers in floats, and takes them as integers just as well. */
function readsTokens(model: Module, data: ArrayDataset): boolean {
  const [n] = BATCHES;
  const shape = [n, ...data.xShape];
  const { graph } = trace(model, [['x', shape, 'f32']], true, ([x]) => model.forward(x));
  const isCast = ({ op, attrs }: OpCall) =>
    op === 'asIndex' || (op === 'cast' && ['i32', 'int32'].includes(attrs.dtype));
  if (!graph.calls.some(isCast) || !data.inputs().every((value) => Number.isInteger(value))) return false;
  try {
    trace(model, [['x', shape, 'i32']], true, ([x]) => model.forward(x));
    return true;
  } catch (error) {
    if (error instanceof GradloomError) return false;
    throw error;
  }
}

/** A model that gives what it is given. */
class Given extends Module {
  readonly #original: Module;
  output: unknown;

  constructor(original: Module) {
    super();
    this.#original = original;
  }

  override get classesLast() {
    return this.#original.classesLast;
  }

  override forward(_: Tensor): unknown {
    return this.output;
  }
}

interface LossContext {
  model: Module;
  data: TrainingData;
  options: Options;
  constants: ConstantTable;
  helper(name: string): string;
}

/** Whether a call draws random numbers in training. */
const isRandom = ({ op, attrs, inputs }: OpCall): boolean =>
  (/dropout|stochasticDepth/i.test(op) && attrs.p > 0 && attrs.training !== false) ||
  [attrs?.dropoutP, attrs?.dropout, attrs?.recurrentDropout].some((p) => p > 0) ||
  /rrelu|gumbelSoftmax|rand|bernoulli|multinomial/i.test(op) ||
  (op.startsWith('fractionalMaxPool') && !inputs.randomSamples);

/** The loss as a module of the model's outputs in training and the targets. */
async function lossClass(
  name: string,
  { training, first: firstTrace, second: secondTrace }: { training: boolean; first: Trace; second: Trace },
  { model, data, options, constants, helper }: LossContext,
): Promise<{ made: Constructor; accuracy: PythonModel['accuracy']; reads: boolean[] }> {
  const yShape = data instanceof ArrayDataset ? data.yShape : [data.blockSize];
  const yType = data instanceof ArrayDataset && data.y instanceof Float32Array ? 'f32' : 'i32';
  const traces: Trace[] = [];
  let accuracy: PythonModel['accuracy'] = null;
  for (const [i, found] of [firstTrace, secondTrace].entries()) {
    const tensors = outputsOf(found);
    const inputs = tensors.map(
      ({ shape, dtype }, k): TraceInput => [k === 0 ? 'output' : `aux${k}`, shape, dtype],
    );
    const target: TraceInput = ['target', [BATCHES[i], ...yShape], yType];
    const given = (replaced: Tensor[]): unknown => {
      const { output } = found;
      if (!(output instanceof ModelOutput)) return replaced[0];
      const of = (tensor: Tensor) => replaced[tensors.indexOf(tensor)];
      const aux = output.auxLosses.map((term) =>
        'loss' in term ? { ...term, loss: of(term.loss) } : { ...term, output: of(term.output) },
      );
      return new ModelOutput(of(output.prediction), aux);
    };
    const stand = new Given(model);
    const metrics = new BatchMetrics(stand, options);
    await metrics.readyFor(data);
    traces.push(
      trace(undefined, [...inputs, target], training, (all) => {
        stand.output = given(all.slice(0, -1));
        const measured = metrics.measure({ x: all[0], y: all.at(-1)! });
        if (measured.counts && classifies(measured.prediction, measured.target))
          accuracy = measured.prediction === all[0] ? 'first' : 'last';
        return measured.loss;
      }),
    );
  }
  const [first, second] = traces;
  const items = pair(first.items, second.items);
  const results = outputsOf(first);
  const mode: ModeTrace = { training, items, flow: new Flow(items, results) };
  const lines: string[] = [];
  const scope = new ModuleWriter([mode], constants, helper).scope(undefined, mode, lines);
  const { parameters, lines: body } = writeFunction(items, Object.entries(first.inputs), results, scope);
  const forward = [
    `def forward(${['self', ...parameters].join(', ')}):`,
    ...body.map((line) => `    ${line}`),
  ];
  const type: GeneratedClass = { name, base: 'nn.Module', members: [], lines, forward, height: 1 };
  const { inputs: read } = leavesOf(results);
  const reads = Object.values(first.inputs).map((tensor) => read.has(tensor));
  return { made: { type, args: [] }, accuracy, reads };
}

/** Statements that make tied parameters one. */
function tiesOf(model: Module): string[] {
  const first = new Map<Variable, string>();
  const access = (path: string) =>
    path.split('.').reduce((text, segment) => {
      if (/^\d+$/.test(segment)) return `${text}[${segment}]`;
      return isIdentifier(segment) ? `${text}.${segment}` : `getattr(${text}, ${JSON.stringify(segment)})`;
    }, 'model');
  const ties: string[] = [];
  for (const [path, variable] of model.namedVariables()) {
    const known = first.get(variable);
    if (known) ties.push(`${access(path)} = ${access(known)}`);
    else first.set(variable, path);
  }
  return ties;
}

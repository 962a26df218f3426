/** Exports a run to PyTorch: a folder with which training goes on from the very next batch. */
import { checkCount, checkOptions } from '../checks';
import { GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import type { StateDict } from '../io/state-dict';
import { writeZip } from '../io/zip';
import type { OptimizerSpec } from '../optim/optimizer';
import { parameterGroups } from '../optim/parameter-groups';
import { batchSizeOf } from '../train/batch-size';
import { isLoader } from '../train/fit-data';
import { ignoredIndex, isNamedLoss, type LossFunction, type LossSpec, nameOf } from '../train/loss';
import { ScheduledRates } from '../train/rates';
import { Trainer } from '../train/trainer';
import type { TrainingData } from '../train/types';
import { VERSION } from '../version';
import { dataFile, describeForPython } from './data-file';
import { type PythonModel, pythonModel } from './model';
import { snake } from './python';
import { type RecordedLosses, recordEvaluation, recordTraining } from './record';
import { scheduleForPython } from './schedules';
import checkSource from './templates/check.py?raw';
import dataSource from './templates/data.py?raw';
import optimSource from './templates/optim.py?raw';
import readme from './templates/README.md?raw';
import trainSource from './templates/train.py?raw';

export interface TorchExportOptions {
  /** What the run is trained on; the data of the last `fit` or `fitSteps` unless given. */
  data?: TrainingData;
  /** What `fit` validates on, where the schedule goes by it. */
  validation?: TrainingData;
  /** Whether the data goes into the folder. Default true; without it train.py takes `--data`. */
  includeData?: boolean;
  /** Of `fitSteps`, and of runs that have not begun. Default 32. */
  batchSize?: number;
  /** How many epochs the run is to have, for train.py without `--steps`. */
  epochs?: number;
  /** How many of the next losses are recorded for check.py; 0 for none. Default 10. */
  losses?: number;
}

/** A folder for PyTorch. */
export interface TorchExport {
  /** The files by name. */
  files: Record<string, Uint8Array<ArrayBuffer>>;
  /** What is not the same in PyTorch, in sentences; train.py and README.md say it too. */
  notes: string[];
  /** The folder as a zip archive. */
  zip(): Uint8Array<ArrayBuffer>;
}

/**
 * Exports the run of a trainer to PyTorch: model.py (the model as an `nn.Module` with the names of the state dict), its
 * weights, the optimizer's state, the data, and scripts that go on with the next batch on one process or many, check that
 * the losses agree, and write checkpoints that `fit({ resume })` takes. The run stays as it is; to record the next losses it
 * takes some steps and goes back.
 * @throws GradloomError `unsupported` for ops and optimizers that PyTorch has not and that are no composites; `argument`
 * where there is no data, or while `fit` runs.
 */
export async function exportTorch(trainer: Trainer, options: TorchExportOptions = {}): Promise<TorchExport> {
  if (!(trainer instanceof Trainer)) {
    throw refused('run', 'no Trainer', 'the Trainer of the run');
  }
  checkOptions('exportTorch', options, [
    'data',
    'validation',
    'includeData',
    'batchSize',
    'epochs',
    'losses',
  ]);
  const { losses: count = 10, includeData = true, epochs, validation } = options;
  if (count !== 0) checkCount('exportTorch', 'losses', count);
  if (epochs !== undefined) checkCount('exportTorch', 'epochs', epochs);
  const { run, model } = trainer;
  const data = options.data ?? run.loop?.training ?? run.cursor?.of;
  if (!data) throw refused('data', 'missing', 'the data of the run', 'Pass { data }, or train before');
  if (isLoader(data)) throw refused('data', 'a DataLoader', 'a data set', 'Pass { data }');
  const { loss } = run.options;
  if (isNamedLoss(loss)) throw refused('loss', 'losses by output', 'a model with one output');
  const batchSize = batchSizeOf('exportTorch', data, options.batchSize);
  const python = await pythonModel(model, data, run.options);
  const file = await trainer.checkpoint();
  const recording = { trainer, data, validation, file, batchSize, count };
  const record = python.isRandom ? recordEvaluation : recordTraining;
  const losses: RecordedLosses = count === 0 ? { mode: 'training', values: [] } : await record(recording);
  const { tensors, metadata } = readSafetensors(file);
  const header = JSON.parse(metadata.gradloom);
  const groups = optimizerGroups(trainer, header);
  const rates = [...new Set(groups.map(({ options: { lr } }) => lr as number))];
  const notes = notesOf(python, header, run.loop?.augments ?? false);
  const schedule = scheduleForPython(run.options.schedule, rates, header.updates);
  const { fit } = header.trainer;
  if (schedule?.type === 'reduceLROnPlateau' && !schedule.monitor) {
    schedule.monitor =
      fit?.epochs.some((epoch: object) => 'validationLoss' in epoch) || validation
        ? 'validationLoss'
        : 'loss';
  }
  const described = {
    library: VERSION,
    model: {
      name: model.typeName,
      unused: python.unused,
      frozen: model.namedParameters().flatMap(([name, { requiresGrad }]) => (requiresGrad ? [] : [name])),
    },
    loss: {
      ...describeLoss(loss),
      accuracy: python.accuracy,
      evaluates: python.hasEvaluationLoss,
    },
    optimizer: { groups },
    schedule,
    clip: run.options.clip ?? null,
    data: describeForPython(data, python.takesTokens),
    batchSize,
    epochs: epochs ?? null,
    seed: header.seed,
    precision: 'float32',
    losses,
    notes,
    checkpoint: header,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== 'gradloom')),
  };
  const rest = pick(tensors, (name) => /^@(section|others)\//.test(name));
  const text = (content: string) => new TextEncoder().encode(content);
  const files: TorchExport['files'] = {
    'README.md': text(readmeText(notes, includeData)),
    'model.py': text(python.text),
    'train.py': text(trainSource),
    'data.py': text(dataSource),
    'optim.py': text(optimSource),
    'check.py': text(checkSource),
    'requirements.txt': text('torch>=1.13\nnumpy\n'),
    'run.json': text(`${JSON.stringify(described, finiteJson, 1)}\n`),
    'model.safetensors': writeSafetensors(
      pick(tensors, (name) => !name.startsWith('@')),
      { format: 'pt' },
    ),
    'optimizer.safetensors': writeSafetensors(optimizerState(tensors, groups, header), { format: 'pt' }),
    ...(Object.keys(rest).length > 0 && { 'rest.safetensors': writeSafetensors(rest) }),
    ...(includeData && { 'data.safetensors': dataFile(data) }),
  };
  return { files, notes, zip: () => writeZip(Object.entries(files), refuseZip) };
}

const refuseZip = (got: string, expected: string, fix?: string) => refused('zip', got, expected, fix);

/** A parameter group as Python makes it: names in the order of PyTorch's optimizer. */
interface PythonGroup {
  type: string;
  params: string[];
  /** Under PyTorch's names. */
  options: Record<string, unknown>;
  momentum: number | null;
  state: readonly string[];
}

function optimizerGroups({ model, run }: Trainer, header: any): PythonGroup[] {
  const spec = run.options.optimizer as OptimizerSpec;
  const named = new Map<string, Variable>(model.namedParameters());
  const names = new Map([...named].map(([name, variable]) => [variable, name]));
  const trained = new Set(
    Object.values<any>(header.optimizers).flatMap(({ cohorts }) =>
      cohorts.flatMap((one: any) => one.parameters),
    ),
  );
  const rates = new ScheduledRates(run.options.schedule);
  return parameterGroups(spec, named, rates).flatMap(({ optimizer, parameters }) => {
    const { type, options, momentum = null, stateNames: state } = optimizer;
    if (!options) {
      const got = 'an optimizer of your own';
      throw refused(
        'optimizer',
        got,
        'an optimizer by name',
        'Write it in optim.py of an export with another one',
        'unsupported',
      );
    }
    const { fallback: _, ...own } = options;
    const params = parameters.map((variable) => names.get(variable)!).filter((name) => trained.has(name));
    const python = Object.fromEntries(Object.entries(own).map(([name, value]) => [snake(name), value]));
    return params.length > 0 ? [{ type, params, options: python, momentum, state }] : [];
  });
}

/** Optimizer state as `type.index.name`, by the index of the parameter in PyTorch's `optimizer.state_dict()`. */
function optimizerState(tensors: StateDict, groups: readonly PythonGroup[], header: any): StateDict {
  const [name] = Object.keys(header.optimizers);
  const counts: Record<string, number> = {};
  const state: StateDict = {};
  for (const { type, params, state: keys } of groups) {
    for (const parameter of params) {
      counts[type] = (counts[type] ?? -1) + 1;
      for (const key of keys)
        state[`${type}.${counts[type]}.${key}`] = tensors[`@optimizer/${name}/${parameter}/${key}`];
    }
  }
  return state;
}

/** What the loss of a batch is a mean over: how the parts of a batch on several processes count. */
function describeLoss(loss: LossSpec | LossFunction): Record<string, unknown> {
  const ignoreIndex = ignoredIndex(loss);
  if (typeof loss === 'function') return { name: 'function', weights: 'samples', ignoreIndex };
  const name = nameOf(loss);
  const options: Record<string, any> = typeof loss === 'string' ? {} : loss;
  if (options.reduction === 'sum') return { name, weights: 'sum', ignoreIndex };
  if (!['crossEntropy', 'nllLoss'].includes(name)) return { name, weights: 'samples', ignoreIndex };
  const { weight } = options;
  const classWeights =
    weight === undefined || weight === null ? undefined : Array.from(weight.data ?? weight, Number);
  return { name, weights: 'labels', ignoreIndex, classWeights };
}

function notesOf(python: PythonModel, header: any, isAugmented: boolean): string[] {
  const sections = Object.keys(header.sections).filter((name) => name !== 'schedule');
  return [
    ...(python.isRandom
      ? ['Dropout draws other numbers in PyTorch than in Gradloom: losses in training agree on average only.']
      : []),
    ...(isAugmented
      ? ['Augmentation of fit is not applied by train.py: write it into Data.batch of data.py.']
      : []),
    ...(sections.length > 0
      ? [
          `The run's ${sections.join(', ')} stay as they were at the export: train.py hands them back unchanged.`,
        ]
      : []),
  ];
}

const readmeText = (notes: readonly string[], includeData: boolean) =>
  readme
    .replace('{{notes}}', notes.map((note) => `- ${note}\n`).join(''))
    .replace('{{data}}', includeData ? '' : ' --data path/to/data.safetensors');

const finiteJson = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value)
    ? Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'Infinity'
        : '-Infinity'
    : value;

const pick = (tensors: StateDict, fits: (name: string) => boolean): StateDict =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => fits(name)));

const refused = (
  argument: string,
  got: string,
  expected: string,
  fix?: string,
  code: 'argument' | 'unsupported' = 'argument',
) => new GradloomError({ code, op: 'exportTorch', argument, got, expected, fix });

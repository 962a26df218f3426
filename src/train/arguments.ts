/** Checks of what trainers, steps and predictors are given. */
import { checkOptions } from '../checks';
import { ArrayDataset } from '../data/dataset';
import { TokenWindows } from '../data/text/windows';
import { GradloomError, showValue, unknownName } from '../errors';
import { Device } from '../gpu/device';
import { Module } from '../nn/module';
import { type FitData, isArrays, isLoader } from './fit-data';
import type { FitOptions, TrainerOptions, TrainingData } from './types';

const TRAINER_OPTIONS: (keyof TrainerOptions)[] = [
  'loss',
  'lossWeights',
  'regularization',
  'optimizer',
  'schedule',
  'clip',
  'ema',
  'swa',
  'classesLast',
  'seed',
];
const FIT_OPTIONS: (keyof FitOptions)[] = [
  'epochs',
  'batchSize',
  'sampleWeight',
  'classWeight',
  'shuffle',
  'stepsPerEpoch',
  'dropLast',
  'augment',
  'onNaN',
  'onDivergence',
  'validationSplit',
  'validation',
  'metrics',
  'averaged',
  'onStep',
  'onEpoch',
  'callbacks',
  'signal',
  'checkpoint',
  'resume',
  'recover',
  'onRecover',
  'frameBudget',
  'whenHidden',
  'visibility',
];

const POLICIES: string[] = ['stop', 'restore', 'skip', 'ignore'];

const fail = (op: string, argument: string, got: unknown, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got: showValue(got), expected, fix });

/** @throws GradloomError `argument` for what is no device of requestDevice. */
export function checkDevice(op: string, device: unknown): void {
  if (device instanceof Device) return;
  const fix = device instanceof Promise ? 'Await it first' : undefined;
  throw fail(op, 'device', device, 'what requestDevice() resolves to', fix);
}

/** @throws GradloomError `argument` for what is no module. */
export function checkModel(op: string, model: unknown): void {
  if (model instanceof Module) return;
  const isSpec = Array.isArray(model) || (typeof model === 'object' && model !== null && 'type' in model);
  throw fail(op, 'model', model, 'a module', isSpec ? 'fromSpec(model) makes one of a spec' : undefined);
}

/** @throws GradloomError `argument` for what a trainer cannot be made of. */
export function checkTrainer(device: unknown, model: unknown, options: unknown): void {
  checkDevice('Trainer', device);
  checkModel('Trainer', model);
  checkOptions('Trainer', options ?? null, TRAINER_OPTIONS);
}

/** @throws GradloomError `argument` for what is no data set. */
export function checkData(op: string, data: unknown, argument = 'data'): asserts data is TrainingData {
  if (data instanceof ArrayDataset || data instanceof TokenWindows) return;
  const fix = 'ArrayDataset.fromArrays({ x, y }) makes one of arrays and lists';
  throw fail(op, argument, data, 'an ArrayDataset or TokenWindows', fix);
}

/** @throws GradloomError `argument` for what is no data set, loader or arrays x and y. */
export function checkFitData(op: string, data: unknown, argument = 'data'): asserts data is FitData {
  if (isArrays(data)) return;
  if (typeof data === 'object' && data !== null && isLoader(data as FitData)) return;
  checkData(op, data, argument);
}

/** @throws GradloomError `argument` for options of `fit` of the wrong kind. */
export function checkFitOptions(options: FitOptions): void {
  const op = 'Trainer.fit';
  checkOptions(op, options, FIT_OPTIONS);
  const { onNaN, validation, validationSplit: split, signal } = options;
  for (const name of ['shuffle', 'dropLast'] as const) {
    if (!['undefined', 'boolean'].includes(typeof options[name]))
      throw fail(op, name, options[name], 'true or false');
  }
  for (const name of ['onStep', 'onEpoch'] as const) {
    if (!['undefined', 'function'].includes(typeof options[name]))
      throw fail(op, name, options[name], 'a function');
  }
  if (onNaN !== undefined && !POLICIES.includes(onNaN)) throw unknownName(op, 'onNaN', onNaN, POLICIES);
  if (onNaN === 'restore' && options.recover === false) {
    throw fail(op, 'recover', false, 'snapshots to go back to', "Leave it out with onNaN: 'restore'");
  }
  const { frameBudget, whenHidden, visibility } = options;
  if (
    frameBudget !== undefined &&
    frameBudget !== false &&
    !(Number.isFinite(frameBudget) && frameBudget > 0)
  ) {
    throw fail(op, 'frameBudget', frameBudget, 'milliseconds above 0, or false');
  }
  if (whenHidden !== undefined && whenHidden !== 'continue' && whenHidden !== 'pause') {
    throw unknownName(op, 'whenHidden', whenHidden, ['continue', 'pause']);
  }
  if (visibility !== undefined && typeof visibility?.onChange !== 'function') {
    throw fail(op, 'visibility', visibility, '{ hidden, onChange(listener) }');
  }
  if (split !== undefined && !(typeof split === 'number' && split >= 0 && split < 1)) {
    throw fail(op, 'validationSplit', split, 'a fraction from 0 to below 1');
  }
  if (signal !== undefined && typeof signal?.aborted !== 'boolean') {
    throw fail(op, 'signal', signal, 'an AbortSignal', 'new AbortController().signal');
  }
  if (validation !== undefined) checkFitData(op, validation, 'validation');
  if (options.metrics && !validation && !split) {
    const fix =
      'Give validation or validationSplit; Trainer.evaluate(data, { metrics }) measures on other data';
    throw fail(op, 'metrics', options.metrics, 'validation data to measure on', fix);
  }
}

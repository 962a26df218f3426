/** Flags of `gradloom train` about how it trains: optimizer, schedule, clipping, averages, early end, class weights. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { GradloomError, nearest } from '../errors';
import { optimizerOptions } from '../optim/optimizer-options';
import { scheduleOptions } from '../optim/schedule-options';
import type { OptimizerRequest, TrainRequest } from './protocol';

export interface TrainingFlags {
  lr?: number;
  optimizer: OptimizerRequest['type'];
  weightDecay?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: [number, number];
  optimizerOption?: Record<string, unknown>;
  schedule: string;
  scheduleOption?: Record<string, unknown>;
  clip?: number;
  clipValue?: number;
  ema?: number;
  earlyStopping?: number;
  monitor?: string;
  classWeights?: 'balanced' | number[];
  tensorboard?: string;
}

/** Learning rates that suit batches of about 64; other optimizers have their own. */
const DEFAULT_LR: Partial<Record<OptimizerRequest['type'], number>> = { sgd: 0.05, adam: 2e-3, adamW: 2e-3 };
const DEFAULT_MOMENTUM = 0.9;

/** Schedules that options of the command line can describe. */
const SCHEDULES = Object.keys(scheduleOptions).filter(
  (type) => !['lambdaLR', 'multiplicativeLR', 'sequentialLR', 'chainedScheduler'].includes(type),
);

/** Adds the flags to their command. */
export function addTrainingFlags(command: Command): Command {
  return command
    .option(
      '--lr <rate>',
      "learning rate (default: 0.002 for adam and adamW, 0.05 for sgd, else PyTorch's)",
      numberOf('above 0', (v) => v > 0),
    )
    .addOption(
      new Option('--optimizer <type>', 'update rule').choices(Object.keys(optimizerOptions)).default('adam'),
    )
    .addOption(
      new Option('--schedule <type>', 'course of the learning rate; cosine: half a cosine down to 0')
        .choices(['cosine', ...SCHEDULES])
        .default('constant'),
    )
    .option(
      '--weight-decay <factor>',
      "the optimizer's weight decay",
      numberOf('of at least 0', (v) => v >= 0),
    )
    .option(
      '--momentum <factor>',
      'momentum of sgd (default: 0.9), rmsprop or muon',
      numberOf('of at least 0', (v) => v >= 0),
    )
    .option('--nesterov', 'Nesterov momentum')
    .option('--betas <first,second>', 'decay rates of the averages of Adam and the like', pairOf)
    .option(
      '--optimizer-option <name=value>',
      'any other option of the optimizer by its name, such as amsgrad=true; may be repeated',
      assignment,
    )
    .option(
      '--schedule-option <name=value>',
      'an option of the schedule, such as gamma=0.5 or milestones=10,20; may be repeated',
      assignment,
    )
    .option(
      '--clip <norm>',
      'largest norm of all gradients',
      numberOf('of at least 0', (v) => v >= 0),
    )
    .option(
      '--clip-value <value>',
      'largest value of a gradient',
      numberOf('of at least 0', (v) => v >= 0),
    )
    .option(
      '--ema <decay>',
      'moving average of the weights, which is validated and written',
      numberOf('from 0 to below 1', (v) => v >= 0 && v < 1),
    )
    .option(
      '--early-stopping <epochs>',
      'ends after so many epochs without a better loss, with the best weights',
      numberOf('from 1, whole', (v) => v >= 1 && Number.isInteger(v)),
    )
    .addOption(
      new Option(
        '--monitor <metric>',
        'what --early-stopping follows (default: the validation loss, or the loss)',
      ).choices(['loss', 'accuracy', 'validationLoss', 'validationAccuracy']),
    )
    .option(
      '--class-weights <weights>',
      'what classes count for: balanced, or a number per class between commas',
      weightsOf,
    )
    .option('--tensorboard <folder>', 'writes event files for TensorBoard into a folder');
}

/** The optimizer with its defaults. Error `argument`: options that it does not have. */
export function optimizerOf(flags: TrainingFlags): OptimizerRequest {
  const { optimizer: type, lr = DEFAULT_LR[type], weightDecay, momentum, nesterov, betas } = flags;
  const own = optimizerOptions[type].shape as Record<string, unknown>;
  const given: Record<string, unknown> = { lr, weightDecay, momentum, nesterov, betas };
  if (type === 'sgd') given.momentum ??= DEFAULT_MOMENTUM;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name in own) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const others = Object.keys(optimizerOptions).filter(
      (other) => name in optimizerOptions[other as 'sgd'].shape,
    );
    throw fail(
      flag,
      String(value),
      `--optimizer ${others.join(', ')} with it`,
      `Leave it out: ${type} has ${Object.keys(own).join(', ')}`,
    );
  }
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const all = { ...options, ...flags.optimizerOption };
  check('--optimizer-option', type, optimizerOptions[type], all);
  return { type, ...all } as OptimizerRequest;
}

/** The schedule; what depends on the number of steps the page fills in. Error `argument`: options that it does not have. */
export function scheduleOf({
  schedule,
  scheduleOption,
  lr,
  optimizer,
}: TrainingFlags): TrainRequest['schedule'] {
  if (schedule === 'constant' && !scheduleOption) return undefined;
  const type = (schedule === 'cosine' ? 'cosineAnnealingLR' : schedule) as keyof typeof scheduleOptions;
  const shape = scheduleOptions[type];
  const known = 'shape' in shape ? (shape.shape as object) : {};
  const given: Record<string, unknown> = { ...scheduleOption };
  const rate = lr ?? DEFAULT_LR[optimizer];
  if ((type === 'oneCycleLR' || type === 'cyclicLR') && rate !== undefined) given.maxLr ??= rate;
  if (type === 'cyclicLR' && rate !== undefined) given.baseLr ??= rate / 10;
  const names = Object.keys(known);
  const unknown = names.length > 0 && Object.keys(given).find((name) => !names.includes(name));
  if (unknown) {
    const near = nearest(unknown, names);
    throw fail('--schedule-option', unknown, `one of ${names.join(', ')}`, near && `Did you mean ${near}?`);
  }
  return { type, ...given };
}

/** What else the page is told of the training. Error `argument`: flags that need others. */
export function trainingOf(
  flags: TrainingFlags,
): Pick<TrainRequest, 'clip' | 'ema' | 'earlyStopping' | 'classWeight'> {
  const { clip: maxNorm, clipValue: value, ema, earlyStopping: patience, monitor, classWeights } = flags;
  if (monitor !== undefined && patience === undefined)
    throw fail('--monitor', monitor, '--early-stopping with it');
  return {
    ...((maxNorm ?? value) !== undefined && {
      clip: { ...(maxNorm !== undefined && { maxNorm }), ...(value !== undefined && { value }) },
    }),
    ...(ema !== undefined && { ema }),
    ...(patience !== undefined && { earlyStopping: { patience, ...(monitor && { monitor }) } }),
    ...(classWeights !== undefined && { classWeight: classWeights }),
  };
}

interface Checked {
  shape: object;
  safeParse(
    value: unknown,
  ):
    | { success: true }
    | { success: false; issue: { path: readonly unknown[]; message: string; unknownKey?: string } };
}

function check(flag: string, type: string, schema: Checked, given: object): void {
  const result = schema.safeParse(given);
  if (result.success) return;
  const { unknownKey, path, message } = result.issue;
  const names = Object.keys(schema.shape);
  const near = unknownKey && nearest(unknownKey, names);
  const name = unknownKey ?? path.join('.');
  throw fail(
    flag,
    `${name} of ${type}`,
    unknownKey ? `one of ${names.join(', ')}` : message,
    near && `Did you mean ${near}?`,
  );
}

/** Reads plain finite numbers: `Number('')` would be 0. */
function numberOf(what: string, isRight: (value: number) => boolean) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!(Number.isFinite(value) && isRight(value)))
      throw new InvalidArgumentError(`Expected a number ${what}.`);
    return value;
  };
}

function pairOf(text: string): [number, number] {
  const values = text.split(',').map(Number);
  if (values.length !== 2 || !values.every((value) => value >= 0 && value < 1))
    throw new InvalidArgumentError('Expected two numbers from 0 to below 1, with a comma between.');
  return values as [number, number];
}

function weightsOf(text: string): 'balanced' | number[] {
  if (text === 'balanced') return text;
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every((value) => value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('Expected balanced, or numbers from 0 with commas between.');
  return values;
}

/** Adds `name=value`: a number, numbers between commas, true, false, or a word. */
function assignment(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  const value = text.slice(at + 1);
  const plain = (part: string): unknown => {
    if (part === 'true' || part === 'false') return part === 'true';
    return part.trim() === '' || Number.isNaN(Number(part)) ? part : Number(part);
  };
  const parsed = value.includes(',') ? value.split(',').map(plain) : plain(value);
  return { ...before, [text.slice(0, at)]: parsed };
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'train', argument, got, expected, fix });

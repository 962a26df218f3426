/** The flags of `gradloom train`: how each is read, checked and defaulted. */
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CategoryPolicy, MissingPolicy } from '../data/csv-columns';
import type { ArrayDataset } from '../data/dataset';
import { GradloomError, nearest } from '../errors';
// Not from '../models': that builds modules too, which needs shaders, and those exist in the page only.
import { lenetSpec } from '../models/lenet';
import { mlpSpec } from '../models/mlp';
import { readyModels } from '../models/ready';
import { checkSpecSize } from '../spec/limits';
import { addBrowserFlags } from './browser-flags';
import { type ImageFlags, imageSizeOf } from './images';
import type { LanguageFlags } from './language';
import type { BrowserFlags } from './launch';
import { addTrainingFlags, type TrainingFlags } from './training-flags';

/** The flags as commander hands them over. */
export interface TrainFlags extends LanguageFlags, BrowserFlags, ImageFlags, TrainingFlags {
  augment?: string;
  model?: string;
  data: string;
  label?: string;
  task?: 'classification' | 'regression';
  header?: boolean;
  missing?: MissingPolicy;
  categories?: CategoryPolicy;
  dayFirst?: boolean;
  ignore?: string[];
  epochs?: number;
  steps?: number;
  evalInterval?: number;
  batchSize?: number;
  validationSplit: number;
  shuffle: boolean;
  seed: number;
  out?: string;
  json?: boolean;
  run?: string;
  checkpointEvery?: number;
  resume?: string;
}

const DEFAULT_EPOCHS = 3;
const DEFAULT_STEPS = 1000;
const DEFAULT_INTERVAL = 250;

/** Adds the flags of `train` to its command. */
export function addTrainFlags(command: Command): Command {
  return addTrainingFlags(addBrowserFlags(command))
    .option(
      '--model <name>',
      'lenet, mlp, a ready model for images such as cnn, resnet18 or mobilenet_v2, gpt, rnn, lstm, gru, seq2seq, tagger, bilstm, bag ' +
        'or a JSON model spec (default: what suits the data)',
    )
    .option(
      '--data <source>',
      'digits, a folder with IDX files (MNIST as published), CIFAR files or images in a folder per class, a CSV file, ' +
        'a .txt file, dates, arithmetic, date-tags, ' +
        'or scrambled:<file with a word per line>',
      'digits',
    )
    .option(
      '--label <column>',
      'label column of a CSV file: its name, or its place from 1 (default: found, and told)',
    )
    .addOption(
      new Option('--task <task>', 'what the labels of a CSV file are (default: found, and told)').choices([
        'classification',
        'regression',
      ]),
    )
    .option('--header', 'the first line of a CSV file names the columns (default: found, and told)')
    .option('--no-header', 'it does not')
    .addOption(
      new Option(
        '--missing <policy>',
        'what becomes of missing values of a CSV file (default: median, of words the most common one)',
      ).choices(['error', 'mean', 'median', 'mode', 'drop']),
    )
    .addOption(
      new Option('--categories <form>', 'what becomes of columns of words (default: oneHot)').choices([
        'oneHot',
        'code',
        'error',
      ]),
    )
    .option('--ignore <columns>', 'columns of a CSV file to leave out, with commas between', columnList)
    .option('--day-first', 'dates such as 3/4/2024 are in April (default: found)')
    .option('--no-day-first', 'they are in March')
    .option(
      '--image-size <size>',
      'size of images of a folder, such as 64 or 48x64 (default: their own)',
      imageSizeOf,
    )
    .option('--gray', 'read images of a folder as gray')
    .option(
      '--augment <transforms>',
      'random transforms of training images, such as randomCrop:padding=4,randomHorizontalFlip, or JSON',
    )
    .option('--epochs <n>', 'passes over the training data (default: 3)', integerFrom(1))
    .option('--steps <n>', 'steps instead of epochs (default for a .txt file: 1000)', integerFrom(1))
    .option('--eval-interval <n>', 'steps from one validation to the next (default: 250)', integerFrom(1))
    .option('--batch-size <n>', 'examples per step (default: 64, for a .txt file 16)', integerFrom(1))
    .option('--validation-split <fraction>', 'share of the training data to validate on', fraction, 0)
    .option('--no-shuffle', 'take the training examples in their order')
    .option('--block-size <n>', 'tokens per window of a .txt file (default: 64)', integerFrom(1))
    .option('--layers <n>', 'layers of a language model (default: gpt 2, others 1)', integerFrom(1))
    .option('--heads <n>', 'attention heads of gpt (default: 4)', integerFrom(1))
    .option('--embedding <n>', 'size of token embeddings (default: 64 for a .txt file)', integerFrom(1))
    .option('--hidden <n>', 'units of recurrent layers (default: 128 for a .txt file)', integerFrom(1))
    .option('--dropout <p>', 'dropout of a language model (default: 0)', fraction)
    .option('--sample <n>', 'tokens to sample in the end (default: 300)', integerFrom(0))
    .option('--prompt <text>', 'what the sample begins with')
    .option('--beams <n>', 'beams for seq2seq in the end (default: 4)', integerFrom(1))
    .option('--seed <n>', 'seed of weights, shuffling and dropout', integerFrom(0), 0)
    .option('--run <folder>', 'keep the run in a folder, from which --resume goes on')
    .option(
      '--checkpoint-every <n>',
      'steps from one checkpoint of --run to the next (default: epochs)',
      integerFrom(1),
    )
    .option('--resume <folder>', 'go on with the run of a folder, with its flags and to the same bits')
    .option('--out <file>', 'where the weights go (default: gradloom-<model>.safetensors)')
    .option('--json', 'print one JSON object per line instead of text');
}

/** Names or places of columns between commas. */
function columnList(text: string): string[] {
  const columns = text.split(',').map((column) => column.trim());
  if (columns.includes('')) throw new InvalidArgumentError('Expected names or places between commas.');
  return columns;
}

/** Reads whole numbers of at least `least`. */
export function integerFrom(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value)) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Reads numbers above `limit`. */
export function numberAbove(limit: number) {
  return (text: string): number => {
    const value = parseNumber(text);
    if (!(value > limit)) throw new InvalidArgumentError(`Expected a number above ${limit}.`);
    return value;
  };
}

function fraction(text: string): number {
  const value = parseNumber(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('Expected a number from 0 to below 1.');
  return value;
}

/** NaN for all but plain finite numbers: `Number('')` would be 0. */
function parseNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A model that was asked for: a short name for people and file names, and its spec for a data set. */
export interface ChosenModel {
  name: string;
  specFor(data: Pick<ArrayDataset, 'xShape' | 'xSize' | 'classCount'>): unknown;
}

/** The library's own models; without classes they give one number. */
const MODELS: Record<string, ChosenModel['specFor']> = {
  lenet: ({ xShape, classCount = 1 }) => {
    const [height, width] = xShape.slice(-2);
    return lenetSpec({ channels: xShape.length > 2 ? xShape[0] : 1, numClasses: classCount, height, width });
  },
  mlp: ({ xSize, classCount = 1 }) => mlpSpec({ inFeatures: xSize, numClasses: classCount }),
};

/** A ready model for images of the data's size, channels and classes. */
function readyFor(name: string): ChosenModel['specFor'] | undefined {
  const ready = Object.hasOwn(readyModels, name)
    ? (readyModels[name].spec as Record<string, unknown>)
    : undefined;
  if (!ready || !IMAGE_MODELS.includes(ready.type as string)) return undefined;
  return ({ xShape, classCount = 1 }) => {
    if (xShape.length !== 3) {
      throw new GradloomError({
        code: 'argument',
        op: 'train',
        argument: '--model',
        got: `${name}, for samples of ${xShape.length} dimensions`,
        expected: 'images (channels, height, width), or a model such as mlp',
      });
    }
    const [channels, height] = xShape;
    const small = ready.type === 'cnn' ? {} : { smallImages: height < 64 };
    return { ...ready, channels, numClasses: classCount, ...small };
  };
}

/** Types of ready models that take images of any size and number of classes. */
const IMAGE_MODELS = ['cnn', 'alexnet', 'vgg', 'googlenet', 'resnet', 'mobilenetV1', 'mobilenetV2'];

/** The model that `--model` names, read from its file if it is one. Text data brings models of its own. */
export function modelOf(flag: string, own?: Readonly<Record<string, unknown>>): ChosenModel {
  if (own && Object.hasOwn(own, flag)) return { name: flag, specFor: () => own[flag] };
  if (!own && Object.hasOwn(MODELS, flag)) return { name: flag, specFor: MODELS[flag] };
  const ready = own ? undefined : readyFor(flag);
  if (ready) return { name: flag, specFor: ready };
  if (extname(flag).toLowerCase() !== '.json') {
    const images = Object.keys(readyModels).filter((name) => !(name in MODELS) && readyFor(name));
    const names = own ? Object.keys(own) : [...Object.keys(MODELS), ...images];
    const suggestion = nearest(flag, names);
    throw new GradloomError({
      code: 'argument',
      op: 'train',
      argument: '--model',
      got: flag,
      expected: `${names.join(', ')} or the path of a .json model spec${own ? ', for this data' : ''}`,
      fix: suggestion && `Did you mean ${suggestion}?`,
    });
  }
  const spec = readJson(flag);
  checkSpecSize(spec, basename(flag));
  return { name: basename(flag, extname(flag)), specFor: () => spec };
}

function readJson(file: string): unknown {
  const refuse = (got: string) => new GradloomError({ code: 'spec', op: 'train', argument: '--model', got });
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw refuse(`${file}, which cannot be read (${(error as Error).message})`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(`${file}, which is no JSON (${(error as Error).message})`);
  }
}

/** How long training lasts: epochs over the data, or epochs of a number of steps each. */
export function durationOf(
  { epochs, steps, evalInterval = DEFAULT_INTERVAL }: TrainFlags,
  endless: boolean,
): { epochs: number; stepsPerEpoch?: number } {
  if (epochs !== undefined && steps !== undefined) {
    throw new GradloomError({
      code: 'argument',
      op: 'train',
      argument: '--steps',
      got: `${steps}, with --epochs ${epochs}`,
      expected: 'one of the two',
    });
  }
  if (steps === undefined && (epochs !== undefined || !endless)) return { epochs: epochs ?? DEFAULT_EPOCHS };
  const total = steps ?? DEFAULT_STEPS;
  const intervals = Math.ceil(total / evalInterval);
  return { epochs: intervals, stepsPerEpoch: Math.ceil(total / intervals) };
}

/** What the flags of `gradloom train` ask of its page: the model, the data and how it is trained. */
import { existsSync } from 'node:fs';
import { ArrayDataset } from '../data/dataset';
import { TokenWindows } from '../data/text/windows';
import { augmentOf, checkAugment } from './augment-flag';
import { notify } from './browser-flags';
import { type LoadedData, loadData, refuseTableFlags } from './data';
import { refuseImageFlags } from './images';
import { bytesOf, describeDataset, inputMetadata } from './input';
import { checkLanguageFlags, type LanguageData, loadLanguage } from './language';
import { durationOf, modelOf, type TrainFlags } from './options';
import type { DatasetRequest, TrainRequest, WindowsRequest } from './protocol';
import { optimizerOf, scheduleOf, trainingOf } from './training-flags';

/** Reads the data. Errors name what is wrong with flags and data. */
export async function requestOf(
  flags: TrainFlags,
): Promise<{ name: string; data: LoadedData | LanguageData; request: TrainRequest }> {
  if (/\.txt$/i.test(flags.data)) announceReading(flags.data);
  const language = loadLanguage(flags.data, flags.seed, flags);
  if (language) refuseTableFlags(flags.data, flags);
  const augment = flags.augment === undefined ? undefined : augmentOf(flags.augment);
  const { name, model, data } = language ? chooseLanguage(language, flags) : await chooseOther(flags);
  checkAugment(augment, data.train);
  if (language) refuseImageFlags(flags.data, flags);
  checkLanguageFlags(flags, name, language?.endless ?? false);
  const { shuffle, validationSplit, seed } = flags;
  const request: TrainRequest = {
    model,
    train: describeData('train', data.train),
    test: describeData('test', data.test),
    loss: data.train instanceof ArrayDataset && data.train.classCount === undefined ? 'mse' : 'crossEntropy',
    optimizer: optimizerOf(flags),
    schedule: scheduleOf(flags),
    ...trainingOf(flags),
    ...durationOf(flags, language?.endless ?? false),
    batchSize: flags.batchSize ?? defaultBatch(data.train.length, validationSplit, language?.batchSize),
    shuffle,
    augment,
    validationSplit,
    validateOnTest: language !== undefined && validationSplit === 0,
    seed,
    metadata: language
      ? { tokenizer: JSON.stringify(language.tokenizer) }
      : inputMetadata(data as LoadedData),
    generate: language?.generate,
  };
  return { name, data, request };
}

/** Text data with the model for it. */
function chooseLanguage(data: LanguageData, { model: flag }: TrainFlags) {
  const { name, specFor } = modelOf(flag ?? Object.keys(data.models)[0], data.models);
  return { name, model: specFor({ xShape: data.train.xShape, xSize: 0, classCount: 0 }), data };
}

/** Images or a table with the model for it; a wrong model is told before the data is read. */
async function chooseOther({ model: flag, data: source, seed, ...flags }: TrainFlags) {
  const chosen = flag === undefined ? undefined : modelOf(flag);
  announceReading(source);
  const data = await loadData(source, seed, flags);
  if (!data.areImages) refuseImageFlags(source, flags);
  const { name, specFor } = chosen ?? modelOf(data.train.xShape.length > 1 ? 'lenet' : 'mlp');
  return { name, model: specFor(data.train), data };
}

function announceReading(source: string): void {
  if (source === 'digits') notify('Drawing the digits ...');
  else if (existsSync(source)) notify(`Reading ${source} ...`);
}

function describeData(
  name: 'train' | 'test',
  data: ArrayDataset | TokenWindows,
): DatasetRequest | WindowsRequest {
  if (data instanceof ArrayDataset) return describeDataset(name, data);
  const { blockSize, vocabSize, stride } = data;
  return { name, blockSize, vocabSize, stride };
}

/** 64, or what there is. */
function defaultBatch(examples: number, validationSplit: number, batchSize = 64): number {
  return Math.max(1, Math.min(batchSize, examples - Math.round(examples * validationSplit)));
}

/** The arrays of the data sets, as the page fetches them. */
export function filesOf({ train, test }: LoadedData | LanguageData): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [name, data] of Object.entries({ train, test })) {
    if (data instanceof TokenWindows) files.set(`${name}.x`, bytesOf(data.tokens));
    else {
      files.set(`${name}.x`, bytesOf(data.x));
      files.set(`${name}.y`, bytesOf(data.y));
    }
  }
  return files;
}

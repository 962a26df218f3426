/** Data sets from recipes, and what panels need to know of them. */
import {
  ArrayDataset,
  CharTokenizer,
  labelledTexts,
  makeDigits,
  makeSeries,
  parseCsv,
  TokenWindows,
} from '../../data';
import { GradloomError } from '../../errors';
import { Random } from '../../random';
import type { TrainingData } from '../../train';
import type { DataRecipe } from '../recipe';
import { fromBase64 } from './base64';
import { familyNames, NAME_LANGUAGES } from './names';
import { makePlane } from './plane';
import { makeSentences } from './sentences';

/** What a network is to do with the data. */
export type Task = 'classify' | 'regress' | 'language' | 'reconstruct';
/** How inputs are looked at. */
export type InputKind = 'plane' | 'image' | 'series' | 'tokens' | 'table';

export interface DataInfo {
  task: Task;
  input: InputKind;
  xShape: number[];
  trainCount: number;
  testCount: number;
  /** Outputs of a model for this data: classes, values, or tokens. */
  outputs: number;
  classes?: string[];
  /** Training samples of each class. */
  counts?: number[];
  /** The characters of texts, with the first tokens' names in front. */
  characters?: string[];
  /** Columns of a table. */
  features?: string[];
}

export interface MadeData {
  train: TrainingData;
  test: TrainingData;
  info: DataInfo;
  tokenizer?: CharTokenizer;
}

/** Characters of a text that is made. */
const SENTENCES = 12_000;

/** @throws GradloomError `data`: what cannot be made of the recipe, and why. */
export function makeData(recipe: DataRecipe): MadeData {
  switch (recipe.kind) {
    case 'digits': {
      const { train: trainCount, test: testCount, seed } = recipe;
      const { train, test } = makeDigits({ train: trainCount, test: testCount, seed });
      if (recipe.task === 'classify') return classified(train, test, 'image');
      const target = (data: ArrayDataset) =>
        ArrayDataset.fromArrays({ x: data.x, xShape: data.xShape, y: data.inputs(), yShape: data.xShape });
      return described(target(train), target(test), { task: 'reconstruct', input: 'image', outputs: 784 });
    }
    case 'plane': {
      const { x, y } = makePlane(recipe);
      const isFunction = y instanceof Float32Array;
      const all = ArrayDataset.fromArrays({
        ...{ x, xShape: [2], y, name: recipe.shape },
        ...(isFunction
          ? { yShape: [1] }
          : {
              classes: Array.from({ length: Math.max(2, ...y.map((c) => c + 1)) }, (_, c) => 'ABCDEFGHIJ'[c]),
            }),
      });
      const [train, test] = all.split(recipe.split, recipe.seed);
      if (isFunction) return described(train, test, { task: 'regress', input: 'plane', outputs: 1 });
      return classified(train, test, 'plane');
    }
    case 'series': {
      const all = makeSeries({ kind: recipe.shape, length: recipe.length, window: recipe.window });
      const cut = Math.round(all.length * (1 - recipe.split));
      const [train, test] = [all.slice(0, cut), all.slice(cut)];
      return described(train, test, { task: 'regress', input: 'series', outputs: 1 });
    }
    case 'names': {
      const { texts, labels } = familyNames();
      const tokenizer = new CharTokenizer('abcdefghijklmnopqrstuvwxyz', { special: ['<pad>'] });
      const all = labelledTexts(texts, labels, tokenizer, { classes: NAME_LANGUAGES, name: 'names' });
      const [train, test] = shuffledSplit(all, recipe);
      return { ...classified(train, test, 'tokens', tokenizer), tokenizer };
    }
    case 'text':
      return windows(recipe);
    case 'csv': {
      const options = { name: recipe.name, standardize: true, labelColumn: recipe.label };
      const [train, test] = parseCsv(recipe.text, options).split(recipe.split, recipe.seed);
      if (train.classCount) return classified(train, test, 'table');
      return described(train, test, { task: 'regress', input: 'table', outputs: 1 });
    }
    case 'images':
      return images(recipe);
  }
}

function windows(recipe: Extract<DataRecipe, { kind: 'text' }>): MadeData {
  const text = recipe.text || makeSentences(SENTENCES);
  const tokenizer = CharTokenizer.fromText(text);
  const all = new TokenWindows(tokenizer.encode(text), {
    blockSize: recipe.blockSize,
    vocabSize: tokenizer.size,
  });
  const [train, rest] = all.split(recipe.split);
  const test = rest.spread(64);
  const info: DataInfo = {
    ...{ task: 'language', input: 'tokens', xShape: [recipe.blockSize] },
    ...{ trainCount: train.length, testCount: test.length, outputs: tokenizer.size },
    characters: charactersOf(tokenizer),
  };
  return { train, test, info, tokenizer };
}

function images(recipe: Extract<DataRecipe, { kind: 'images' }>): MadeData {
  const { size, channels, classes, split, seed } = recipe;
  const pixels = size * size * channels;
  const parts = classes.map(({ bytes }) => fromBase64(bytes));
  const counts = parts.map(({ length }) => length / pixels);
  const bad = counts.findIndex((count) => count < 2 || !Number.isInteger(count));
  if (bad >= 0) {
    throw new GradloomError({
      code: 'data',
      op: 'playground',
      argument: `class ${classes[bad].name}`,
      got: `${Math.floor(counts[bad])} images of ${size} by ${size} pixels`,
      expected: 'at least 2 for each class',
    });
  }
  const x = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  const y = new Int32Array(x.length / pixels);
  let from = 0;
  parts.forEach((part, label) => {
    x.set(part, from);
    y.fill(label, from / pixels, (from + part.length) / pixels);
    from += part.length;
  });
  const names = classes.map(({ name }, i) => name || `class ${i + 1}`);
  const all = ArrayDataset.fromArrays({
    x,
    xShape: [channels, size, size],
    y,
    classes: names,
    name: 'images',
  });
  const [train, test] = shuffledSplit(all, { split, seed });
  return classified(train, test, 'image');
}

/** As `split`, whose parts keep the order of the data, with the training samples in random order. */
function shuffledSplit(
  all: ArrayDataset,
  { split, seed }: { split: number; seed: number },
): [ArrayDataset, ArrayDataset] {
  const [train, test] = all.split(split, seed);
  const order = new Random(seed, 'playground order').shuffle(
    Uint32Array.from({ length: train.length }, (_, i) => i),
  );
  return [train.subset(order), test];
}

function classified(
  train: ArrayDataset,
  test: ArrayDataset,
  input: InputKind,
  tokenizer?: CharTokenizer,
): MadeData {
  const outputs = train.classCount!;
  const counts = new Array<number>(outputs).fill(0);
  for (const label of train.y) if (label >= 0) counts[label]++;
  const classes = train.classes ? [...train.classes] : counts.map((_, i) => String(i));
  const characters = tokenizer && { characters: charactersOf(tokenizer) };
  return described(train, test, { task: 'classify', input, outputs, classes, counts, ...characters });
}

const charactersOf = (tokenizer: CharTokenizer) => [
  ...tokenizer.special.map(() => ''),
  ...tokenizer.characters,
];

const described = (
  train: ArrayDataset,
  test: ArrayDataset,
  info: Omit<DataInfo, 'xShape' | 'trainCount' | 'testCount'>,
): MadeData => ({
  train,
  test,
  info: { ...info, xShape: [...train.xShape], trainCount: train.length, testCount: test.length },
});

/**
 * Text as training data of the command line: what `--data` can name beside images and tables, the models for each,
 * and what is generated when training is over.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ArrayDataset } from '../data/dataset';
import { decodeText } from '../data/source';
import { arithmeticLengths, arithmeticTokenizer, makeArithmetic } from '../data/text/arithmetic';
import {
  DATE_SOURCE_LENGTH,
  DATE_TAGS,
  DATE_TARGET_LENGTH,
  dateTokenizer,
  makeDates,
} from '../data/text/dates';
import { makeScrambled } from '../data/text/scramble';
import { labelledTexts, pairedTexts, type TextPair } from '../data/text/sequences';
import { CharTokenizer, END, SPECIAL_TOKENS, START } from '../data/text/tokenizer';
import { TokenWindows } from '../data/text/windows';
import { GradloomError } from '../errors';
import type { GenerateRequest } from './protocol';
import type { GeneratedFigures } from './report';

/** Sizes of the language models, by flag. */
export interface LanguageFlags {
  blockSize?: number;
  layers?: number;
  heads?: number;
  embedding?: number;
  hidden?: number;
  dropout?: number;
  /** Tokens to sample when a language model is trained; 0 for none. */
  sample?: number;
  prompt?: string;
  beams?: number;
}

/** Training data that consists of text, and all that goes with it. */
export interface LanguageData {
  train: ArrayDataset | TokenWindows;
  test: ArrayDataset | TokenWindows;
  /** For people: `dates`, or the path. */
  description: string;
  /** Model specs by name; the first is the default. */
  models: Record<string, unknown>;
  tokenizer: CharTokenizer;
  batchSize: number;
  /** Whether the data is a text without end, which is trained on for a number of steps. */
  endless: boolean;
  /** What the models that can generate are asked for in the end. */
  generate?: GenerateRequest;
  /** What is said about what was generated. */
  describe?(generated: readonly (readonly number[])[]): GeneratedFigures;
}

/** Flags of data that is a long text, whatever the model. */
const TEXT_FLAGS = ['blockSize', 'sample', 'prompt'] as const;
const RECURRENT_FLAGS = ['embedding', 'hidden', 'layers', 'dropout'] as const;

/** The flags that each model uses. */
const MODEL_FLAGS: Readonly<Record<string, readonly (keyof LanguageFlags)[]>> = {
  gpt: [...TEXT_FLAGS, 'layers', 'heads', 'embedding', 'dropout'],
  rnn: [...TEXT_FLAGS, ...RECURRENT_FLAGS],
  lstm: [...TEXT_FLAGS, ...RECURRENT_FLAGS],
  gru: [...TEXT_FLAGS, ...RECURRENT_FLAGS],
  seq2seq: ['embedding', 'hidden', 'dropout', 'beams'],
  tagger: RECURRENT_FLAGS,
  bilstm: RECURRENT_FLAGS,
  bag: ['embedding', 'hidden'],
};

const VALIDATION_FRACTION = 0.1;
const VALIDATION_WINDOWS = 256;
const SCRAMBLED = 'scrambled:';

/**
 * The text data that `--data` names, or undefined when it names none: `dates`, `date-tags`, `arithmetic`,
 * `scrambled:<file>` with a word per line, or a `.txt` file.
 * @throws GradloomError (code `data`) for a file that cannot be read or is too short.
 */
export function loadLanguage(source: string, seed: number, flags: LanguageFlags): LanguageData | undefined {
  if (source === 'dates') {
    const { train, test } = makeDates({ train: 8000, test: 500, seed });
    const lengths = { sourceLength: DATE_SOURCE_LENGTH, targetLength: DATE_TARGET_LENGTH };
    return pairData(source, train, test, dateTokenizer(), lengths, flags);
  }
  if (source === 'arithmetic') {
    const { train, test } = makeArithmetic({ train: 8000, test: 500, digits: 2, seed });
    return pairData(source, train, test, arithmeticTokenizer(), arithmeticLengths(2), flags);
  }
  if (source === 'date-tags') return tagData(seed, flags);
  if (source.startsWith(SCRAMBLED)) return scrambledData(source.slice(SCRAMBLED.length), seed, flags);
  if (/\.txt$/i.test(source)) return textData(source, flags);
  return undefined;
}

/**
 * Refuses flags that the model would not use. Error `argument`.
 * @param endless whether the data is a long text, which has flags of its own.
 */
export function checkLanguageFlags(flags: LanguageFlags, model: string, endless: boolean): void {
  const used = MODEL_FLAGS[model] ?? (endless ? TEXT_FLAGS : []);
  const all = [...new Set(Object.values(MODEL_FLAGS).flat())];
  const unused = all.find((name) => flags[name] !== undefined && !used.includes(name));
  if (!unused) return;
  const models = Object.keys(MODEL_FLAGS).filter((name) => MODEL_FLAGS[name].includes(unused));
  throw new GradloomError({
    code: 'argument',
    op: 'train',
    argument: `--${unused.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    got: `${flags[unused]}, with the model ${model}`,
    expected: `a model that uses it: ${models.join(', ')}`,
  });
}

/** A long text: language models. The last tenth of it is for validation. */
function textData(path: string, flags: LanguageFlags): LanguageData {
  const text = read(path);
  if (text === '') throw dataError(`${path}, which is empty`, 'text');
  const tokenizer = CharTokenizer.fromText(text);
  const { blockSize = 64, layers, embedding = 64, heads = 4, dropout = 0, hidden = 128 } = flags;
  const vocabSize = tokenizer.size;
  const all = new TokenWindows(Int32Array.from(tokenizer.encode(text)), {
    blockSize,
    vocabSize,
    name: basename(path),
  });
  const [train, validation] = all.split(VALIDATION_FRACTION);
  const recurrent = (cell: string) => ({
    type: 'recurrentLM',
    vocabSize,
    cell,
    embeddingDim: embedding,
    hiddenSize: hidden,
    numLayers: layers ?? 1,
    dropout,
  });
  const { sample = 300, prompt = tokenizer.characters.includes('\n') ? '\n' : tokenizer.characters[0] } =
    flags;
  return {
    train,
    test: validation.spread(VALIDATION_WINDOWS),
    description: path,
    models: {
      gpt: {
        type: 'gpt',
        vocabSize,
        blockSize,
        nLayer: layers ?? 2,
        nHead: heads,
        nEmbd: embedding,
        dropout,
      },
      rnn: recurrent('rnn'),
      lstm: recurrent('lstm'),
      gru: recurrent('gru'),
    },
    tokenizer,
    batchSize: 16,
    endless: true,
    generate: sample === 0 ? undefined : sampleRequest(tokenizer.encode(prompt), sample),
    describe: ([tokens]) => ({ sample: prompt + tokenizer.decode(tokens) }),
  };
}

/** A sample of a language model. */
const sampleRequest = (prompt: number[], maxNewTokens: number): GenerateRequest => ({
  prompts: [prompt],
  options: { maxNewTokens, strategy: { type: 'sample', temperature: 0.8 }, onFull: 'slide' },
});

/** Strings that become other strings: encoder-decoders, tested by exact match with beam search. */
function pairData(
  description: string,
  train: readonly TextPair[],
  test: readonly TextPair[],
  tokenizer: CharTokenizer,
  lengths: { sourceLength: number; targetLength: number },
  { embedding = 32, hidden = 64, dropout = 0, beams = 4 }: LanguageFlags,
): LanguageData {
  const paired = (part: readonly TextPair[]) =>
    pairedTexts(part, tokenizer, { ...lengths, name: description }).data;
  return {
    train: paired(train),
    test: paired(test),
    description,
    models: {
      seq2seq: {
        type: 'seq2seq',
        vocabSize: tokenizer.size,
        sourceLength: lengths.sourceLength,
        embeddingDim: embedding,
        hiddenSize: hidden,
        dropout,
      },
    },
    tokenizer,
    batchSize: 64,
    endless: false,
    generate: {
      prompts: test.map(() => [START]),
      options: {
        sources: test.map(({ source }) => tokenizer.encode(source)),
        maxNewTokens: lengths.targetLength,
        endToken: END,
        strategy: { type: 'beam', beams },
        batchSize: 64,
      },
    },
    describe(generated) {
      const texts = generated.map((tokens) => tokenizer.decode(tokens));
      const right = texts.filter((text, i) => text === test[i].target).length;
      const examples = texts.slice(0, 5).map((text, i) => `${test[i].source} -> ${text}`);
      return { exactMatch: right / test.length, examples };
    },
  };
}

/** Written dates with a label per character: taggers. */
function tagData(seed: number, flags: LanguageFlags): LanguageData {
  const { train, test } = makeDates({ train: 4000, test: 500, seed });
  const tokenizer = dateTokenizer();
  const labelled = (part: typeof train) =>
    labelledTexts(
      part.map(({ source }) => source),
      part.map(({ tags }) => tags),
      tokenizer,
      { length: DATE_SOURCE_LENGTH, classes: DATE_TAGS, name: 'date-tags' },
    );
  const { embedding = 16, hidden = 32, layers = 1, dropout = 0 } = flags;
  const sizes = { embeddingDim: embedding, hiddenSize: hidden, numLayers: layers, dropout };
  return {
    train: labelled(train),
    test: labelled(test),
    description: 'date-tags',
    models: {
      tagger: { type: 'sequenceTagger', vocabSize: tokenizer.size, tags: DATE_TAGS.length, ...sizes },
    },
    tokenizer,
    batchSize: 64,
    endless: false,
  };
}

/** Words, and the same words scrambled: which is which? A bag of characters cannot know. */
function scrambledData(path: string, seed: number, flags: LanguageFlags): LanguageData {
  const words = read(path)
    .split(/\r?\n/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw dataError(`${path}, which is empty`, 'a word per line');
  const { train, test } = makeScrambled(words, { seed });
  const tokenizer = CharTokenizer.fromText(words.join(''), { special: SPECIAL_TOKENS });
  const length = Math.max(...words.map((word) => [...word].length));
  const classes = ['scrambled', 'word'];
  const labelled = ({ texts, labels }: typeof train) =>
    labelledTexts(texts, labels, tokenizer, { length, classes, name: path });
  const { embedding = 32, hidden = 64, layers = 1, dropout = 0 } = flags;
  const embed = { type: 'embedding', numEmbeddings: tokenizer.size, embeddingDim: embedding, paddingIdx: 0 };
  const bilstm = {
    type: 'lstm',
    inputSize: embedding,
    hiddenSize: hidden,
    numLayers: layers,
    bidirectional: true,
    batchFirst: true,
    output: 'last',
  };
  return {
    train: labelled(train),
    test: labelled(test),
    description: path,
    models: {
      bilstm: [
        embed,
        bilstm,
        { type: 'dropout', p: dropout },
        { type: 'linear', inFeatures: 2 * hidden, outFeatures: classes.length },
      ],
      bag: [
        embed,
        { type: 'sum', dim: 1 },
        { type: 'linear', inFeatures: embedding, outFeatures: hidden },
        { type: 'relu' },
        { type: 'linear', inFeatures: hidden, outFeatures: classes.length },
      ],
    },
    tokenizer,
    batchSize: 64,
    endless: false,
  };
}

function read(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw dataError(`${path}, which cannot be read (${(error as Error).message})`, 'a text file');
  }
  return decodeText(bytes, path, 'train');
}

function dataError(got: string, expected: string): GradloomError {
  return new GradloomError({ code: 'data', op: 'train', argument: '--data', got, expected });
}

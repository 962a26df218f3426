// Language models, tagger and encoder-decoder, each built from its JSON spec and trained for real on a small task.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import {
  CharTokenizer,
  DATE_SOURCE_LENGTH,
  DATE_TAGS,
  dateTokenizer,
  END,
  labelledTexts,
  makeDates,
  pairedTexts,
  SPECIAL_TOKENS,
  START,
  TokenWindows,
} from '../data/text';
import { decodeTags, Generator } from '../generate';
import type { Device } from '../gpu/device';
import type { Decodable } from '../nn';
import { Random } from '../random';
import { fromSpec } from '../spec';
import { Trainer } from '../train';
import { GPT, RecurrentLM, Seq2Seq, SequenceTagger } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Sentences in which the next letter often needs more than the letter before. */
const TEXT = 'the cat sat on a mat, one rat ran to my hat. '.repeat(45);
const tokenizer = CharTokenizer.fromText(TEXT);
const sizes = { vocabSize: tokenizer.size };

const languageModels = {
  gpt: [GPT, { type: 'gpt', ...sizes, blockSize: 32, nLayer: 2, nHead: 2, nEmbd: 32 }],
  rnn: [RecurrentLM, { type: 'recurrentLM', ...sizes, cell: 'rnn', hiddenSize: 48 }],
  lstm: [RecurrentLM, { type: 'recurrentLM', ...sizes, cell: 'lstm', hiddenSize: 48 }],
  gru: [
    RecurrentLM,
    { type: 'recurrentLM', ...sizes, cell: 'gru', hiddenSize: 48, numLayers: 2, dropout: 0.1 },
  ],
} as const;

it.each(Object.keys(languageModels) as (keyof typeof languageModels)[])(
  '%s learns a text by heart',
  async (name) => {
    const [Class, spec] = languageModels[name];
    const model = fromSpec(spec) as Decodable;
    expect(model).toBeInstanceOf(Class);
    const trainer = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'adamW', lr: 1e-2 },
      seed: 1,
    });
    const text = new TokenWindows(Int32Array.from(tokenizer.encode(TEXT)), { blockSize: 32, ...sizes });
    const [train, validation] = text.split(0.2);
    const { epochs } = await trainer.fit(train, {
      epochs: 3,
      stepsPerEpoch: 40,
      batchSize: 8,
      validation: validation.spread(8),
    });
    expect(epochs).toHaveLength(3);
    expect(epochs[0].validationLoss!).toBeGreaterThan(epochs[2].validationLoss!);
    // Only the first letters of a window leave a choice.
    expect(epochs[2].validationLoss).toBeLessThan(0.35);
    expect(epochs[2].validationAccuracy).toBeGreaterThan(0.88);
    const generator = new Generator(device, model);
    const [{ tokens }] = await generator.generate([tokenizer.encode('sat on a ')], { maxNewTokens: 24 });
    expect(tokenizer.decode(tokens)).toBe('mat, one rat ran to my h');
    await generator.dispose();
    await trainer.dispose();
  },
);

it('windows wrap around, and a second run gives the same bits', async () => {
  const text = new TokenWindows(Int32Array.from(tokenizer.encode(TEXT.slice(0, 60))), {
    blockSize: 50,
    ...sizes,
  });
  expect(text.length).toBe(10);
  const run = async () => {
    const model = fromSpec(languageModels.gru[1]);
    const trainer = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'sgd', lr: 0.1 },
    });
    const losses: number[] = [];
    await trainer.fit(text, { stepsPerEpoch: 4, batchSize: 4, onStep: ({ loss }) => losses.push(loss) });
    await trainer.dispose();
    return losses;
  };
  const losses = await run();
  expect(losses).toHaveLength(4);
  expect(await run()).toEqual(losses);
});

it('refuses a vocabulary that the model has no outputs for', async () => {
  const model = fromSpec({ type: 'recurrentLM', vocabSize: 4 });
  const options = { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } } as const;
  const trainer = new Trainer(device, model, options);
  const text = new TokenWindows(Int32Array.from(tokenizer.encode(TEXT)), { blockSize: 8, ...sizes });
  await expect(trainer.fit(text, { batchSize: 2 })).rejects.toThrow(
    /vocabulary of text is \d+ tokens; expected 0 to 3, because the model has 4 outputs/,
  );
  await trainer.dispose();
});

it('a tagger learns which characters of a date are what', async () => {
  const { train, test } = makeDates({ train: 600, test: 60, seed: 1 });
  const dates = dateTokenizer();
  const labelled = (part: typeof train) =>
    labelledTexts(
      part.map(({ source }) => source),
      part.map(({ tags }) => tags),
      dates,
      { length: DATE_SOURCE_LENGTH, classes: DATE_TAGS },
    );
  const spec = {
    vocabSize: dates.size,
    tags: DATE_TAGS.length,
    embeddingDim: 16,
    hiddenSize: 24,
    cell: 'gru',
  };
  const model = fromSpec({ type: 'sequenceTagger', ...spec });
  expect(model).toBeInstanceOf(SequenceTagger);
  const trainer = new Trainer(device, model, {
    loss: 'crossEntropy',
    optimizer: { type: 'adamW', lr: 1e-2 },
  });
  await trainer.fit(labelled(train), { epochs: 6, batchSize: 32 });
  const { shape, data } = await trainer.predict(labelled(test));
  expect(shape).toEqual([60, DATE_SOURCE_LENGTH, DATE_TAGS.length]);
  // Day, month and year never follow each other without something between them.
  const transitions = DATE_TAGS.map((a) =>
    DATE_TAGS.map((b) => (a === b || a === 'other' || b === 'other' ? 0 : Number.NEGATIVE_INFINITY)),
  );
  const rights = { greedy: 0, viterbi: 0, beam: 0 };
  test.forEach(({ source, tags }, i) => {
    const start = i * DATE_SOURCE_LENGTH * DATE_TAGS.length;
    const scores = data.subarray(start, start + source.length * DATE_TAGS.length);
    const decoded = {
      greedy: decodeTags(scores, DATE_TAGS.length),
      viterbi: decodeTags(scores, DATE_TAGS.length, { transitions }),
      beam: decodeTags(scores, DATE_TAGS.length, { transitions, beams: 5 }),
    };
    for (const [name, { labels }] of Object.entries(decoded)) {
      if (labels.join() === tags.join()) rights[name as keyof typeof rights]++;
    }
    expect(decoded.viterbi.score).toBeGreaterThanOrEqual(decoded.beam.score - 1e-9);
  });
  expect(rights.greedy).toBeGreaterThan(54);
  expect(rights.viterbi).toBeGreaterThan(54);
  expect(rights.beam).toBeGreaterThan(54);
  await trainer.dispose();
});

it('padding leaves the scores of a tagger as they are', async () => {
  const model = new SequenceTagger({ vocabSize: 9, tags: 3, hiddenSize: 8, embeddingDim: 4 });
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } });
  const tokens = [3, 8, 1, 4];
  const short = await trainer.predict({ shape: [1, 4], data: Float32Array.from(tokens) });
  const long = await trainer.predict({ shape: [1, 7], data: Float32Array.from([...tokens, 0, 0, 0]) });
  short.data.forEach((value, i) => {
    expect(long.data[i]).toBeCloseTo(value, 5);
  });
  await trainer.dispose();
});

it('seq2seq learns to write strings backwards', async () => {
  const letters = new CharTokenizer('abcdef', { special: SPECIAL_TOKENS });
  const random = new Random(2, 'strings');
  const strings = new Set<string>();
  while (strings.size < 1700) {
    strings.add(Array.from({ length: 2 + random.integer(4) }, () => 'abcdef'[random.integer(6)]).join(''));
  }
  const pairs = [...strings].map((source) => ({ source, target: [...source].reverse().join('') }));
  const [train, test] = [pairs.slice(0, 1600), pairs.slice(1600)];
  const { data, sourceLength } = pairedTexts(train, letters, { sourceLength: 5, targetLength: 6 });
  const spec = { vocabSize: letters.size, sourceLength, embeddingDim: 16, hiddenSize: 32 };
  const model = fromSpec({ type: 'seq2seq', ...spec }) as Seq2Seq;
  expect(model).toBeInstanceOf(Seq2Seq);
  const trainer = new Trainer(device, model, {
    loss: 'crossEntropy',
    optimizer: { type: 'adamW', lr: 1e-2 },
  });
  await trainer.fit(data, { epochs: 8, batchSize: 64 });
  const generator = new Generator(device, model);
  const found = await generator.generate(
    test.map(() => [START]),
    {
      sources: test.map(({ source }) => letters.encode(source)),
      maxNewTokens: 6,
      endToken: END,
      strategy: { type: 'beam', beams: 3 },
    },
  );
  const right = found.filter(({ tokens }, i) => letters.decode(tokens) === test[i].target).length;
  expect(right).toBeGreaterThan(90);
  expect(found.every(({ ended }) => ended)).toBe(true);
  await generator.dispose();
  await trainer.dispose();
});

it('seq2seq refuses an input without room for the decoder', async () => {
  const model = new Seq2Seq({ vocabSize: 5, sourceLength: 4 });
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } });
  const x = ArrayDataset.fromArrays({ x: new Float32Array(4), xShape: [4], y: new Int32Array(1) });
  await expect(trainer.predict(x)).rejects.toThrow(/Seq2Seq: x is 4 positions; expected more than 4/);
  await trainer.dispose();
});

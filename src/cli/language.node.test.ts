// Text as `--data`: which data sets and models come of it, what is asked of a trained model, and refusals.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArrayDataset } from '../data/dataset';
import { TokenWindows } from '../data/text';
import { CharTokenizer, END, SPECIAL_TOKENS, START } from '../data/text/tokenizer';
import { writeSafetensors } from '../io/safetensors';
import { readWeights, requestOf } from './generate';
import { checkLanguageFlags, loadLanguage } from './language';
import { durationOf, modelOf, type TrainFlags } from './options';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-language-'));
  writeFileSync(join(folder, 'text.txt'), 'to be or not to be\n'.repeat(60));
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(
    join(folder, 'words'),
    ['anna', 'maria', 'karl', 'emil', 'rosa', 'lena', 'otto', 'paul'].join('\n'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (source: string, flags = {}) => loadLanguage(source, 1, flags)!;

describe('loadLanguage', () => {
  it('a text file gives windows and language models', () => {
    const { train, test, models, tokenizer, generate, describe } = load(join(folder, 'text.txt'), {
      blockSize: 16,
      layers: 3,
      sample: 5,
      prompt: 'be',
    });
    expect(train).toBeInstanceOf(TokenWindows);
    expect((train as TokenWindows).tokens.length + (test as TokenWindows).tokens.length).toBe(60 * 19);
    expect(Object.keys(models)).toEqual(['gpt', 'rnn', 'lstm', 'gru']);
    expect(models.gpt).toMatchObject({ type: 'gpt', vocabSize: tokenizer.size, blockSize: 16, nLayer: 3 });
    expect(models.gru).toMatchObject({ type: 'recurrentLM', cell: 'gru', numLayers: 3 });
    expect(generate).toMatchObject({ prompts: [tokenizer.encode('be')], options: { maxNewTokens: 5 } });
    expect(describe!([tokenizer.encode(' or')])).toEqual({ sample: 'be or' });
    expect(load(join(folder, 'text.txt'), { blockSize: 16, sample: 0 }).generate).toBeUndefined();
    writeFileSync(join(folder, 'marked.txt'), `\ufeff${'to be or not to be\n'.repeat(60)}`);
    expect(load(join(folder, 'marked.txt')).tokenizer.characters).toEqual(tokenizer.characters);
  });

  it('dates and arithmetic give pairs, and what comes out is counted', () => {
    for (const source of ['dates', 'arithmetic']) {
      const { train, test, models, tokenizer, generate, describe } = load(source, { beams: 2 });
      const { xShape, yShape } = train as ArrayDataset;
      const { sourceLength } = models.seq2seq as { sourceLength: number };
      expect(xShape).toEqual([sourceLength + yShape[0]]);
      expect(test.length).toBe(500);
      expect(generate!.options).toMatchObject({ endToken: END, strategy: { type: 'beam', beams: 2 } });
      expect(generate!.prompts[0]).toEqual([START]);
      const { y } = test as ArrayDataset;
      const targets = generate!.prompts.map((_, i) => {
        const row = y.subarray(i * yShape[0], (i + 1) * yShape[0]);
        return [...row.subarray(0, row.indexOf(END))];
      });
      expect(describe!(targets).exactMatch).toBe(1);
      expect(describe!([[], ...targets.slice(1)]).exactMatch).toBe(499 / 500);
      expect(describe!(targets).examples![0]).toMatch(tokenizer.decode(targets[0]));
    }
  });

  it('date-tags and scrambled words give labels', () => {
    const tags = load('date-tags');
    expect((tags.train as ArrayDataset).yShape).toEqual((tags.train as ArrayDataset).xShape);
    expect(tags.models.tagger).toMatchObject({ type: 'sequenceTagger', tags: 5 });
    const words = load(`scrambled:${join(folder, 'words')}`);
    expect((words.train as ArrayDataset).classes).toEqual(['scrambled', 'word']);
    expect(words.train.length + words.test.length).toBe(16);
    expect(Object.keys(words.models)).toEqual(['bilstm', 'bag']);
  });

  it('leaves other data alone and refuses files without text', () => {
    expect(loadLanguage('digits', 0, {})).toBeUndefined();
    expect(loadLanguage('table.csv', 0, {})).toBeUndefined();
    expect(() => load(join(folder, 'none.txt'))).toThrow(/--data is .*none\.txt, which cannot be read/);
    expect(() => load(join(folder, 'empty.txt'))).toThrow(/empty\.txt, which is empty; expected text/);
    expect(() => load(join(folder, 'text.txt'), { blockSize: 500 })).toThrow(/at least 501, for one window/);
    expect(() => load(join(folder, 'text.txt'), { prompt: 'X' })).toThrow(/character 0 is "X"/);
  });
});

it('text data has models of its own', () => {
  const { models } = load('dates');
  expect(modelOf('seq2seq', models).name).toBe('seq2seq');
  expect(() => modelOf('gpt', models)).toThrow(/--model is gpt; expected seq2seq or the path of a \.json/);
  expect(() => modelOf('gpt')).toThrow(/expected lenet, mlp, cnn, .* or the path of a \.json/);
});

it('refuses flags that the model would not use', () => {
  const check =
    (flags: Partial<TrainFlags>, model: string, endless = false) =>
    () =>
      checkLanguageFlags(flags, model, endless);
  expect(check({ layers: 2, heads: 2, sample: 0 }, 'gpt', true)).not.toThrow();
  expect(check({ blockSize: 9 }, 'mine', true)).not.toThrow();
  expect(check({ heads: 2 }, 'lstm', true)).toThrow(
    /--heads is 2, with the model lstm; expected a model that uses it: gpt$/,
  );
  expect(check({ blockSize: 9 }, 'seq2seq')).toThrow(/--block-size is 9, .*: gpt, rnn, lstm, gru$/);
  expect(check({ hidden: 9 }, 'lenet')).toThrow(/--hidden is 9/);
});

it('lasts for epochs or for steps', () => {
  const flags = (given: Partial<TrainFlags>) => given as TrainFlags;
  expect(durationOf(flags({}), false)).toEqual({ epochs: 3 });
  expect(durationOf(flags({ epochs: 5 }), true)).toEqual({ epochs: 5 });
  expect(durationOf(flags({}), true)).toEqual({ epochs: 4, stepsPerEpoch: 250 });
  expect(durationOf(flags({ steps: 600, evalInterval: 200 }), false)).toEqual({
    epochs: 3,
    stepsPerEpoch: 200,
  });
  expect(durationOf(flags({ steps: 100 }), true)).toEqual({ epochs: 1, stepsPerEpoch: 100 });
  expect(() => durationOf(flags({ steps: 5, epochs: 1 }), true)).toThrow(/--steps is 5, with --epochs 1/);
});

describe('generate', () => {
  const flags = { prompt: 'ab', length: 9, seed: 3 };
  const tokenizer = new CharTokenizer('ab', { special: SPECIAL_TOKENS });

  it('asks a language model to go on and a seq2seq to read', () => {
    expect(requestOf({ type: 'gpt' }, tokenizer, flags).generate).toEqual({
      prompts: [[3, 4]],
      options: {
        maxNewTokens: 9,
        strategy: { type: 'sample', temperature: 0.8, topK: undefined, topP: undefined, seed: 3 },
        onFull: 'slide',
      },
    });
    expect(requestOf({ type: 'seq2seq' }, tokenizer, flags).generate).toEqual({
      prompts: [[START]],
      options: { maxNewTokens: 9, strategy: { type: 'beam', beams: 4 }, sources: [[3, 4]], endToken: END },
    });
    const { options } = requestOf({ type: 'gpt' }, tokenizer, { ...flags, greedy: true }).generate;
    expect(options.strategy).toEqual({ type: 'greedy' });
  });

  it('refuses strategies that exclude each other, unknown characters and foreign files', () => {
    const both = { ...flags, beams: 2, topK: 3 };
    expect(() => requestOf({}, tokenizer, both)).toThrow(/given together; expected beams, or greedy, or/);
    expect(() => requestOf({}, tokenizer, { ...flags, prompt: 'abc' })).toThrow(/character 2 is "c"/);
    const file = join(folder, 'weights.safetensors');
    const tensors = { w: { shape: [1], data: new Float32Array(1) } };
    writeFileSync(file, writeSafetensors(tensors, { format: 'pt' }));
    expect(() => readWeights(file)).toThrow(/without a model and its characters/);
    expect(() => readWeights(join(folder, 'none'))).toThrow(/cannot be read/);
    const metadata = { model: '{"type":"gpt"}', tokenizer: JSON.stringify(tokenizer) };
    writeFileSync(file, writeSafetensors(tensors, metadata));
    expect(readWeights(file)).toMatchObject({
      model: { type: 'gpt' },
      tokenizer: { characters: ['a', 'b'] },
    });
  });
});

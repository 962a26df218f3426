// Tokenizers, windows, padded sequences and the generators of string tasks, with their errors.

import { expect, it } from 'vitest';
import { IGNORED_LABEL } from '../dataset';
import {
  arithmeticLengths,
  arithmeticTokenizer,
  ByteTokenizer,
  CharTokenizer,
  DATE_SOURCE_LENGTH,
  DATE_TAGS,
  DATE_TARGET_LENGTH,
  dateTokenizer,
  END,
  labelledTexts,
  makeArithmetic,
  makeDates,
  makeScrambled,
  padSequences,
  pairedTexts,
  SPECIAL_TOKENS,
  START,
  TokenWindows,
} from '.';

it('a character tokenizer knows the characters of its text, in order', () => {
  const tokenizer = CharTokenizer.fromText('hello, wörld 𝄞');
  expect(tokenizer.characters.join('')).toBe(' ,dehlorwö𝄞');
  expect(tokenizer.size).toBe(11);
  const tokens = tokenizer.encode('dö𝄞');
  expect(tokens).toEqual([2, 9, 10]);
  expect(tokenizer.decode(tokens)).toBe('dö𝄞');
});

it('special tokens come first and are no text', () => {
  const tokenizer = new CharTokenizer('ab', { special: SPECIAL_TOKENS });
  expect(tokenizer.size).toBe(5);
  expect(tokenizer.encode('ba')).toEqual([4, 3]);
  expect(tokenizer.decode([START, 4, 3, END])).toBe('ba');
});

it('says which character is unknown and where', () => {
  const tokenizer = new CharTokenizer('abc');
  expect(() => tokenizer.encode('abX')).toThrow(/character 2 is "X" \(U\+0058\); expected one of the 3 char/);
  expect(() => tokenizer.encode('B')).toThrow(/Use "b"/);
  expect(() => tokenizer.decode([3])).toThrow(/token is 3; expected a token from 0 to 2/);
  expect(() => new CharTokenizer('aba')).toThrow(/"a" twice/);
  expect(() => new CharTokenizer('')).toThrow(/characters is empty/);
  expect(() => new CharTokenizer(['ab'])).toThrow(/"ab"; expected each character once/);
});

it('bytes encode every text', () => {
  const tokenizer = new ByteTokenizer();
  expect(tokenizer.encode('é')).toEqual([0xc3, 0xa9]);
  expect(tokenizer.decode(tokenizer.encode('naïve 𝄞'))).toBe('naïve 𝄞');
  expect(() => tokenizer.decode([256])).toThrow(/token from 0 to 255/);
});

it('windows start everywhere and end one token before the end', () => {
  const windows = new TokenWindows(Int32Array.from([0, 1, 2, 3, 4, 5]), { blockSize: 3, vocabSize: 6 });
  expect(windows.length).toBe(3);
  expect(new TokenWindows(windows.tokens, { blockSize: 3, vocabSize: 6, stride: 2 }).length).toBe(2);
  const text = new TokenWindows(new Int32Array(1000), { blockSize: 10, vocabSize: 1 });
  const [train, test] = text.split(0.1);
  expect([train.tokens.length, test.tokens.length]).toEqual([900, 100]);
  const spread = text.spread(20);
  expect(spread.length).toBeLessThanOrEqual(20);
  expect(spread.length).toBeGreaterThanOrEqual(19);
  expect(text.spread(1e6).stride).toBe(10);
});

it('windows refuse short texts and tokens out of vocabulary', () => {
  const options = { blockSize: 4, vocabSize: 3 };
  expect(() => new TokenWindows(new Int32Array(4), options)).toThrow(/4 tokens; expected at least 5/);
  expect(() => new TokenWindows(Int32Array.from([0, 1, 2, 3, 0]), options)).toThrow(
    /token 3 of text is 3; expected a token from 0 to 2/,
  );
  expect(() => new TokenWindows(new Int32Array(9), { ...options, stride: 0 })).toThrow(/stride is 0/);
  expect(() => new TokenWindows(new Int32Array(9), options).split(1)).toThrow(/fraction is 1/);
});

it('pads at the end, and says which sequence does not fit', () => {
  const { data, lengths } = padSequences([[1, 2, 3], [4]]);
  expect([...data]).toEqual([1, 2, 3, 4, 0, 0]);
  expect([...lengths]).toEqual([3, 1]);
  expect(() => padSequences([[1], []])).toThrow(/sequence 1 of sequences is 0 tokens long/);
  expect(() => padSequences([[1, 2]], { length: 1 })).toThrow(/2 tokens long; expected 1 to 1/);
  expect(() => padSequences([])).toThrow(/at least one sequence/);
});

it('pairs hold source and decoder input side by side', () => {
  const tokenizer = new CharTokenizer('ab', { special: SPECIAL_TOKENS });
  const { data, sourceLength, targetLength } = pairedTexts(
    [
      { source: 'ab', target: 'b' },
      { source: 'a', target: 'bb' },
    ],
    tokenizer,
  );
  expect([sourceLength, targetLength]).toEqual([2, 3]);
  expect([...data.x]).toEqual([3, 4, START, 4, 0, 3, 0, START, 4, 4]);
  expect([...data.y]).toEqual([4, END, IGNORED_LABEL, 4, 4, END]);
});

it('labels belong to texts or to their characters', () => {
  const tokenizer = new CharTokenizer('ab', { special: ['<pad>'] });
  const perText = labelledTexts(['ab', 'b'], [1, 0], tokenizer);
  expect([[...perText.x], [...perText.y]]).toEqual([
    [1, 2, 2, 0],
    [1, 0],
  ]);
  const perCharacter = labelledTexts(['ab', 'b'], [[1, 2], [2]], tokenizer);
  expect([...perCharacter.y]).toEqual([1, 2, 2, IGNORED_LABEL]);
  expect(() => labelledTexts(['ab'], [[1]], tokenizer)).toThrow(/labels of text 0 is 1; expected 2/);
});

it('dates are written in many ways, never the same day in training and test', () => {
  const { train, test } = makeDates({ train: 300, test: 100, seed: 3 });
  expect(makeDates({ train: 300, test: 100, seed: 3 })).toEqual({ train, test });
  const days = new Set([...train, ...test].map(({ target }) => target));
  expect(days.size).toBe(400);
  const tokenizer = dateTokenizer();
  for (const { source, target, tags } of [...train, ...test]) {
    expect(tokenizer.encode(source).length).toBeLessThanOrEqual(DATE_SOURCE_LENGTH);
    expect(tokenizer.encode(target).length + 1).toBe(DATE_TARGET_LENGTH);
    expect(tags).toHaveLength(source.length);
    const part = (tag: (typeof DATE_TAGS)[number]) =>
      [...source].filter((_, i) => DATE_TAGS[tags[i]] === tag).join('');
    expect(target.startsWith('19') || target.startsWith('20')).toBe(true);
    expect(target.slice(0, 4).endsWith(part('year'))).toBe(true);
    expect(Number.parseInt(part('day'), 10)).toBe(Number(target.slice(8)));
    const weekday = new Date(target).toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' });
    if (part('weekday')) expect(part('weekday')).toBe(weekday.toLowerCase());
  }
  expect(() => makeDates({ train: 40_000 })).toThrow(/1 to 36525 days/);
});

it('terms have their results, and the test has others', () => {
  const { train, test } = makeArithmetic({ train: 200, test: 50, digits: 2 });
  const tokenizer = arithmeticTokenizer();
  const { sourceLength, targetLength } = arithmeticLengths(2);
  for (const { source, target } of [...train, ...test]) {
    const [, a, sign, b] = /^(\d+)([+-])(\d+)$/.exec(source)!;
    expect(Number(target)).toBe(sign === '+' ? Number(a) + Number(b) : Number(a) - Number(b));
    expect(tokenizer.encode(source).length).toBeLessThanOrEqual(sourceLength);
    expect(tokenizer.encode(target).length).toBeLessThan(targetLength);
  }
  const seen = new Set(train.map(({ source }) => source));
  expect(test.some(({ source }) => seen.has(source))).toBe(false);
  expect(() => makeArithmetic({ train: 1000, digits: 1 })).toThrow(/1 to 100 terms/);
});

it('scrambled words have the letters of their word and are no words', () => {
  const words = ['anna', 'otto', 'maria', 'aa', 'karl', 'emil', 'rosa', 'lena'];
  const { train, test } = makeScrambled(words, { testFraction: 0.3 });
  const all = { texts: [...train.texts, ...test.texts], labels: [...train.labels, ...test.labels] };
  expect(all.texts).toHaveLength(14);
  all.texts.forEach((text, i) => {
    expect(words.includes(text)).toBe(all.labels[i] === 1);
  });
  const sorted = (text: string) => [...text].sort().join('');
  expect(sorted(test.texts[0])).toBe(sorted(test.texts[1]));
  expect(test.texts).toHaveLength(4);
  expect(() => makeScrambled(['aa'])).toThrow(/0 different words/);
});

it('a tokenizer comes back from its JSON, which may have a byte order mark', () => {
  const tokenizer = new CharTokenizer('ab𝄞', { special: SPECIAL_TOKENS });
  for (const json of [JSON.stringify(tokenizer), `\ufeff${JSON.stringify(tokenizer)}`, tokenizer.toJSON()]) {
    const back = CharTokenizer.fromJSON(json);
    expect([back.encode('b𝄞'), back.special]).toEqual([[4, 5], [...SPECIAL_TOKENS]]);
  }
});

it.each<[string, unknown, RegExp]>([
  ['no JSON', '{"characters":', /json is no JSON/],
  ['null', null, /characters is undefined; expected the characters/],
  ['a number', { characters: 5 }, /characters is 5/],
  ['a list of numbers', { characters: [1, 2] }, /characters is \[1, 2\]/],
  ['special tokens that are no list', { characters: 'ab', special: '<pad>' }, /special is "<pad>"/],
  ['a character twice', { characters: 'aba' }, /"a" twice/],
  ['half a character', { characters: ['\ud834'] }, /each character once/],
  ['no characters', { characters: '' }, /characters is empty/],
])('a tokenizer of a file is refused with %s', (_, json, message) => {
  expect(() => CharTokenizer.fromJSON(json)).toThrow(message);
});

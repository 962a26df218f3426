import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BpeTokenizer, labelledTexts, WordTokenizer } from '.';

const text = 'The cat sat. The cat ran, the dog sat! It doesn’t matter.';

describe('WordTokenizer', () => {
  it('has the most frequent words first', () => {
    const tokenizer = WordTokenizer.fromTexts(text, { vocabSize: 6 });
    expect(tokenizer.words).toEqual(['the', '.', 'cat', 'sat']);
    expect(tokenizer.encode('The DOG sat')).toEqual([2, 1, 5]);
    expect(tokenizer.decode([0, 2, 1, 5])).toBe('the <unk> sat');
    expect(WordTokenizer.fromTexts(text, { minCount: 3 }).words).toEqual(['the']);
  });
  it('keeps apostrophes, and case where asked to', () => {
    const tokenizer = WordTokenizer.fromTexts([text], { lowercase: false });
    expect(tokenizer.words).toContain('doesn’t');
    expect(tokenizer.decode(tokenizer.encode('It ran, The cat!'))).toBe('It ran , The cat !');
    expect(WordTokenizer.fromJSON(JSON.stringify(tokenizer))).toEqual(tokenizer);
  });
  it('refuses unknown words without a token for them, and files of other kinds', () => {
    const strict = new WordTokenizer(['a', 'b'], { special: ['<pad>'] });
    expect(() => strict.encode('a c')).toThrow(/word 1 is "c".*one of the 2 words/);
    expect(() => new WordTokenizer(['a', 'a'])).toThrow(/"a" twice/);
    expect(() => new WordTokenizer(['a b'])).toThrow(/each word once/);
    expect(() => WordTokenizer.fromJSON('{')).toThrow(/no JSON/);
    expect(() => WordTokenizer.fromJSON({ merges: [] })).toThrow(/special is undefined/);
  });
  it('makes data sets of texts', () => {
    const tokenizer = WordTokenizer.fromTexts(text);
    const data = labelledTexts(['The cat', 'dog ran fast'], [0, 1], tokenizer);
    expect([data.xShape, data.x[2]]).toEqual([[3], 0]);
  });
});

describe('BpeTokenizer', () => {
  it('merges the most frequent pairs, as in the example of Sennrich et al.', () => {
    const words = [
      ...Array(5).fill('low'),
      'lower',
      'lower',
      ...Array(6).fill('newest'),
      ...Array(3).fill('widest'),
    ];
    const { merges } = BpeTokenizer.train(words, { vocabSize: 256 + 4 });
    const textOf = (token: number): string =>
      token < 256 ? String.fromCharCode(token) : merges[token - 256].map(textOf).join('');
    // es, est (9 times each), then lo, low (7 times each).
    expect(merges.map((pair) => pair.map(textOf).join(''))).toEqual(['es', 'est', 'lo', 'low']);
  });

  it('gives every text back', () => {
    const tokenizer = BpeTokenizer.train(text.repeat(3), { vocabSize: 300, special: ['<pad>'] });
    expect(tokenizer.encode(text).length).toBeLessThan(text.length / 2);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (any) => {
        expect(tokenizer.decode(tokenizer.encode(any))).toBe(any);
      }),
      { numRuns: 200, seed: 7 },
    );
    const again = BpeTokenizer.fromJSON(JSON.stringify(tokenizer));
    expect(again.encode(text)).toEqual(tokenizer.encode(text));
    expect(tokenizer.encode('a')[0]).toBe(98);
  });

  it('stops where no pair is left', () => {
    expect(BpeTokenizer.train('abab abab', { vocabSize: 1000 }).size).toBe(258);
  });

  it('refuses vocabularies without all bytes, and merges of what does not exist', () => {
    expect(() => BpeTokenizer.train('a', { vocabSize: 200 })).toThrow(/256 at least/);
    expect(() => BpeTokenizer.fromJSON({ merges: [[1, 256]], special: [] })).toThrow(/merges\[0\]/);
    expect(() =>
      BpeTokenizer.fromJSON({
        merges: [
          [1, 2],
          [1, 2],
        ],
        special: [],
      }),
    ).toThrow(/merges\[1\]/);
    expect(() => new BpeTokenizer([]).encode(5 as never)).toThrow(/a text/);
  });
});

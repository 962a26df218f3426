/** Tokens of whole words, the most frequent ones of a text. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import { checkToken, type Tokenizer } from './tokenizer';
import { checkTexts, parsed, stringList } from './tokenizer-checks';

/** The token of words that are not in the vocabulary. */
export const UNKNOWN = '<unk>';

export interface WordTokenizerOptions {
  /** Names of tokens that stand for no word; they come first. Default `['<pad>', '<unk>']`. */
  special?: readonly string[];
  /** Whether words are made lower case. Default true. */
  lowercase?: boolean;
}

const DEFAULT_SPECIAL = ['<pad>', UNKNOWN];

/** Words (letters, marks, digits and apostrophes within), numbers, and each other sign by itself. */
const WORDS = /[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*(?:['’][\p{L}\p{M}\p{N}_]+)*|\p{N}+|\S/gu;

/** One token per word or sign. Words that are not in the vocabulary become `<unk>`, where that is one of the special tokens. */
export class WordTokenizer implements Tokenizer {
  readonly words: readonly string[];
  readonly special: readonly string[];
  readonly lowercase: boolean;
  private readonly index: ReadonlyMap<string, number>;

  /** @throws GradloomError (code `argument`) for no words, for one that is there twice, or that is no single word. */
  constructor(words: readonly string[], options: WordTokenizerOptions = {}) {
    const op = 'WordTokenizer';
    checkOptions(op, options, ['special', 'lowercase']);
    const { special = DEFAULT_SPECIAL, lowercase = true } = options;
    this.words = stringList(op, 'words', words);
    this.special = stringList(op, 'special', special);
    this.lowercase = lowercase;
    this.index = new Map(this.words.map((word, i) => [word, this.special.length + i]));
    const bad = this.words.find((word) => this.split(word).join('\n') !== word);
    const seen = new Set<string>();
    const twice = this.words.find((word) => seen.size === seen.add(word).size);
    if (this.words.length > 0 && bad === undefined && twice === undefined) return;
    const got =
      this.words.length === 0 ? 'empty' : bad === undefined ? `${showValue(twice)} twice` : showValue(bad);
    throw new GradloomError({ code: 'argument', op, argument: 'words', got, expected: 'each word once' });
  }

  /**
   * The `vocabSize` most frequent words of texts, less the special tokens (default all that occur `minCount` times); of equally
   * frequent ones the first in the alphabet.
   */
  static fromTexts(
    texts: string | readonly string[],
    options: WordTokenizerOptions & { vocabSize?: number; minCount?: number } = {},
  ): WordTokenizer {
    const op = 'WordTokenizer.fromTexts';
    checkOptions(op, options, ['special', 'lowercase', 'vocabSize', 'minCount']);
    const { vocabSize, minCount = 1, ...rest } = options;
    const { special = DEFAULT_SPECIAL, lowercase = true } = rest;
    checkCount(op, 'minCount', minCount);
    const counts = new Map<string, number>();
    for (const text of checkTexts(op, texts)) {
      for (const word of splitWords(text, lowercase)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const words = [...counts].filter(([, count]) => count >= minCount);
    words.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    if (vocabSize !== undefined) {
      checkCount(op, 'vocabSize', vocabSize);
      words.splice(Math.max(0, vocabSize - special.length));
    }
    return new WordTokenizer(
      words.map(([word]) => word),
      rest,
    );
  }

  /** The tokenizer that `toJSON` wrote. @throws GradloomError (code `data`) for anything else. */
  static fromJSON(json: unknown): WordTokenizer {
    const op = 'WordTokenizer.fromJSON';
    return parsed(op, json, ({ words, special, lowercase }) => {
      const options = { special: stringList(op, 'special', special), lowercase: lowercase !== false };
      return new WordTokenizer(stringList(op, 'words', words), options);
    });
  }

  toJSON(): { type: 'word'; words: readonly string[]; special: readonly string[]; lowercase: boolean } {
    const { words, special, lowercase } = this;
    return { type: 'word', words, special, lowercase };
  }

  get size(): number {
    return this.special.length + this.words.length;
  }

  /** @throws GradloomError (code `data`) for a word out of the vocabulary, where no special token `<unk>` stands for it. */
  encode(text: string): number[] {
    const [checked] = checkTexts('WordTokenizer.encode', text);
    const unknown = this.special.indexOf(UNKNOWN);
    return this.split(checked).map((word, i) => {
      const token = this.index.get(word) ?? unknown;
      if (token >= 0) return token;
      throw new GradloomError({
        code: 'data',
        op: 'WordTokenizer.encode',
        argument: `word ${i}`,
        got: JSON.stringify(word),
        expected: `one of the ${this.words.length} words of the vocabulary`,
        fix: `Add ${UNKNOWN} to the special tokens`,
      });
    });
  }

  /** Words with spaces between them; of special tokens only `<unk>` is written. */
  decode(tokens: Iterable<number>): string {
    const words: string[] = [];
    for (const token of tokens) {
      checkToken('WordTokenizer.decode', token, this.size);
      const word = this.special[token] ?? this.words[token - this.special.length];
      if (token >= this.special.length || word === UNKNOWN) words.push(word);
    }
    return words.join(' ');
  }

  private split(text: string): string[] {
    return splitWords(text, this.lowercase);
  }
}

const splitWords = (text: string, lowercase: boolean): string[] =>
  (lowercase ? text.toLowerCase() : text).match(WORDS) ?? [];

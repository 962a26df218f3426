/** Tokenizers: text to token indices and back, one token per character or per byte. */
import { GradloomError } from '../../errors';

/** Turns text into token indices `0 .. size - 1` and back. */
export interface Tokenizer {
  /** Number of tokens: what a model calls its `vocabSize`. */
  readonly size: number;
  /** Token indices of a text. */
  encode(text: string): number[];
  /** The text of token indices; special tokens are left out. */
  decode(tokens: Iterable<number>): string;
}

/** Names of special tokens in the order that padded data sets use: padding is token 0. */
export const SPECIAL_TOKENS = ['<pad>', '<start>', '<end>'] as const;
/** Indices of {@link SPECIAL_TOKENS}. */
export const PAD = 0;
export const START = 1;
export const END = 2;

/**
 * One token per character (Unicode code point). Special tokens, which stand for no character, come first.
 */
export class CharTokenizer implements Tokenizer {
  /** The characters, in token order. */
  readonly characters: readonly string[];
  readonly special: readonly string[];
  private readonly index: ReadonlyMap<string, number>;

  /**
   * @param characters all characters, as a string or a list; their order is the order of the tokens.
   * @throws GradloomError (code `argument`) without characters, for one that is there twice, or one that is longer.
   */
  constructor(characters: string | readonly string[], { special = [] as readonly string[] } = {}) {
    this.characters = [...characters];
    this.special = [...special];
    this.index = new Map(this.characters.map((character, i) => [character, this.special.length + i]));
    const bad = this.characters.find((character) => [...character].length !== 1);
    if (this.characters.length === 0 || bad !== undefined || this.index.size < this.characters.length) {
      const twice = this.characters.find((character, i) => this.characters.indexOf(character) < i);
      const got = bad ?? twice;
      throw new GradloomError({
        code: 'argument',
        op: 'CharTokenizer',
        argument: 'characters',
        got: got === undefined ? 'empty' : `${JSON.stringify(got)}${bad === undefined ? ' twice' : ''}`,
        expected: 'each character once',
      });
    }
  }

  /** A tokenizer for the characters that occur in a text, in the order of their code points. */
  static fromText(text: string, options?: { special?: readonly string[] }): CharTokenizer {
    const characters = [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new CharTokenizer(characters, options);
  }

  /** What `new CharTokenizer(characters, { special })` makes again, for files. */
  toJSON(): { characters: string; special: readonly string[] } {
    return { characters: this.characters.join(''), special: this.special };
  }

  get size(): number {
    return this.special.length + this.characters.length;
  }

  /** @throws GradloomError (code `data`) with the first character that is not in the vocabulary, and where it is. */
  encode(text: string): number[] {
    const tokens: number[] = [];
    for (const character of text) {
      const token = this.index.get(character);
      if (token === undefined) throw this.unknown(character, tokens.length);
      tokens.push(token);
    }
    return tokens;
  }

  decode(tokens: Iterable<number>): string {
    let text = '';
    for (const token of tokens) {
      checkToken('CharTokenizer.decode', token, this.size);
      if (token >= this.special.length) text += this.characters[token - this.special.length];
    }
    return text;
  }

  private unknown(character: string, position: number): GradloomError {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const others = [character.toLowerCase(), character.toUpperCase()].filter((other) =>
      this.index.has(other),
    );
    return new GradloomError({
      code: 'data',
      op: 'CharTokenizer.encode',
      argument: `character ${position}`,
      got: `${JSON.stringify(character)} (U+${code})`,
      expected: `one of the ${this.characters.length} characters of the vocabulary`,
      fix:
        others.length > 0
          ? `Use ${JSON.stringify(others[0])}`
          : 'Remove it, or train with a text that has it',
    });
  }
}

/** One token per byte of the text's UTF-8 form: 256 tokens, every text can be encoded. */
export class ByteTokenizer implements Tokenizer {
  readonly size = 256;

  encode(text: string): number[] {
    return [...new TextEncoder().encode(text)];
  }

  /** Bytes that are no whole characters become U+FFFD. */
  decode(tokens: Iterable<number>): string {
    const bytes = [...tokens];
    for (const token of bytes) checkToken('ByteTokenizer.decode', token, this.size);
    return new TextDecoder().decode(new Uint8Array(bytes));
  }
}

/** @throws GradloomError (code `data`) unless `token` is a whole number from 0 to below `size`. */
export function checkToken(op: string, token: number, size: number, argument = 'token'): void {
  if (Number.isInteger(token) && token >= 0 && token < size) return;
  throw new GradloomError({
    code: 'data',
    op,
    argument,
    got: String(token),
    expected: `a token from 0 to ${size - 1}, the size of the vocabulary being ${size}`,
  });
}

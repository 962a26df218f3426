/** Tokenizers: text to token indices and back, one token per character or per byte. */
import { checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';

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
  constructor(characters: string | readonly string[], options: { special?: readonly string[] } = {}) {
    checkOptions('CharTokenizer', options, ['special']);
    const { special = [] } = options;
    if (typeof characters !== 'string' && !Array.isArray(characters)) {
      const expected = 'the characters, as a text or a list';
      const got = showValue(characters);
      throw new GradloomError({
        code: 'argument',
        op: 'CharTokenizer',
        argument: 'characters',
        got,
        expected,
      });
    }
    this.characters = [...characters];
    this.special = [...special];
    this.index = new Map(this.characters.map((character, i) => [character, this.special.length + i]));
    const bad = this.characters.find((character) => !isCharacter(character));
    if (this.characters.length === 0 || bad !== undefined || this.index.size < this.characters.length) {
      const seen = new Set<string>();
      const twice = this.characters.find((character) => seen.size === seen.add(character).size);
      const got = bad ?? twice;
      throw new GradloomError({
        code: 'argument',
        op: 'CharTokenizer',
        argument: 'characters',
        got: got === undefined ? 'empty' : `${showValue(got)}${bad === undefined ? ' twice' : ''}`,
        expected: 'each character once',
      });
    }
  }

  /** A tokenizer for the characters that occur in a text, in the order of their code points. */
  static fromText(text: string, options?: { special?: readonly string[] }): CharTokenizer {
    checkText('CharTokenizer.fromText', text);
    const characters = [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
    return new CharTokenizer(characters, options);
  }

  /**
   * The tokenizer that `toJSON` wrote, as text or as the object that JSON.parse made of it.
   * @throws GradloomError (code `data`) for anything else, whatever its author put there.
   */
  static fromJSON(json: unknown): CharTokenizer {
    const refuse = (argument: string, got: string, expected: string, cause?: unknown) =>
      new GradloomError({ code: 'data', op: 'CharTokenizer.fromJSON', argument, got, expected, cause });
    let value = json;
    if (typeof json === 'string') {
      try {
        value = JSON.parse(json.replace(/^\ufeff/, ''));
      } catch (cause) {
        throw refuse('json', `no JSON (${(cause as Error).message})`, 'what toJSON wrote', cause);
      }
    }
    const { characters, special = [] } = (value ?? {}) as { characters?: unknown; special?: unknown };
    const isText = (item: unknown) => typeof item === 'string';
    if (!isText(characters) && !(Array.isArray(characters) && characters.every(isText))) {
      throw refuse('characters', showValue(characters), 'the characters as a text');
    }
    if (!Array.isArray(special) || !special.every(isText)) {
      throw refuse('special', showValue(special), 'a list of names');
    }
    try {
      return new CharTokenizer(characters as string | string[], { special });
    } catch (error) {
      if (!(error instanceof GradloomError)) throw error;
      throw refuse(error.argument ?? 'characters', error.got ?? '', error.expected ?? '');
    }
  }

  /** What `CharTokenizer.fromJSON` makes again, for files. */
  toJSON(): { characters: string; special: readonly string[] } {
    return { characters: this.characters.join(''), special: this.special };
  }

  get size(): number {
    return this.special.length + this.characters.length;
  }

  /** @throws GradloomError (code `data`) with the first character that is not in the vocabulary, and where it is. */
  encode(text: string): number[] {
    checkText('CharTokenizer.encode', text);
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

/** One code point; a lone half of a surrogate pair is none that a file could hold. */
const isCharacter = (text: unknown) => typeof text === 'string' && /^\P{Surrogate}$/su.test(text);

/** One token per byte of the text's UTF-8 form: 256 tokens, every text can be encoded. */
export class ByteTokenizer implements Tokenizer {
  readonly size = 256;

  /** @throws GradloomError (code `data`) for what is no text. */
  encode(text: string): number[] {
    checkText('ByteTokenizer.encode', text);
    return [...new TextEncoder().encode(text)];
  }

  /** Bytes that are no whole characters become U+FFFD. */
  decode(tokens: Iterable<number>): string {
    const bytes = [...tokens];
    for (const token of bytes) checkToken('ByteTokenizer.decode', token, this.size);
    return new TextDecoder().decode(new Uint8Array(bytes));
  }
}

function checkText(op: string, text: unknown): void {
  if (typeof text === 'string') return;
  const got = showValue(text);
  throw new GradloomError({ code: 'data', op, argument: 'text', got, expected: 'a text' });
}

/** @throws GradloomError (code `data`) unless `token` is a whole number from 0 to below `size`. */
export function checkToken(op: string, token: number, size: number, argument = 'token'): void {
  if (Number.isInteger(token) && token >= 0 && token < size) return;
  throw new GradloomError({
    code: 'data',
    op,
    argument,
    got: showValue(token),
    expected: `a token from 0 to ${size - 1}, the size of the vocabulary being ${size}`,
  });
}

/**
 * Byte-pair encoding over bytes, as GPT-2's: every text can be encoded, and comes back as it was.
 * Sources: Gage 1994; Sennrich, Haddow & Birch 2016; Radford et al. 2019 (bytes, and the pattern that cuts texts).
 */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import { checkToken, type Tokenizer } from './tokenizer';
import { checkTexts, parsed, stringList } from './tokenizer-checks';

/** Two tokens that become one, by their numbers without the special tokens: bytes 0 to 255, then merges. */
export type Merge = readonly [number, number];

/** Pieces that merges do not reach across. */
const PIECES = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const BYTES = 256;

export interface BpeTokenizerOptions {
  /** Names of tokens that stand for no text; they come first. Default none. */
  special?: readonly string[];
}

export interface BpeTrainOptions extends BpeTokenizerOptions {
  /** Number of tokens: special ones, 256 bytes, and merges. Fewer where the texts have no more pairs. */
  vocabSize: number;
  /** Pairs that occur less often are not merged. Default 2. */
  minCount?: number;
}

export class BpeTokenizer implements Tokenizer {
  readonly merges: readonly Merge[];
  readonly special: readonly string[];
  /** The bytes of each token that is not special. */
  private readonly bytes: readonly Uint8Array[];
  private readonly ranks: ReadonlyMap<number, number>;
  private readonly cache = new Map<string, readonly number[]>();

  /** @throws GradloomError (code `argument`) for merges of tokens that do not exist yet, and for one that is there twice. */
  constructor(merges: readonly Merge[], options: BpeTokenizerOptions = {}) {
    const op = 'BpeTokenizer';
    checkOptions(op, options, ['special']);
    this.special = stringList(op, 'special', options.special ?? []);
    if (!Array.isArray(merges)) {
      const got = showValue(merges);
      throw new GradloomError({ code: 'argument', op, argument: 'merges', got, expected: 'a list of pairs' });
    }
    const bytes = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
    const ranks = new Map<number, number>();
    for (const [i, pair] of merges.entries()) {
      const isToken = (token: unknown) => Number.isInteger(token) && (token as number) >= 0;
      const isPair = Array.isArray(pair) && pair.length === 2 && pair.every(isToken);
      if (!isPair || Math.max(...pair) >= BYTES + i || ranks.has(keyOf(pair[0], pair[1]))) {
        const expected = `two tokens from 0 to ${BYTES + i - 1} that no merge before has`;
        const [argument, got] = [`merges[${i}]`, showValue(pair)];
        throw new GradloomError({ code: 'argument', op, argument, got, expected });
      }
      ranks.set(keyOf(pair[0], pair[1]), i);
      bytes.push(Uint8Array.of(...bytes[pair[0]], ...bytes[pair[1]]));
    }
    this.merges = merges.map(([a, b]) => [a, b]);
    this.bytes = bytes;
    this.ranks = ranks;
  }

  /**
   * Learns merges: again and again the pair of neighbouring tokens that occurs most often becomes a token; of equally frequent
   * ones the pair of lower numbers.
   */
  static train(texts: string | readonly string[], options: BpeTrainOptions): BpeTokenizer {
    const op = 'BpeTokenizer.train';
    checkOptions(op, options ?? null, ['special', 'vocabSize', 'minCount']);
    const { special = [], vocabSize, minCount = 2 } = options;
    checkCount(op, 'vocabSize', vocabSize);
    checkCount(op, 'minCount', minCount);
    const least = special.length + BYTES;
    if (vocabSize < least) {
      const [got, expected] = [String(vocabSize), `${least} at least: 256 bytes and the special tokens`];
      throw new GradloomError({ code: 'argument', op, argument: 'vocabSize', got, expected });
    }
    const merges = learn(pieceCounts(checkTexts(op, texts)), vocabSize - least, minCount);
    return new BpeTokenizer(merges, { special });
  }

  /** The tokenizer that `toJSON` wrote. @throws GradloomError (code `data`) for anything else. */
  static fromJSON(json: unknown): BpeTokenizer {
    const op = 'BpeTokenizer.fromJSON';
    return parsed(op, json, ({ merges, special }) => {
      return new BpeTokenizer(merges as Merge[], { special: stringList(op, 'special', special) });
    });
  }

  toJSON(): { type: 'bpe'; merges: readonly Merge[]; special: readonly string[] } {
    return { type: 'bpe', merges: this.merges, special: this.special };
  }

  get size(): number {
    return this.special.length + this.bytes.length;
  }

  /** @throws GradloomError (code `data`) for what is no text. */
  encode(text: string): number[] {
    const [checked] = checkTexts('BpeTokenizer.encode', text);
    return (checked.match(PIECES) ?? []).flatMap((piece) => this.encodePiece(piece));
  }

  /** Special tokens are left out; bytes that are no whole characters become U+FFFD. */
  decode(tokens: Iterable<number>): string {
    const parts: Uint8Array[] = [];
    for (const token of tokens) {
      checkToken('BpeTokenizer.decode', token, this.size);
      if (token >= this.special.length) parts.push(this.bytes[token - this.special.length]);
    }
    return new TextDecoder().decode(Uint8Array.from(parts.flatMap((part) => [...part])));
  }

  private encodePiece(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known) return known;
    let tokens = [...new TextEncoder().encode(piece)];
    for (;;) {
      let [best, rank] = [-1, Number.POSITIVE_INFINITY];
      for (let i = 0; i + 1 < tokens.length; i++) {
        const found = this.ranks.get(keyOf(tokens[i], tokens[i + 1]));
        if (found !== undefined && found < rank) [best, rank] = [i, found];
      }
      if (best < 0) break;
      tokens = merged(tokens, tokens[best], tokens[best + 1], BYTES + rank);
    }
    const result = tokens.map((token) => token + this.special.length);
    // Bounded: texts of strangers may have any number of pieces.
    if (this.cache.size >= 10_000) this.cache.clear();
    this.cache.set(piece, result);
    return result;
  }
}

/** One number for a pair; tokens are below 2^24. */
const keyOf = (a: number, b: number): number => a * 2 ** 24 + b;

function merged(tokens: readonly number[], a: number, b: number, into: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === a && tokens[i + 1] === b) {
      out.push(into);
      i++;
    } else out.push(tokens[i]);
  }
  return out;
}

interface Piece {
  tokens: number[];
  count: number;
}

function pieceCounts(texts: readonly string[]): Piece[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [piece] of text.matchAll(PIECES)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts].map(([piece, count]) => ({ tokens: [...new TextEncoder().encode(piece)], count }));
}

/** Only the pieces that have a pair are looked at again when it is merged. */
function learn(pieces: Piece[], most: number, minCount: number): Merge[] {
  const counts = new Map<number, number>();
  const places = new Map<number, Set<Piece>>();
  const add = (piece: Piece, sign: 1 | -1) => {
    const { tokens, count } = piece;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const key = keyOf(tokens[i], tokens[i + 1]);
      counts.set(key, (counts.get(key) ?? 0) + sign * count);
      if (sign < 0) continue;
      const found = places.get(key);
      if (found) found.add(piece);
      else places.set(key, new Set([piece]));
    }
  };
  for (const piece of pieces) add(piece, 1);
  const merges: Merge[] = [];
  while (merges.length < most) {
    let [best, count] = [-1, minCount - 1];
    for (const [key, value] of counts) {
      if (value > count || (value === count && best >= 0 && key < best)) [best, count] = [key, value];
    }
    if (best < 0) break;
    const [a, b] = [Math.floor(best / 2 ** 24), best % 2 ** 24];
    for (const piece of places.get(best)!) {
      add(piece, -1);
      piece.tokens = merged(piece.tokens, a, b, BYTES + merges.length);
      add(piece, 1);
    }
    counts.delete(best);
    places.delete(best);
    merges.push([a, b]);
  }
  return merges;
}

/** Sequences of different lengths as data sets: padded at the end with token 0, or pairs of source and target. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import { wholesOf } from '../../numbers';
import { ArrayDataset, IGNORED_LABEL } from '../dataset';
import { END, PAD, START, type Tokenizer } from './tokenizer';

/** A text and what it is to become. */
export interface TextPair {
  source: string;
  target: string;
}

export interface PaddedOptions {
  /** Positions of the data set; default the longest sequence. */
  length?: number;
  name?: string;
  /** What stands at the end of shorter sequences; default {@link PAD}. */
  padding?: number;
}

/**
 * Sequences side by side in `[sequences.length, length]`, padded at the end with `padding`.
 * @throws GradloomError (code `data`): no sequences, an empty one, or one longer than `length` (says which).
 */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  options: PaddedOptions = {},
): { data: Int32Array<ArrayBuffer>; lengths: Int32Array<ArrayBuffer>; length: number } {
  checkOptions('padSequences', options, ['length', 'name', 'padding']);
  const { length, name = 'sequences', padding = PAD } = options;
  if (length !== undefined) checkCount('padSequences', 'length', length);
  const longest = sequences.reduce((most, sequence) => Math.max(most, sequence.length), 0);
  const width = length ?? longest;
  const bad = sequences.findIndex((sequence) => sequence.length === 0 || sequence.length > width);
  if (bad >= 0 || sequences.length === 0) {
    const empty = sequences.length === 0 || sequences[bad].length === 0;
    throw new GradloomError({
      code: 'data',
      op: 'padSequences',
      argument: sequences.length === 0 ? name : `sequence ${bad} of ${name}`,
      got: sequences.length === 0 ? 'empty' : `${sequences[bad].length} tokens long`,
      expected: sequences.length === 0 ? 'at least one sequence' : `1 to ${width} tokens`,
      fix: empty ? 'Leave empty sequences out' : 'Shorten it, or raise length',
    });
  }
  const data = new Int32Array(sequences.length * width).fill(padding);
  sequences.forEach((sequence, i) => {
    data.set(wholesOf(sequence, { op: 'padSequences', argument: `sequence ${i} of ${name}` }), i * width);
  });
  return { data, lengths: Int32Array.from(sequences, (sequence) => sequence.length), length: width };
}

/**
 * Texts with one class each, or with one label per token: x `[N, length]` tokens, padded at the end; y `[N]` or
 * `[N, length]` ({@link IGNORED_LABEL} at padding).
 * @throws GradloomError as {@link padSequences} and `CharTokenizer.encode`; labels of another length than their text.
 */
export function labelledTexts(
  texts: readonly string[],
  labels: readonly (number | readonly number[])[],
  tokenizer: Tokenizer,
  given: Omit<PaddedOptions, 'padding'> & { classes?: readonly string[] } = {},
): ArrayDataset {
  checkOptions('labelledTexts', given, ['length', 'name', 'classes']);
  const { classes, ...options } = given;
  const encoded = texts.map((text) => tokenizer.encode(text));
  const { data, length } = padSequences(encoded, options);
  const perToken = Array.isArray(labels[0]);
  const bad = perToken
    ? encoded.findIndex((tokens, i) => tokens.length !== (labels[i] as readonly number[])?.length)
    : -1;
  if (labels.length !== texts.length || bad >= 0) {
    throw new GradloomError({
      code: 'data',
      op: 'labelledTexts',
      argument: bad >= 0 ? `labels of text ${bad}` : 'labels',
      got: `${bad >= 0 ? (labels[bad] as readonly number[]).length : labels.length}`,
      expected: bad >= 0 ? `${encoded[bad].length}, one per token` : `${texts.length}, one per text`,
    });
  }
  return ArrayDataset.fromArrays({
    x: Float32Array.from(data),
    xShape: [length],
    y: perToken
      ? padSequences(labels as readonly (readonly number[])[], { length, padding: IGNORED_LABEL }).data
      : wholesOf(labels, { op: 'labelledTexts', argument: 'labels' }),
    yShape: perToken ? [length] : [],
    classes,
    name: options.name,
  });
}

/**
 * Pairs for an encoder-decoder with teacher forcing: x `[N, sourceLength + targetLength]` holds the source, then the
 * start token and the target; y `[N, targetLength]` the target and the end token. All are padded at the end, y with
 * {@link IGNORED_LABEL}.
 * `targetLength` has room for the end token.
 * @throws GradloomError as {@link padSequences} and `CharTokenizer.encode`.
 */
export function pairedTexts(
  pairs: readonly TextPair[],
  tokenizer: Tokenizer,
  options: { sourceLength?: number; targetLength?: number; name?: string } = {},
): { data: ArrayDataset; sourceLength: number; targetLength: number } {
  checkOptions('pairedTexts', options, ['sourceLength', 'targetLength', 'name']);
  const { sourceLength, targetLength, name } = options;
  const targets = pairs.map(({ target }) => tokenizer.encode(target));
  const source = padSequences(
    pairs.map((pair) => tokenizer.encode(pair.source)),
    { length: sourceLength, name: 'sources' },
  );
  const ended = padSequences(
    targets.map((target) => [...target, END]),
    { length: targetLength, name: 'targets', padding: IGNORED_LABEL },
  );
  const begun = padSequences(
    targets.map((target) => [START, ...target]),
    { length: ended.length, name: 'targets' },
  );
  const width = source.length + ended.length;
  const x = new Float32Array(pairs.length * width);
  for (let i = 0; i < pairs.length; i++) {
    x.set(source.data.subarray(i * source.length, (i + 1) * source.length), i * width);
    x.set(begun.data.subarray(i * ended.length, (i + 1) * ended.length), i * width + source.length);
  }
  const data = ArrayDataset.fromArrays({
    x,
    xShape: [width],
    y: ended.data,
    yShape: [ended.length],
    classCount: tokenizer.size,
    name,
  });
  return { data, sourceLength: source.length, targetLength: ended.length };
}

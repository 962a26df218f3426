/** Dates as people write them, with their ISO form and the meaning of every character: seeded, without repetition. */
import { checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import { Random } from '../../random';
import type { TextPair } from './sequences';
import { CharTokenizer, SPECIAL_TOKENS } from './tokenizer';

/** What a character of a written date belongs to. */
export const DATE_TAGS = ['other', 'day', 'month', 'year', 'weekday'] as const;

/** A written date (`june 12, 1984`), its ISO form (`1984-06-12`) and a {@link DATE_TAGS} index per character. */
export interface WrittenDate extends TextPair {
  tags: number[];
}

export interface DatesOptions {
  train?: number;
  test?: number;
  seed?: number;
}

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const FIRST_YEAR = 1950;
const YEARS = 100;
const DAY_MS = 86_400_000;

/** Longest written date and ISO form, with room for the end token. */
export const DATE_SOURCE_LENGTH = 'wednesday, september 30, 1984'.length;
export const DATE_TARGET_LENGTH = '1984-06-12'.length + 1;

/** The characters of all written dates and ISO forms, after the special tokens. */
export const dateTokenizer = (): CharTokenizer =>
  new CharTokenizer(' ,-./0123456789abcdefghijklmnopqrstuvwy', { special: SPECIAL_TOKENS });

/** A piece of a written date with what it belongs to. */
type Piece = [text: string, tag: (typeof DATE_TAGS)[number]];

interface DateParts {
  day: Piece;
  padded: Piece;
  ordinal: Piece;
  month: Piece;
  short: Piece;
  number: Piece;
  year: Piece;
  /** Two digits: 50 to 99 are 19.., 00 to 49 are 20... */
  century: Piece;
  weekday: Piece;
}

/** Slashes put the month first, dots and dashes the day: as in the United States and in Europe. */
const FORMATS: readonly ((p: DateParts) => (Piece | string)[])[] = [
  (p) => [p.month, ' ', p.day, ', ', p.year],
  (p) => [p.month, ' ', p.ordinal, ', ', p.year],
  (p) => [p.short, ' ', p.day, ' ', p.year],
  (p) => [p.day, ' ', p.month, ' ', p.year],
  (p) => [p.day, '-', p.short, '-', p.century],
  (p) => ['the ', p.ordinal, ' of ', p.month, ' ', p.year],
  (p) => [p.weekday, ', ', p.month, ' ', p.day, ', ', p.year],
  (p) => [p.weekday, ' ', p.day, ' ', p.short, ' ', p.year],
  (p) => [p.number, '/', p.padded, '/', p.year],
  (p) => [p.number, '/', p.padded, '/', p.century],
  (p) => [p.padded, '.', p.number, '.', p.year],
  (p) => [p.day, '.', p.number, '.', p.century],
  (p) => [p.year, ' ', p.month, ' ', p.day],
  (p) => [p.year, '/', p.number, '/', p.padded],
];

/**
 * Written dates from 1950 to 2049 in fourteen formats; no day is in both the training and the test set.
 * @throws GradloomError (code `argument`) for more days than the hundred years have.
 */
export function makeDates(options: DatesOptions = {}): {
  train: WrittenDate[];
  test: WrittenDate[];
} {
  checkOptions('makeDates', options, ['train', 'test', 'seed']);
  const { train = 4000, test = 500, seed = 0 } = options;
  const first = Date.UTC(FIRST_YEAR, 0, 1);
  const total = Math.round((Date.UTC(FIRST_YEAR + YEARS, 0, 1) - first) / DAY_MS);
  if (!(train >= 1 && test >= 0 && train + test <= total)) {
    throw new GradloomError({
      code: 'argument',
      op: 'makeDates',
      argument: 'train + test',
      got: `${train} + ${test}`,
      expected: `1 to ${total} days in all, at least one of them for training`,
    });
  }
  const random = new Random(seed, 'dates');
  const days = random.shuffle(Int32Array.from({ length: total }, (_, i) => i));
  const written = Array.from({ length: train + test }, (_, i) =>
    writeDate(new Date(first + days[i] * DAY_MS), FORMATS[random.integer(FORMATS.length)]),
  );
  return { train: written.slice(0, train), test: written.slice(train) };
}

function writeDate(date: Date, format: (typeof FORMATS)[number]): WrittenDate {
  const target = date.toISOString().slice(0, 10);
  const [year, number, padded] = target.split('-');
  const [day, month] = [date.getUTCDate(), MONTHS[date.getUTCMonth()]];
  const pieces = format({
    day: [String(day), 'day'],
    padded: [padded, 'day'],
    ordinal: [`${day}${ordinalSuffix(day)}`, 'day'],
    month: [month, 'month'],
    short: [month.slice(0, 3), 'month'],
    number: [number, 'month'],
    year: [year, 'year'],
    century: [year.slice(2), 'year'],
    weekday: [WEEKDAYS[date.getUTCDay()], 'weekday'],
  }).map((piece): Piece => (typeof piece === 'string' ? [piece, 'other'] : piece));
  const tags = pieces.flatMap(([text, tag]) => new Array<number>(text.length).fill(DATE_TAGS.indexOf(tag)));
  return { source: pieces.map(([text]) => text).join(''), target, tags };
}

function ordinalSuffix(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

/** Columns of a table as numbers: categories, dates, missing values. What was found is kept, to read other tables by it. */
import { GradloomError } from '../errors';
import { type DateForm, dateFormOf, dateNumber, looksLikeDate } from './csv-dates';
import { isMissing, isNumeral, NUMBER } from './csv-form';
import { isNoLabel } from './csv-label';

/** What becomes of a value that is not there: an error, another value of the column, or no row at all. */
export type MissingPolicy = 'error' | 'mean' | 'median' | 'mode' | 'drop';
/** What becomes of a column of words: a column of 0 and 1 per category, their index, or an error. */
export type CategoryPolicy = 'oneHot' | 'code' | 'error';

export interface ColumnOptions {
  missing: MissingPolicy;
  categories: CategoryPolicy;
  dayFirst?: boolean;
}

/** How a column of a table becomes numbers. */
export type ColumnReader =
  | { kind: 'number'; fill?: number }
  | { kind: 'date'; form: DateForm; fill?: number }
  | { kind: 'category'; encoding: 'oneHot' | 'code'; categories: readonly string[]; fill?: string };

/** More categories than this make no input of a model. */
const MOST_CATEGORIES = 1000;
/** Rows from which names are told from categories. */
const FEW_ROWS = 10;
/** A number with a sign or unit: $5, 12 %, 3.5kg. */
const AMOUNT = /^0[xob][0-9a-f]+$|^[^\w\s]?\s*[\d.,]*\d[\d.,]*\s*([%€$£°]|[a-z]{1,3})?$/i;

/** Of how many numbers a column becomes. */
export const widthOf = (reader: ColumnReader): number =>
  reader.kind === 'category' && reader.encoding === 'oneHot' ? reader.categories.length : 1;

/** Names of the numbers that a column becomes: `width`, or `colour=red`. */
export const namesOf = (reader: ColumnReader, name: string): string[] =>
  reader.kind === 'category' && reader.encoding === 'oneHot'
    ? reader.categories.map((category) => `${name}=${category}`)
    : [name];

/** Whether a column has no value here. NA and none may name a category. */
export const lacks = (reader: ColumnReader, field: string): boolean =>
  reader.kind === 'category' ? isNoLabel(field) : isMissing(field);

/**
 * How a column is to be read.
 * @param where `t.csv, column 3 (city)`, for errors
 * @throws GradloomError (code `data`) for dates that may be read two ways, and words that are no categories
 */
export function findReader(fields: readonly string[], options: ColumnOptions, where: string): ColumnReader {
  const values = fields.filter((field) => !isMissing(field));
  const fills = options.missing !== 'error' && options.missing !== 'drop';
  const refuse = (got: string, expected: string, fix: string) => broken(where, got, expected, fix);
  if (values.length === 0 && fills) {
    throw refuse('a column without values', 'one at least', 'Leave it out with ignore (--ignore).');
  }
  const isWordy = values.length > 0 && values.every((field) => !isNumeral(field));
  if (!isWordy) {
    // What is no number among numbers is refused with its line later.
    const numbers = values.filter((field) => NUMBER.test(field)).map(Number);
    return { kind: 'number', ...(fills && { fill: fillOf(numbers, options.missing) }) };
  }
  const form = dateFormOf(values, options.dayFirst);
  if (form === 'ambiguous') {
    const fix = 'Set dayFirst (--day-first, --no-day-first), or write 2024-01-31.';
    throw refuse(`dates such as ${quote(values[0])}`, 'dates with the day first or the month first', fix);
  }
  if (form) {
    const numbers = values.map((field) => dateNumber(field, form));
    return { kind: 'date', form, ...(fills && { fill: fillOf(numbers, options.missing) }) };
  }
  const isOut = 'Leave the column out with ignore (--ignore), or turn it into numbers.';
  if (values.every(looksLikeDate))
    throw refuse('dates that do not exist, or of several forms', 'dates of one form', isOut);
  if (values.every((field) => AMOUNT.test(field))) {
    throw refuse(
      `amounts with a unit, such as ${quote(values[0])}`,
      'numbers',
      'Write them without the unit.',
    );
  }
  const words = fields.filter((field) => !isNoLabel(field));
  const counts = countOf(words);
  if (options.categories === 'error') {
    throw refuse(
      `words, such as ${quote(words[0])}`,
      'numbers',
      `Set categories to oneHot or code. ${isOut}`,
    );
  }
  if (counts.size === 1) throw refuse(`always ${quote(words[0])}`, 'two categories at least', isOut);
  if (counts.size > MOST_CATEGORIES || (words.length >= FEW_ROWS && 2 * counts.size > words.length)) {
    const got = `${counts.size} different words in ${words.length} rows, such as ${quote(words[0])}`;
    throw refuse(got, 'categories, which repeat', isOut);
  }
  const categories = [...counts.keys()].sort();
  const fill = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
  return { kind: 'category', encoding: options.categories, categories, ...(fills && { fill }) };
}

/**
 * The numbers of a field, written to `into` from `at` on.
 * @throws GradloomError (code `data`) for what is missing where nothing fills in, no number, no date or no category.
 */
export function readField(
  field: string,
  reader: ColumnReader,
  where: string,
  into: Float32Array,
  at: number,
): void {
  if (reader.kind === 'category') {
    const value = isNoLabel(field) ? reader.fill : field;
    if (value === undefined) throw missingAt(where, field, 'a category');
    const index = reader.categories.indexOf(value);
    if (index < 0) {
      const { categories } = reader;
      const shown = `${categories.slice(0, 10).map(quote).join(', ')}${categories.length > 10 ? ', ...' : ''}`;
      throw broken(
        where,
        quote(field),
        `one of ${shown}`,
        'A model knows the categories that it was trained on.',
      );
    }
    if (reader.encoding === 'oneHot') into[at + index] = 1;
    else into[at] = index;
    return;
  }
  if (reader.fill !== undefined && isMissing(field)) into[at] = reader.fill;
  else if (reader.kind === 'number') into[at] = readNumber(field, where);
  else {
    if (isMissing(field)) throw missingAt(where, field, 'a date');
    const value = dateNumber(field, reader.form);
    if (!Number.isFinite(value))
      throw broken(where, quote(field), 'a date, as in the other rows', 'Repair that line.');
    into[at] = value;
  }
}

/** A finite number of float32. Error `data`. */
export function readNumber(field: string, where: string): number {
  const value = NUMBER.test(field) ? Math.fround(Number(field)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  if (isMissing(field)) throw missingAt(where, field, 'a finite number');
  const fix = /,/.test(field)
    ? 'Write numbers without groups of thousands, all with a decimal point or all with a decimal comma.'
    : 'Repair or remove that line; a column holds numbers, words or dates, not several of them. Names of columns ' +
      'belong into the first line (--header says that they are there).';
  throw broken(where, quote(field), 'a finite number', fix);
}

/** For people: `city: 3 categories, one column each`; undefined for plain numbers. */
export function describeReader(reader: ColumnReader, name: string): string | undefined {
  if (reader.kind === 'date') return `${name}: dates, as days since 1970`;
  if (reader.kind === 'number') return undefined;
  const how = reader.encoding === 'oneHot' ? 'a column each' : 'by their index';
  return `${name}: ${reader.categories.length} categories, ${how}`;
}

function missingAt(where: string, field: string, expected: string): GradloomError {
  const fix = 'Fill in or remove what is missing, or set missing (--missing) to mean, median, mode or drop.';
  return broken(where, field === '' ? 'empty' : `${quote(field)}, a missing value`, expected, fix);
}

const countOf = <T>(values: readonly T[]): Map<T, number> => {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** What stands for a missing number; the smallest of several most common ones. */
function fillOf(numbers: readonly number[], policy: MissingPolicy): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (policy === 'mean') return sorted.reduce((sum, value) => sum + value / sorted.length, 0);
  if (policy === 'mode')
    return [...countOf(sorted)].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])[0];
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

export function broken(
  argument: string,
  got: string,
  expected: string,
  fix: string,
  cause?: unknown,
): GradloomError {
  return new GradloomError({ code: 'data', op: 'parseCsv', argument, got, expected, fix, cause });
}

export function quote(field: string): string {
  return JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}...` : field);
}

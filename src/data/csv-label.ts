/** Which column of a table is the label, and whether labels are classes. In doubt the user is asked, by an error. */
import { GradloomError, showValue } from '../errors';
import { isMissing, NUMBER } from './csv-form';

export type CsvTask = 'auto' | 'classification' | 'regression';

/** How a label column came to be one. */
export type LabelOrigin = 'given' | 'declared' | 'name' | 'words' | 'last';

export interface LabelColumn {
  index: number;
  by: LabelOrigin;
}

/** Names that say of themselves that they are labels. */
const LABEL_NAMES = ['label', 'labels', 'class', 'target', 'y'];
/** A last column that nearly always has one value is more likely a leftover than a label. */
const MOST_COMMON_SHARE = 0.95;

/**
 * The label's column: the given one; else the only one that the header calls a label, the only one of words, or the
 * last. Error `argument`: a column that does not exist or is the only one; several that could be meant.
 * @param column index from 0; as text a name of the header or a place from 1
 */
export function findLabelColumn(
  column: number | string | undefined,
  rows: readonly (readonly string[])[],
  width: number,
  header: readonly string[] | undefined,
  task: CsvTask,
  ignored: ReadonlySet<number> = new Set(),
): LabelColumn {
  if (width < 2) throw refuse('the only column', 'features beside it');
  if (column !== undefined) {
    return { index: columnIndex(column, width, header, 'labelColumn'), by: 'given' };
  }
  const counts = (i: number) => !ignored.has(i);
  const named = (header ?? []).flatMap((name, i) =>
    counts(i) && LABEL_NAMES.includes(name.toLowerCase()) ? [i] : [],
  );
  if (named.length === 1) return { index: named[0], by: 'name' };
  const columns = Array.from({ length: width }, (_, i) => describe(rows.map((fields) => fields[i])));
  const words = columns.flatMap(({ kind }, i) => (kind === 'words' && counts(i) ? [i] : []));
  const place = (i: number) => `column ${i + 1}${header ? ` (${header[i]})` : ''} ${columns[i].text}`;
  const ask = (got: string, others: readonly number[]) => {
    const more = others.length > 0 ? `; ${others.slice(0, 3).map(place).join(', ')}` : '';
    return refuse(got, 'the column to learn', `Name it (--label on the command line)${more}`);
  };
  if (named.length > 1) {
    const list = named.slice(0, 4).map((i) => header![i]);
    throw ask(`not given, and ${named.length} columns are called labels: ${list.join(', ')}`, named);
  }
  if (words.length === 1) {
    // Names, dates and amounts with a unit differ from row to row; classes repeat.
    const isDoubtful =
      rows.length >= 10 && 2 * columns[words[0]].values > rows.length && task !== 'classification';
    if (!isDoubtful) return { index: words[0], by: 'words' };
    throw ask(`not given, and the only column of words, ${place(words[0])}, hardly repeats a value`, []);
  }
  const last = columns.findLastIndex((_, i) => counts(i));
  if (last < 0) throw refuse('not given, and all columns are left out', 'the column to learn');
  const others = columns.flatMap(({ kind }, i) => (i !== last && counts(i) && kind === 'classes' ? [i] : []));
  const isDoubtful =
    columns[last].kind === 'constant' ||
    (task !== 'regression' &&
      others.includes(0) &&
      (columns[last].kind === 'numbers' || columns[last].share >= MOST_COMMON_SHARE));
  if (rows.length < 2 || !isDoubtful) return { index: last, by: 'last' };
  throw ask(`not given, and ${place(last)}`, others);
}

/** The place from 0 of a column that is given by it, or as text by its name or its place from 1. Error `argument`. */
export function columnIndex(
  column: number | string,
  width: number,
  header: readonly string[] | undefined,
  argument: string,
): number {
  const index = indexOf(column, width, header);
  if (index >= 0) return index;
  const all = header?.join(', ') ?? '';
  const names = header ? ` or one of ${all.length > 200 ? `${all.slice(0, 200)}...` : all}` : '';
  const range = typeof column === 'string' ? `a place in 1..${width}` : `0..${width - 1}`;
  const fix = typeof column === 'string' && !header ? 'The table has no header: give its place.' : undefined;
  throw refuse(showValue(column), `${range}${names}`, fix, argument);
}

function indexOf(column: number | string, width: number, header: readonly string[] | undefined): number {
  if (typeof column === 'number') return Number.isInteger(column) && column < width ? column : -1;
  if (typeof column !== 'string') return -1;
  const named = header?.indexOf(column) ?? -1;
  if (named >= 0 || !/^[1-9]\d*$/.test(column)) return named;
  return Number(column) <= width ? Number(column) - 1 : -1;
}

function refuse(got: string, expected: string, fix?: string, argument = 'labelColumn'): GradloomError {
  return new GradloomError({ code: 'argument', op: 'parseCsv', argument, got, expected, fix });
}

interface ColumnDescription {
  kind: 'words' | 'classes' | 'numbers' | 'constant';
  /** How many different values there are. */
  values: number;
  /** Share of the most common value. */
  share: number;
  /** For people: `has 3 values (1, 2, 3)`. */
  text: string;
}

function describe(column: readonly string[]): ColumnDescription {
  const counts = new Map<string, number>();
  for (const field of column) counts.set(field, (counts.get(field) ?? 0) + 1);
  const share = Math.max(...counts.values()) / column.length;
  const shown = [...counts.keys()].slice(0, 4).join(', ');
  if (counts.size === 1) return { kind: 'constant', values: 1, share, text: `is always ${shown}` };
  const text = `has ${counts.size} values (${shown}${counts.size > 4 ? ', ...' : ''})`;
  const words = column.filter((field) => !isMissing(field) && !NUMBER.test(field)).length;
  if (2 * words >= column.length) return { kind: 'words', values: counts.size, share, text };
  return { kind: findClasses(column, 'auto') ? 'classes' : 'numbers', values: counts.size, share, text };
}

/**
 * The names of the classes, sorted, when the labels are classes. By `auto` these are words, whole numbers counted from 0
 * or 1 of which each occurs twice on average, up to 20 counted from anywhere, and up to 10 others that occur five times.
 */
export function findClasses(labels: readonly string[], task: CsvTask): string[] | undefined {
  if (task === 'regression') return undefined;
  const isNumber = (label: string) => NUMBER.test(label);
  const numbers = labels.filter(isNumber);
  // Among words an empty label, among numbers a word is a mistake: left out here, it is refused with its line.
  if (2 * numbers.length <= labels.length) {
    const words = [...new Set(labels.map(className))].filter((label) => !isNoLabel(label));
    return words.length > 0 ? words.sort() : undefined;
  }
  const values = [...new Set(numbers.map(Number))].sort((a, b) => a - b);
  if (task === 'auto' && !areClasses(values, labels.length)) return undefined;
  return values.map(String);
}

function areClasses(values: readonly number[], count: number): boolean {
  if (!values.every(Number.isSafeInteger)) return false;
  const each = count / values.length;
  const areCounted = values.every((value, i) => value === values[0] + i);
  if (areCounted && (values[0] === 0 || values[0] === 1 || values.length <= 20)) return each >= 2;
  return values.length <= 10 && each >= 5;
}

/** `NA` and `none` may name a class; these may not. */
export const isNoLabel = (label: string): boolean => /^(|\?|nan|n\/a|#n\/a)$/i.test(label);

/** Numbers by their value: 1.0 and 1 are one class. */
const className = (label: string): string => (NUMBER.test(label) ? String(Number(label)) : label);

/** The index of a label, which is the name of a class or, where classes have words for names, an index; -1 for none. */
export function classIndex(label: string, classes: readonly string[]): number {
  if (isNoLabel(label)) return -1;
  const named = classes.indexOf(label);
  if (named >= 0) return named;
  const name = className(label);
  const byValue = classes.findIndex((other) => className(other) === name);
  if (byValue >= 0 || !NUMBER.test(label) || classes.some((other) => NUMBER.test(other))) return byValue;
  const index = Number(label);
  return Number.isInteger(index) && index >= 0 && index < classes.length ? index : -1;
}

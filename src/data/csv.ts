/**
 * Tables as data sets: every column but one is a feature, that one is the label. Takes files with and without a
 * header, and the form of scikit-learn's samples, whose first line is `rows,features,class names...`.
 */
import { GradloomError } from '../errors';
import { type CsvRecord, type Delimiter, guessDelimiter, parseCsvRecords } from './csv-records';
import { ArrayDataset } from './dataset';
import { type DataSource, readSource } from './source';

/** Options of {@link loadCsv} and {@link parseCsv}. */
export interface CsvOptions {
  /** The label's column: its index from 0 or its name in the header; default the last. */
  labelColumn?: number | string;
  /**
   * What the labels are. Default `auto`: classes when at least half of them are words, or when they are counted
   * from 0 or 1 without a gap and each occurs twice on average; else numbers to regress on.
   */
  task?: 'auto' | 'classification' | 'regression';
  /**
   * Names of the classes in the order of their indices. Default: those in the first line; else the labels that
   * occur, sorted. Give them when train and test are separate files, so that both count alike.
   */
  classes?: readonly string[];
  /** Whether the first line names the columns. Default: it does when at least half of its fields are no numbers. */
  header?: boolean;
  /** Default: what separates most fields in the first line. */
  delimiter?: Delimiter;
  /** Shape of one sample, for example `[1, 8, 8]` for 64 pixels; default `[features]`. */
  xShape?: readonly number[];
  /** Whether to normalize each feature (first axis of `xShape`) to mean 0 and deviation 1; default no. */
  standardize?: boolean;
  /** Shown in logs and errors; default the file's name. */
  name?: string;
}

/** Reads a source and parses it, see {@link parseCsv}. Gzip is unpacked. */
export async function loadCsv(source: DataSource, options: CsvOptions = {}): Promise<ArrayDataset> {
  const { name, bytes } = await readSource(source);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw broken(name, 'no text in UTF-8', 'CSV', 'Save the table as CSV in UTF-8.', cause);
  }
  return parseCsv(text, { name, ...options });
}

/**
 * A table as a data set: float features, and class indices (`Int32Array`, target shape `[]`) or numbers
 * (`Float32Array`, target shape `[1]`, as a linear layer with one output gives them).
 * @throws GradloomError (code `data`), each with line and column: what is no number, rows of different length, a
 * label that is no class, broken quotes; also no rows, or another number of rows than the first line says;
 * (code `argument`): a label column that does not exist.
 */
export function parseCsv(text: string, options: CsvOptions = {}): ArrayDataset {
  const name = options.name ?? 'CSV';
  const records = parseCsvRecords(text, name, options.delimiter ?? guessDelimiter(text));
  const declared = options.header === undefined ? readDeclaration(records, name) : undefined;
  const header = !declared && (options.header ?? looksLikeHeader(records[0])) ? records[0].fields : undefined;
  const rows = declared || header ? records.slice(1) : records;
  if (rows.length === 0) {
    throw broken(name, 'a table without rows', 'at least one', 'Check that the right file was loaded.');
  }
  const width = header?.length ?? rows[0].fields.length;
  for (const { fields, line } of rows) {
    if (fields.length === width) continue;
    const fix = 'Give every line the same number of fields.';
    throw broken(`${name} line ${line}`, `${fields.length} fields`, `${width}, as before`, fix);
  }
  const labelColumn = findLabelColumn(options.labelColumn, width, header);
  const x = readFeatures(rows, width, labelColumn, name);
  const labels = rows.map(({ fields }) => fields[labelColumn]);
  const classes = options.classes ?? declared?.classes ?? findClasses(labels, options.task ?? 'auto');
  const where = (row: number) => `${name} line ${rows[row].line}, column ${labelColumn + 1}`;
  const y =
    classes && options.task !== 'regression'
      ? Int32Array.from(labels, (label, row) => classIndex(label, classes, where(row)))
      : Float32Array.from(labels, (label, row) => readNumber(label, where(row)));
  const data = ArrayDataset.fromArrays({
    name,
    x,
    xShape: options.xShape ?? [width - 1],
    y,
    yShape: y instanceof Int32Array ? [] : [1],
    classes: y instanceof Int32Array ? classes : undefined,
  });
  if (!options.standardize) return data;
  const { mean, std } = data.statistics();
  return data.withNormalization(mean, std);
}

function broken(
  argument: string,
  got: string,
  expected: string,
  fix: string,
  cause?: unknown,
): GradloomError {
  return new GradloomError({ code: 'data', op: 'parseCsv', argument, got, expected, fix, cause });
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readNumber(field: string, where: string): number {
  const value = NUMBER.test(field) ? Math.fround(Number(field)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const fix = 'Repair or remove that line; columns of words must be turned into numbers first.';
  throw broken(where, field === '' ? 'empty' : quote(field), 'a finite number', fix);
}

function quote(field: string): string {
  return JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}...` : field);
}

/** The line `rows,features,class names...`, told by the number of features and by two or more names that are no numbers. */
function readDeclaration(records: readonly CsvRecord[], name: string): { classes: string[] } | undefined {
  if (records.length < 2) return undefined;
  const [rows, features, ...classes] = records[0].fields;
  const isDeclaration =
    /^\d+$/.test(rows) &&
    classes.length > 1 &&
    Number(features) === records[1].fields.length - 1 &&
    classes.every((field) => field !== '' && !NUMBER.test(field));
  if (!isDeclaration) return undefined;
  if (Number(rows) !== records.length - 1) {
    const fix = 'The file is truncated, or its first line is wrong.';
    throw broken(name, `${records.length - 1} rows`, `${rows}, as the first line says`, fix);
  }
  return { classes };
}

function looksLikeHeader(first: CsvRecord | undefined): boolean {
  if (!first) return false;
  const words = first.fields.filter((field) => field !== '' && !NUMBER.test(field)).length;
  // With a column of words for labels one word in the line is no sign of a header.
  return words > 1 ? 2 * words >= first.fields.length : words === first.fields.length;
}

function findLabelColumn(column: number | string | undefined, width: number, header?: string[]): number {
  const index = typeof column === 'string' ? (header?.indexOf(column) ?? -1) : (column ?? width - 1);
  const isColumn = Number.isInteger(index) && index >= 0 && index < width;
  if (isColumn && width > 1) return index;
  throw new GradloomError({
    code: 'argument',
    op: 'parseCsv',
    argument: 'labelColumn',
    got: isColumn ? 'the only column' : JSON.stringify(column),
    expected: isColumn
      ? 'features beside it'
      : `0..${width - 1}${header ? ` or one of ${header.join(', ')}` : ''}`,
    fix: typeof column === 'string' && !header ? 'The table has no header: give the index.' : undefined,
  });
}

function readFeatures(
  rows: readonly CsvRecord[],
  width: number,
  labelColumn: number,
  name: string,
): Float32Array {
  const x = new Float32Array(rows.length * (width - 1));
  let at = 0;
  for (const { fields, line } of rows) {
    for (let column = 0; column < width; column++) {
      if (column === labelColumn) continue;
      x[at++] = readNumber(fields[column], `${name} line ${line}, column ${column + 1}`);
    }
  }
  return x;
}

/** The names of the classes when the labels are classes, by the rule of {@link CsvOptions.task}. */
function findClasses(
  labels: readonly string[],
  task: 'auto' | 'classification' | 'regression',
): string[] | undefined {
  if (task === 'regression') return undefined;
  const isNumber = (label: string) => NUMBER.test(label);
  const numbers = labels.filter(isNumber).length;
  // Among words an empty label, among numbers a word is a mistake: left out here, it is refused with its line.
  const areWords = 2 * numbers <= labels.length;
  const distinct = [...new Set(labels)].filter((label) => (areWords ? label !== '' : isNumber(label)));
  if (areWords) return distinct.length > 0 ? distinct.sort() : undefined;
  distinct.sort((a, b) => Number(a) - Number(b));
  const first = Number(distinct[0]);
  const areCounted =
    (first === 0 || first === 1) && distinct.every((label, i) => Number(label) === first + i);
  if (task === 'auto' && !(areCounted && 2 * distinct.length <= labels.length)) return undefined;
  return distinct;
}

/** A label is the name of a class or, where no class is called so, its index. */
function classIndex(label: string, classes: readonly string[], where: string): number {
  const named = classes.indexOf(label);
  if (named >= 0) return named;
  if (/^\d+$/.test(label) && Number(label) < classes.length && !classes.some((name) => NUMBER.test(name))) {
    return Number(label);
  }
  const range = `an index in 0..${classes.length - 1} or one of ${classes.slice(0, 10).join(', ')}`;
  throw broken(
    where,
    label === '' ? 'an empty label' : `label ${quote(label)}`,
    range,
    'Repair or remove that line.',
  );
}

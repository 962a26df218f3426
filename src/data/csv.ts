/**
 * Tables as data sets: every column but one is a feature, that one is the label. Takes files with and without a
 * header, and the form of scikit-learn's samples, whose first line is `rows,features,class names...`.
 */
import { checkOptions } from '../checks';
import { GradloomError, showValue, unknownName } from '../errors';
import { guessDelimiter, isMissing, looksLikeHeader, NUMBER, readDecimalCommas } from './csv-form';
import { type CsvTask, classIndex, findClasses, findLabelColumn, type LabelColumn } from './csv-label';
import { type CsvRecord, type Delimiter, parseCsvRecords } from './csv-records';
import { ArrayDataset } from './dataset';
import { type DataSource, decodeText, readSource } from './source';

/** Options of {@link loadCsv} and {@link parseCsv}. */
export interface CsvOptions {
  /**
   * The label's column: its index from 0, or as text its name in the header or its place from 1. Default: the only one
   * that the header calls `label`, `class`, `target` or `y`, else the only one of words, else the last; an error where
   * that is in doubt.
   */
  labelColumn?: number | string;
  /**
   * What the labels are. Default `auto`: classes when at least half of them are words, when they are whole numbers
   * counted without a gap (from 0 or 1, or at most 20 of them) and each occurs twice on average, or when they are at
   * most 10 whole numbers that occur five times each; else numbers to regress on.
   */
  task?: CsvTask;
  /**
   * Names of the classes in the order of their indices. Default: those in the first line; else the labels that
   * occur, sorted. Give them when train and test are separate files, so that both count alike.
   */
  classes?: readonly string[];
  /**
   * Whether the first line names the columns. Default: it does when at least half of its fields are words, or when it
   * counts the columns (0, 1, 2, ...) above other values.
   */
  header?: boolean;
  /** Default: what cuts the first lines into the same number of clean fields. */
  delimiter?: Delimiter;
  /** Shape of one sample, for example `[1, 8, 8]` for 64 pixels; default `[features]`. */
  xShape?: readonly number[];
  /** Whether to normalize each feature (first axis of `xShape`) to mean 0 and deviation 1; default no. */
  standardize?: boolean;
  /** Shown in logs and errors; default the file's name. */
  name?: string;
}

const OPTIONS: (keyof CsvOptions)[] = [
  'labelColumn',
  'task',
  'classes',
  'header',
  'delimiter',
  'xShape',
  'standardize',
  'name',
];
const TASKS: CsvTask[] = ['auto', 'classification', 'regression'];
const DELIMITERS: Delimiter[] = [',', ';', '\t', ' '];

/** Reads a source and parses it, see {@link parseCsv}. Gzip is unpacked. */
export async function loadCsv(source: DataSource, options: CsvOptions = {}): Promise<ArrayDataset> {
  const { name, text } = await readText(source);
  return parseCsv(text, { name, ...options });
}

/** The text of a source without its byte order mark. Error `data`: no text in UTF-8, or UTF-16 with a mark. */
export async function readText(source: DataSource): Promise<{ name: string; text: string }> {
  const { name, bytes } = await readSource(source);
  return { name, text: decodeText(bytes, name, 'parseCsv') };
}

/** A table as a data set, with what was found out about its form. */
export interface CsvTable {
  data: ArrayDataset;
  /** Names of the feature columns, where there is a header. */
  features?: string[];
  label: LabelColumn & { name?: string };
  header: boolean;
}

/** The data set of {@link parseTable}. */
export function parseCsv(text: string, options: CsvOptions = {}): ArrayDataset {
  return parseTable(text, options).data;
}

/**
 * A table as a data set: float features, and class indices (`Int32Array`, target shape `[]`) or numbers
 * (`Float32Array`, target shape `[1]`, as a linear layer with one output gives them).
 * @throws GradloomError (code `data`), each with line and column: what is no number, rows of different length, a
 * label that is no class, broken quotes; also no rows, or another number of rows than the first line says;
 * (code `argument`): a label column that does not exist, or none given where the table leaves it open.
 */
export function parseTable(text: string, options: CsvOptions = {}): CsvTable {
  checkOptions('parseCsv', options, OPTIONS);
  const { task: wanted = 'auto' } = options;
  if (!TASKS.includes(wanted)) throw unknownName('parseCsv', 'task', wanted, TASKS);
  const { name, rows, header, classes: declared, width } = readTable(text, options);
  const task = options.task ?? 'auto';
  const fields = rows.map((row) => row.fields);
  const label: LabelColumn =
    declared && options.labelColumn === undefined && width > 1
      ? { index: width - 1, by: 'declared' }
      : findLabelColumn(options.labelColumn, fields, width, header, options.classes ? 'regression' : task);
  const columns = Array.from({ length: width }, (_, i) => i).filter((i) => i !== label.index);
  const x = readFeatures(rows, columns, name, header);
  const labels = fields.map((row) => row[label.index]);
  const classes = options.classes ?? declared ?? findClasses(labels, task);
  const where = (row: number) => placeOf(name, rows[row].line, label.index, header);
  const y =
    classes && task !== 'regression'
      ? Int32Array.from(labels, (text, row) => readClass(text, classes, where(row)))
      : Float32Array.from(labels, (text, row) => readNumber(text, where(row)));
  const data = ArrayDataset.fromArrays({
    name,
    x,
    xShape: options.xShape ?? [width - 1],
    y,
    yShape: y instanceof Int32Array ? [] : [1],
    classes: y instanceof Int32Array ? classes : undefined,
  });
  const table = {
    data,
    features: header && columns.map((i) => header[i]),
    label: { ...label, name: header?.[label.index] },
    header: header !== undefined,
  };
  if (!options.standardize) return table;
  const { mean, std } = data.statistics();
  return { ...table, data: data.withNormalization(mean, std) };
}

/** The feature columns of a table to predict from, in the order in which a model learned them. */
export interface FeatureColumns {
  /** How many, and their names where the table that was learned had a header. */
  count: number;
  names?: readonly string[];
  /** The label's column in that table; it is left out where the new table has one column more. */
  label: { index: number; name?: string };
}

/**
 * The features of a table that may have a label column or none: found by their names where both tables have them,
 * else by their places.
 * @throws GradloomError (code `data`): as {@link parseTable}, and columns that are missing or too many.
 */
export function parseFeatures(
  text: string,
  { count, names, label }: FeatureColumns,
  options: Pick<CsvOptions, 'name' | 'header' | 'delimiter'> = {},
): Float32Array {
  const { name, rows, header, width } = readTable(text, options);
  const byName = names && header && names.map((feature) => header.indexOf(feature));
  if (byName?.every((i) => i >= 0)) return readFeatures(rows, byName, name, header);
  const fix = 'Give the columns that the model was trained on.';
  if (byName?.some((i) => i >= 0)) {
    const missing = names!.filter((_, i) => byName[i] < 0);
    throw broken(name, `a table without ${missing.slice(0, 5).join(', ')}`, names!.join(', '), fix);
  }
  const columns = Array.from({ length: width }, (_, i) => i);
  if (width === count + 1) columns.splice(label.index, 1);
  else if (width !== count) {
    throw broken(name, `${width} columns`, `${count} features, or ${count + 1} columns with the label`, fix);
  }
  return readFeatures(rows, columns, name, header);
}

/** The names of the columns, where the first line of a table has them. */
export function readHeader(
  text: string,
  options: Pick<CsvOptions, 'name' | 'header' | 'delimiter'> = {},
): string[] | undefined {
  return readTable(text, options).header;
}

/** The records of a table without its first line, where that is no row. */
function readTable(text: string, options: Pick<CsvOptions, 'name' | 'header' | 'delimiter'>) {
  const name = options.name ?? 'CSV';
  if (typeof text !== 'string') {
    const fix = 'loadCsv reads files and addresses';
    throw broken(name, showValue(text), 'the text of a table', fix);
  }
  if (options.delimiter !== undefined && !DELIMITERS.includes(options.delimiter)) {
    throw unknownName(
      'parseCsv',
      'delimiter',
      options.delimiter,
      DELIMITERS,
      'comma, semicolon, tab or space',
    );
  }
  const delimiter = options.delimiter ?? guessDelimiter(text);
  const records = parseCsvRecords(text, name, delimiter);
  readDecimalCommas(records, delimiter);
  const declared = options.header === undefined ? readDeclaration(records, name) : undefined;
  const header = !declared && (options.header ?? looksLikeHeader(records)) ? records[0]?.fields : undefined;
  const rows = declared || header ? records.slice(1) : records;
  if (rows.length === 0) {
    throw broken(name, 'a table without rows', 'at least one', 'Check that the right file was loaded.');
  }
  const twice = header?.find((column, i) => column !== '' && header.indexOf(column) < i);
  if (twice !== undefined) {
    const fix = 'Rename one of them, or set header to false if the first line is a row.';
    throw broken(
      `${name} line ${records[0].line}`,
      `two columns named ${quote(twice)}`,
      'each name once',
      fix,
    );
  }
  const width = header?.length ?? rows[0].fields.length;
  for (const { fields, line } of rows) {
    if (fields.length === width) continue;
    const fix = 'Give every line the same number of fields.';
    throw broken(`${name} line ${line}`, `${fields.length} fields`, `${width}, as before`, fix);
  }
  return { name, rows, header, classes: declared?.classes, width };
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

/** For errors: `table.csv line 7, column 3 (width)`. */
function placeOf(name: string, line: number, column: number, header: readonly string[] | undefined): string {
  return `${name} line ${line}, column ${column + 1}${header ? ` (${header[column]})` : ''}`;
}

function readNumber(field: string, where: string): number {
  const value = NUMBER.test(field) ? Math.fround(Number(field)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  if (isMissing(field)) {
    const fix = 'Fill in or remove what is missing.';
    throw broken(where, field === '' ? 'empty' : `${quote(field)}, a missing value`, 'a finite number', fix);
  }
  const fix = /,/.test(field)
    ? 'Write numbers without groups of thousands, all with a decimal point or all with a decimal comma.'
    : 'Repair or remove that line; columns of words or dates must be turned into numbers first. Names of columns ' +
      'belong into the first line (--header says that they are there).';
  throw broken(where, quote(field), 'a finite number', fix);
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

function readFeatures(
  rows: readonly CsvRecord[],
  columns: readonly number[],
  name: string,
  header: readonly string[] | undefined,
): Float32Array {
  const x = new Float32Array(rows.length * columns.length);
  let at = 0;
  for (const { fields, line } of rows) {
    for (const column of columns) x[at++] = readNumber(fields[column], placeOf(name, line, column, header));
  }
  return x;
}

function readClass(label: string, classes: readonly string[], where: string): number {
  const index = classIndex(label, classes);
  if (index >= 0) return index;
  const range = `an index in 0..${classes.length - 1} or one of ${classes.slice(0, 10).join(', ')}`;
  const got = label === '' ? 'an empty label' : `label ${quote(label)}`;
  throw broken(where, got, range, 'Repair or remove that line.');
}

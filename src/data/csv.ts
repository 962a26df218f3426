/**
 * Tables as data sets: every column but one is a feature, that one is the label. Takes files with and without a
 * header, and the form of scikit-learn's samples, whose first line is `rows,features,class names...`.
 */
import { checkOptions } from '../checks';
import { GradloomError, showValue, unknownName } from '../errors';
import {
  broken,
  type CategoryPolicy,
  findReader,
  lacks,
  type MissingPolicy,
  namesOf,
  readNumber,
} from './csv-columns';
import {
  type CsvTask,
  columnIndex,
  findClasses,
  findLabelColumn,
  isNoLabel,
  type LabelColumn,
} from './csv-label';
import type { CsvRecord, Delimiter } from './csv-records';
import { columnOf, type FeatureColumn, placeOf, readClass, readFeatures, readTable } from './csv-table';
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
  /**
   * What becomes of a missing value (an empty field, `NA`, `n/a`, `NaN`, `null`, `none`, `?`, `-`): `error` (default); the `mean`,
   * `median` or `mode` (most common value) of its column, for categories and dates of one kind always the most common one
   * or the same statistic of the days; `drop` leaves the row out. A label that is missing is an error, or its row is dropped.
   */
  missing?: MissingPolicy;
  /**
   * What becomes of a column of words that repeat: `oneHot` (default), a column of 0 and 1 for each category in sorted order;
   * `code`, the category's index; `error`.
   */
  categories?: CategoryPolicy;
  /**
   * Whether 3/4/2024 is in April. Dates become days since 1970-01-01, with the time as a fraction. Default: what fits all dates
   * of the column, an error where both do.
   */
  dayFirst?: boolean;
  /** Columns that are left out, each as `labelColumn`: names, identifiers, notes. */
  ignore?: readonly (number | string)[];
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
  'missing',
  'categories',
  'dayFirst',
  'ignore',
  'xShape',
  'standardize',
  'name',
];
const TASKS: CsvTask[] = ['auto', 'classification', 'regression'];
const MISSING: MissingPolicy[] = ['error', 'mean', 'median', 'mode', 'drop'];
const CATEGORIES: CategoryPolicy[] = ['oneHot', 'code', 'error'];

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
  /** Names of the numbers of a sample, where there is a header: those of columns, and `colour=red` of categories. */
  features?: string[];
  columns: FeatureColumn[];
  label: LabelColumn & { name?: string };
  /** How many columns the table has, those that are left out too. */
  width: number;
  header: boolean;
  /** Values that were filled in, and rows that were left out. */
  filled: number;
  dropped: number;
}

/** The data set of {@link parseTable}. */
export function parseCsv(text: string, options: CsvOptions = {}): ArrayDataset {
  return parseTable(text, options).data;
}

/**
 * A table as a data set: float features, and class indices (`Int32Array`, target shape `[]`) or numbers
 * (`Float32Array`, target shape `[1]`, as a linear layer with one output gives them).
 * @throws GradloomError (code `data`), each with line and column: what is missing, no number, date or category, rows of
 * different length, a label that is no class, broken quotes; also no rows, or another number of rows than the first line
 * says; (code `argument`): a label column that does not exist, or none given where the table leaves it open.
 */
export function parseTable(text: string, options: CsvOptions = {}): CsvTable {
  checkOptions('parseCsv', options, OPTIONS);
  const { task: wanted = 'auto', missing = 'error', categories = 'oneHot', dayFirst } = options;
  if (!TASKS.includes(wanted)) throw unknownName('parseCsv', 'task', wanted, TASKS);
  if (!MISSING.includes(missing)) throw unknownName('parseCsv', 'missing', missing, MISSING);
  if (!CATEGORIES.includes(categories)) throw unknownName('parseCsv', 'categories', categories, CATEGORIES);
  if (dayFirst !== undefined && typeof dayFirst !== 'boolean') {
    throw refuseOption('dayFirst', dayFirst, 'true or false');
  }
  const { name, rows: allRows, header, classes: declared, width } = readTable(text, options);
  const task = options.task ?? 'auto';
  const ignored = ignoredColumns(options.ignore, width, header);
  const fields = allRows.map((row) => row.fields);
  const label: LabelColumn =
    declared && options.labelColumn === undefined && width > 1
      ? { index: width - 1, by: 'declared' }
      : findLabelColumn(
          options.labelColumn,
          fields,
          width,
          header,
          options.classes ? 'regression' : task,
          ignored,
        );
  const kept = Array.from({ length: width }, (_, i) => i).filter((i) => i !== label.index && !ignored.has(i));
  if (kept.length === 0) throw refuseOption('ignore', options.ignore, 'a column besides the label');
  const columns = kept.map((index): FeatureColumn => {
    const where = `${name}, ${columnOf(index, header)}`;
    const reader = findReader(
      fields.map((row) => row[index]),
      { missing, categories, dayFirst },
      where,
    );
    return { index, ...(header && { name: header[index] }), reader };
  });
  const isWhole = ({ fields: row }: CsvRecord) =>
    !isNoLabel(row[label.index]) && columns.every(({ index, reader }) => !lacks(reader, row[index]));
  const rows = missing === 'drop' ? allRows.filter(isWhole) : allRows;
  if (rows.length === 0) {
    throw broken(
      name,
      'a value missing in every row',
      'one row that is whole',
      'Leave columns out with ignore.',
    );
  }
  const x = readFeatures(rows, columns, name, header);
  const labels = rows.map((row) => row.fields[label.index]);
  const classes = options.classes ?? declared ?? findClasses(labels, task);
  const where = (row: number) => placeOf(name, rows[row].line, label.index, header);
  const y =
    classes && task !== 'regression'
      ? Int32Array.from(labels, (text, row) => readClass(text, classes, where(row)))
      : Float32Array.from(labels, (text, row) => readNumber(text, where(row)));
  const data = ArrayDataset.fromArrays({
    name,
    x,
    xShape: options.xShape ?? [x.length / rows.length],
    y,
    yShape: y instanceof Int32Array ? [] : [1],
    classes: y instanceof Int32Array ? classes : undefined,
  });
  const fills = missing !== 'error' && missing !== 'drop';
  const lacking = ({ fields: row }: CsvRecord) =>
    columns.filter(({ index, reader }) => lacks(reader, row[index])).length;
  const table = {
    data,
    features: header && columns.flatMap(({ reader, index }) => namesOf(reader, header[index])),
    columns,
    width,
    label: { ...label, name: header?.[label.index] },
    header: header !== undefined,
    filled: fills ? rows.reduce((sum, row) => sum + lacking(row), 0) : 0,
    dropped: allRows.length - rows.length,
  };
  if (!options.standardize) return table;
  const { mean, std } = data.statistics();
  return { ...table, data: data.withNormalization(mean, std) };
}

/** The columns that are left out, by their places. Error `argument` for one that does not exist. */
function ignoredColumns(
  ignore: CsvOptions['ignore'],
  width: number,
  header: readonly string[] | undefined,
): Set<number> {
  if (ignore !== undefined && !Array.isArray(ignore))
    throw refuseOption('ignore', ignore, 'a list of columns');
  return new Set((ignore ?? []).map((column) => columnIndex(column, width, header, 'ignore')));
}

function refuseOption(argument: string, value: unknown, expected: string): GradloomError {
  return new GradloomError({ code: 'argument', op: 'parseCsv', argument, got: showValue(value), expected });
}

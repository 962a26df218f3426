/** The records of a table with its header, and its fields as features and classes. */
import { showValue, unknownName } from '../errors';
import { broken, type ColumnReader, quote, readField, widthOf } from './csv-columns';
import { guessDelimiter, looksLikeHeader, NUMBER, readDecimalCommas } from './csv-form';
import { classIndex } from './csv-label';
import { type CsvRecord, type Delimiter, parseCsvRecords } from './csv-records';

/** How a text is cut. */
export interface TableForm {
  name?: string;
  header?: boolean;
  delimiter?: Delimiter;
}

const DELIMITERS: Delimiter[] = [',', ';', '\t', ' '];

/** A column of features in a table, and how it becomes numbers. */
export interface FeatureColumn {
  /** Its place from 0. */
  index: number;
  /** Its name, where the table has a header. */
  name?: string;
  reader: ColumnReader;
}

/** The names of the columns, where the first line of a table has them. */
export function readHeader(text: string, options: TableForm = {}): string[] | undefined {
  return readTable(text, options).header;
}

/** The records of a table without its first line, where that is no row. */
export function readTable(text: string, options: TableForm) {
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

/** For errors: `table.csv line 7, column 3 (width)`. */
export function placeOf(
  name: string,
  line: number,
  column: number,
  header: readonly string[] | undefined,
): string {
  return `${name} line ${line}, ${columnOf(column, header)}`;
}

export const columnOf = (column: number, header: readonly string[] | undefined): string =>
  `column ${column + 1}${header ? ` (${header[column]})` : ''}`;

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

export function readFeatures(
  rows: readonly CsvRecord[],
  columns: readonly FeatureColumn[],
  name: string,
  header: readonly string[] | undefined,
): Float32Array {
  const widths = columns.map(({ reader }) => widthOf(reader));
  const x = new Float32Array(rows.length * widths.reduce((sum, width) => sum + width, 0));
  let at = 0;
  for (const { fields, line } of rows) {
    columns.forEach(({ index, reader }, i) => {
      readField(fields[index], reader, placeOf(name, line, index, header), x, at);
      at += widths[i];
    });
  }
  return x;
}

export function readClass(label: string, classes: readonly string[], where: string): number {
  const index = classIndex(label, classes);
  if (index >= 0) return index;
  const range = `an index in 0..${classes.length - 1} or one of ${classes.slice(0, 10).join(', ')}`;
  const got = label === '' ? 'an empty label' : `label ${quote(label)}`;
  throw broken(where, got, range, 'Repair or remove that line.');
}

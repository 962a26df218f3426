/** Tables that are read as the one that a model was trained on: for predictions, and for an evaluation. */
import { broken, lacks, type MissingPolicy, readNumber } from './csv-columns';
import { columnIndex, isNoLabel } from './csv-label';
import type { CsvRecord } from './csv-records';
import { type FeatureColumn, placeOf, readClass, readFeatures, readTable, type TableForm } from './csv-table';

/** The columns of the table that a model was trained on. */
export interface FeatureColumns {
  /** In the order in which the model takes them. */
  columns: readonly FeatureColumn[];
  label: { index: number; name?: string };
  /** How many columns that table had, those that were left out too; default: the features and the label. */
  width?: number;
}

/**
 * The features of a table that may have a label column or none: columns are found by their names where both tables have
 * them, else by their places.
 * @throws GradloomError (code `data`): as `parseTable`, and columns that are missing or too many.
 */
export function parseFeatures(text: string, learned: FeatureColumns, options: TableForm = {}): Float32Array {
  const { name, rows, header, width } = readLike(text, learned, options);
  return readFeatures(rows, columnsOf(learned, name, header, width), name, header);
}

/** What a table with labels is read by. */
export interface LearnedTable extends FeatureColumns {
  /** Names of the classes; absent for numbers. */
  classes?: readonly string[];
  missing?: MissingPolicy;
}

/** Features and labels of a table, the label found by its name or place. Rows that lack a value are left out where they were in training. */
export function parseLabelled(
  text: string,
  learned: LearnedTable,
  options: TableForm & { labelColumn?: string } = {},
): { x: Float32Array; y: Float32Array | Int32Array; length: number } {
  const { name, rows: allRows, header, width } = readLike(text, learned, options);
  const columns = columnsOf(learned, name, header, width);
  const label = labelOf(learned, name, header, width, options.labelColumn);
  const isWhole = ({ fields }: CsvRecord) =>
    !isNoLabel(fields[label]) && columns.every(({ index, reader }) => !lacks(reader, fields[index]));
  const rows = learned.missing === 'drop' ? allRows.filter(isWhole) : allRows;
  if (rows.length === 0) {
    throw broken(name, 'a value missing in every row', 'one row that is whole', 'Fill in what is missing.');
  }
  const { classes } = learned;
  const read = (row: CsvRecord) => {
    const where = placeOf(name, row.line, label, header);
    const field = row.fields[label];
    return classes ? readClass(field, classes, where) : readNumber(field, where);
  };
  const y = classes ? Int32Array.from(rows, read) : Float32Array.from(rows, read);
  return { x: readFeatures(rows, columns, name, header), y, length: rows.length };
}

/** The records of a table, where a first line that reads as a row of the learned columns is no header. */
function readLike(text: string, learned: FeatureColumns, form: TableForm) {
  const { name, header, delimiter } = form;
  const read = (header: boolean | undefined) => readTable(text, { name, header, delimiter });
  if (header === undefined) {
    const plain = read(false);
    const [first] = plain.rows;
    const isNamed = learned.columns.some(
      (column) => column.name !== undefined && first.fields.includes(column.name),
    );
    const hasWords = learned.columns.some(({ reader }) => reader.kind !== 'number');
    if (hasWords && !isNamed && readsAsRow(learned, plain)) return plain;
  }
  return read(header);
}

function readsAsRow(learned: FeatureColumns, { name, rows, width }: ReturnType<typeof readTable>): boolean {
  try {
    readFeatures(rows.slice(0, 1), columnsOf(learned, name, undefined, width), name, undefined);
    return true;
  } catch {
    return false;
  }
}

function labelOf(
  { label }: FeatureColumns,
  name: string,
  header: readonly string[] | undefined,
  width: number,
  given: string | undefined,
): number {
  if (given !== undefined) return columnIndex(given, width, header, 'labelColumn');
  const isNamed = label.name !== undefined && header !== undefined;
  const index = isNamed ? header.indexOf(label.name!) : label.index;
  if (index >= 0 && index < width) return index;
  const all = header?.join(', ') ?? '';
  const got = isNamed ? `columns ${all.length > 200 ? `${all.slice(0, 200)}...` : all}` : `${width} columns`;
  const expected = isNamed ? `${label.name} among them, the label` : `a label in column ${label.index + 1}`;
  throw broken(name, got, expected, 'Name the label with --label');
}

/** The columns with their places in another table. */
function columnsOf(
  { columns, label, width: learnedWidth = columns.length + 1 }: FeatureColumns,
  name: string,
  header: readonly string[] | undefined,
  width: number,
): FeatureColumn[] {
  const at = (indices: readonly number[]) => columns.map((column, i) => ({ ...column, index: indices[i] }));
  const fix = 'Give the columns that the model was trained on.';
  const places = columns.map(({ index }) => index);
  if (header && columns.every((column) => column.name !== undefined)) {
    const names = columns.map((column) => column.name!);
    const found = names.map((column) => header.indexOf(column));
    const missing = names.filter((_, i) => found[i] < 0);
    if (missing.length === 0) return at(found);
    if (missing.length < names.length) {
      const all = names.join(', ');
      const expected = all.length > 200 ? `${all.slice(0, 200)}...` : all;
      throw broken(name, `a table without ${missing.slice(0, 5).join(', ')}`, expected, fix);
    }
  }
  if (width === learnedWidth) return at(places);
  if (width === learnedWidth - 1) return at(places.map((i) => (i > label.index ? i - 1 : i)));
  if (width === columns.length) return at(places.map((_, i) => i));
  const expected = `${columns.length} features, or ${learnedWidth} columns with the label`;
  throw broken(name, `${width} columns`, expected, fix);
}

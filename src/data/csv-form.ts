/** The form of a table, told by its text: delimiter, decimal commas, header. */
import { type CsvRecord, type Delimiter, parseCsvRecords } from './csv-records';

export const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COMMA_NUMBER = /^[+-]?(\d+,\d+|,\d+)(e[+-]?\d+)?$/i;
/** Thousands in groups, as in 1,234,567: with one comma it cannot be told from a decimal comma. */
const GROUPED_NUMBER = /^[+-]?\d{1,3}(,\d{3})+$/;
const MISSING = /^(|\?|-|n\/?a|nan|null|none|nil|#n\/a)$/i;

/** What programs write for a value that is not there. */
export const isMissing = (field: string): boolean => MISSING.test(field);

/** Lines that a guess looks at. */
const SAMPLE_LINES = 50;
const DELIMITERS = [',', ';', '\t'] as const;

/**
 * The delimiter that cuts the first lines into the same number of fields, most of them numbers or free of other
 * delimiters; quoted fields are left whole. A space only where no other delimiter cuts anything; without any, a comma.
 */
export function guessDelimiter(text: string): Delimiter {
  const lines = text.split(/\r\n|\r|\n/, SAMPLE_LINES + 1);
  const sample = lines.slice(0, SAMPLE_LINES).join('\n');
  const records = (delimiter: Delimiter) =>
    attempt(sample, delimiter) ?? (lines.length > SAMPLE_LINES ? attempt(text, delimiter) : undefined) ?? [];
  let best: { delimiter: Delimiter; score: number[] } | undefined;
  for (const delimiter of DELIMITERS) {
    const score = scoreOf(records(delimiter), delimiter);
    if (score && (!best || isHigher(score, best.score))) best = { delimiter, score };
  }
  return best?.delimiter ?? (records(' ').some(({ fields }) => fields.length > 1) ? ' ' : ',');
}

/** Undefined for broken quotes, which the wrong delimiter or the end of the sample may make. */
function attempt(text: string, delimiter: Delimiter): CsvRecord[] | undefined {
  try {
    return parseCsvRecords(text, '', delimiter);
  } catch {
    return undefined;
  }
}

/** How well a delimiter fits, what counts most first; undefined when it cuts nothing. */
function scoreOf(records: readonly CsvRecord[], delimiter: Delimiter): number[] | undefined {
  const widths = records.map(({ fields }) => fields.length);
  const width = Math.max(...widths);
  if (!(width > 1)) return undefined;
  const fields = records.flatMap((record) => record.fields);
  const others = DELIMITERS.filter((other) => other !== delimiter);
  const isNumber = (field: string) => NUMBER.test(field) || (delimiter !== ',' && COMMA_NUMBER.test(field));
  const clean = fields.filter((field) => isNumber(field) || !others.some((other) => field.includes(other)));
  return [
    widths.every((other) => other === width) ? 1 : 0,
    clean.length / fields.length,
    fields.filter(isNumber).length / fields.length,
    width,
  ];
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at] > b[at];
}

/** Turns decimal commas into points where the table has them and no points; records are changed in place. */
export function readDecimalCommas(records: readonly CsvRecord[], delimiter: Delimiter): void {
  let commas = false;
  for (const { fields } of records) {
    for (const field of fields) {
      if (field.includes('.') && NUMBER.test(field)) return;
      if (!field.includes(',')) continue;
      // Between commas a quoted 1,234 may be either.
      if (delimiter === ',' && GROUPED_NUMBER.test(field)) return;
      commas ||= COMMA_NUMBER.test(field);
    }
  }
  if (!commas) return;
  for (const record of records) {
    record.fields = record.fields.map((field) =>
      COMMA_NUMBER.test(field) ? field.replace(',', '.') : field,
    );
  }
}

/**
 * Whether the first line names the columns: mostly words, or numbers counted on from the first above values of another
 * kind.
 */
export function looksLikeHeader(records: readonly CsvRecord[]): boolean {
  if (records.length === 0) return false;
  const [{ fields: first }, ...rest] = records;
  const body = rest.slice(0, 1000).map(({ fields }) => fields);
  const columns = first.map((_, i) => body.map((fields) => fields[i] ?? ''));
  const words = first.filter(isWord).length;
  if (words === first.length || (words > 1 && 2 * words >= first.length)) {
    // In rows of words alone a name stands once.
    return words < first.length || !first.every((field, i) => columns[i].includes(field));
  }
  const numbers = first.filter((field) => NUMBER.test(field)).map(Number);
  const areCounted = numbers.every((value, i) => Number.isInteger(value) && value === numbers[0] + i);
  if (numbers.length < 2 || !areCounted || words + numbers.length < first.length) return false;
  const named = first.flatMap((field, i) => (isWord(field) ? [{ field, column: columns[i] }] : []));
  if (named.some(({ column }) => column.length > 0 && !column.some(isWord))) return true;
  // Rows may be counted too: it takes a name above classes, and fractions or many columns below.
  const repeats = (column: string[]) => {
    const counts = new Map<string, number>();
    for (const field of column) counts.set(field, (counts.get(field) ?? 0) + 1);
    return [...counts.values()].every((count) => count > 1);
  };
  if (named.some(({ field, column }) => column.includes(field) || !repeats(column))) return false;
  const isFraction = (field: string) => NUMBER.test(field) && /[.e]/i.test(field);
  return numbers.length > (columns.some((column) => column.some(isFraction)) ? 2 : 7);
}

/** A number in whatever notation. */
export const isNumeral = (field: string): boolean => /^[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?$/i.test(field);

/** Neither a number nor missing. */
const isWord = (field: string): boolean => !isMissing(field) && !isNumeral(field);

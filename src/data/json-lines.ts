/** JSON lines: one object per line. */
import { checkOptions } from '../checks';
import { GradloomError, nearest, showValue } from '../errors';
import type { NestedArray } from '../numbers';
import { ArrayDataset } from './dataset';
import { type DataSource, decodeText, readSource } from './source';
import { labelledTexts } from './text/sequences';
import type { Tokenizer } from './text/tokenizer';

export interface JsonLinesOptions {
  /** The field of the inputs (numbers, nested lists or a text), or several of numbers; default all but `y`. */
  x?: string | readonly string[];
  /** The field of the targets; default the first of label, class, target and y that there is. */
  y?: string;
  /** Turns inputs that are texts into tokens, padded at the end with token 0. */
  tokenizer?: Tokenizer;
  /** Tokens per text; default those of the longest. */
  length?: number;
  /** Names of the classes in the order of their numbers; default the words of the targets in alphabetical order. */
  classes?: readonly string[];
  name?: string;
}

const OPTIONS: (keyof JsonLinesOptions)[] = ['x', 'y', 'tokenizer', 'length', 'classes', 'name'];
const LABELS = ['label', 'class', 'target', 'y'];

type Row = Record<string, unknown>;

/**
 * A data set of a file with one JSON object per line. Targets that are words, true or false become classes, whole numbers class
 * indices, other numbers and lists of them targets to regress on.
 * @throws GradloomError (code `data`) naming line and field: what is no JSON object, a field that is missing or null, values of
 * different kinds, a text without a `tokenizer`.
 */
export async function loadJsonLines(
  source: DataSource,
  options: JsonLinesOptions = {},
): Promise<ArrayDataset> {
  checkOptions('loadJsonLines', options, OPTIONS);
  const { name, bytes } = await readSource(source);
  return parseJsonLines(decodeText(bytes, name, 'loadJsonLines'), { name, ...options });
}

/** As {@link loadJsonLines}, of a text. */
export function parseJsonLines(text: string, options: JsonLinesOptions = {}): ArrayDataset {
  checkOptions('parseJsonLines', options, OPTIONS);
  const { name = 'data', tokenizer, length } = options;
  const rows = rowsOf(text, name);
  const fields = Object.keys(rows[0].row);
  const y = options.y ?? LABELS.find((label) => fields.includes(label));
  if (y === undefined) {
    const fix = 'Name it with y';
    throw refuse(name, `fields ${fields.join(', ')}`, `one that is called ${LABELS.join(', ')}`, fix);
  }
  const inputs = options.x ?? fields.filter((field) => field !== y);
  const column = (field: string): unknown[] =>
    rows.map(({ row, line }) => fieldOf(row, field, line, name, fields));
  const { labels, classes } = targetsOf(column(y), y, rows, { ...options, name });
  const given = typeof inputs === 'string' ? column(inputs) : undefined;
  const single = given ?? (inputs.length === 1 ? column(inputs[0]) : undefined);
  if (single?.some((value) => typeof value === 'string')) {
    const field = typeof inputs === 'string' ? inputs : inputs[0];
    const at = single.findIndex((value) => typeof value !== 'string');
    if (at >= 0)
      throw refuse(`line ${rows[at].line} of ${name}`, `${field} ${showValue(single[at])}`, 'a text');
    if (!tokenizer) throw refuse(name, `texts in ${field}`, 'a tokenizer for them', 'Give tokenizer');
    return labelledTexts(single as string[], labels as number[], tokenizer, { length, classes, name });
  }
  const numbers = ({ row, line }: { row: Row; line: number }): number[] =>
    (inputs as readonly string[]).map((field) =>
      numberOf(fieldOf(row, field, line, name, fields), field, line, name),
    );
  const samples = single?.map((value) => (typeof value === 'number' ? [value] : value)) ?? rows.map(numbers);
  return ArrayDataset.fromArrays({ x: samples as NestedArray[], y: labels as NestedArray[], classes, name });
}

const refuse = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'data', op: 'parseJsonLines', argument, got, expected, fix });

function rowsOf(text: string, name: string): { row: Row; line: number }[] {
  if (typeof text !== 'string') throw refuse('text', showValue(text), 'a text');
  const rows: { row: Row; line: number }[] = [];
  for (const [i, content] of text.split(/\r\n|\n|\r/).entries()) {
    if (content.trim() === '') continue;
    const place = `line ${i + 1} of ${name}`;
    let row: unknown;
    try {
      row = JSON.parse(content);
    } catch (cause) {
      throw refuse(place, `no JSON (${(cause as Error).message})`, 'a JSON object per line');
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw refuse(place, showValue(row), 'a JSON object');
    }
    rows.push({ row: row as Row, line: i + 1 });
  }
  if (rows.length === 0) throw refuse(name, 'empty', 'a JSON object per line');
  return rows;
}

function fieldOf(row: Row, field: string, line: number, name: string, known: readonly string[]): unknown {
  const value = Object.hasOwn(row, field) ? row[field] : undefined;
  if (value !== undefined && value !== null) return value;
  const near =
    value === undefined
      ? nearest(
          field,
          known.filter((other) => other !== field),
        )
      : undefined;
  const got = value === null ? 'null' : 'missing';
  throw refuse(`line ${line} of ${name}`, `${field} ${got}`, 'a value', near && `Did you mean ${near}?`);
}

function numberOf(value: unknown, field: string, line: number, name: string): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  const fix = 'Name the fields of the inputs with x';
  throw refuse(`line ${line} of ${name}`, `${field} ${showValue(value)}`, 'a number', fix);
}

function targetsOf(
  values: readonly unknown[],
  field: string,
  rows: readonly { line: number }[],
  { classes: given, name }: JsonLinesOptions,
): { labels: readonly unknown[]; classes?: readonly string[] } {
  const isWord = (value: unknown) => typeof value === 'string' || typeof value === 'boolean';
  if (!values.some(isWord)) return { labels: values, classes: given };
  const odd = values.findIndex((value) => !isWord(value));
  if (odd >= 0) {
    throw refuse(
      `line ${rows[odd].line} of ${name}`,
      `${field} ${showValue(values[odd])}`,
      'a word, as in other lines',
    );
  }
  const words = values.map(String);
  const classes = given ?? [...new Set(words)].sort();
  const labels = words.map((word) => classes.indexOf(word));
  const at = labels.indexOf(-1);
  if (at < 0) return { labels, classes };
  throw refuse(`line ${rows[at].line} of ${name}`, `${field} ${words[at]}`, `one of ${classes.join(', ')}`);
}

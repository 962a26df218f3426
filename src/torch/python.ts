/** Python text: names, literals, expressions and lines. */

/** A size that depends on the batch, as Python: `n`, `n * 4`. */
export class Sized {
  constructor(readonly text: string) {}
}

/** `kernelSize` is `kernel_size`. */
export const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at) => (at === 0 ? '' : '_') + letter.toLowerCase());

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield self torch nn F math'
  ).split(' '),
);

export const isIdentifier = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name);

/** A valid name of a variable or class near to a given one. */
export function identifier(name: string): string {
  const clean = name.replace(/\W/g, '_').replace(/^(?=\d)/, '_') || 'x';
  return KEYWORDS.has(clean) ? `${clean}_` : clean;
}

/** A value as Python: numbers, booleans, texts, lists (as tuples), null. */
export function literal(value: unknown, brackets: '()' | '[]' = '()'): string {
  if (value instanceof Sized) return value.text;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    return value === 'inf' || value === 'Infinity' ? 'math.inf' : JSON.stringify(value);
  }
  if (typeof value === 'number') return numberText(value);
  const items = Array.from(value as ArrayLike<unknown>, (item) => literal(item, brackets));
  if (brackets === '[]') return `[${items.join(', ')}]`;
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'math.nan';
  if (!Number.isFinite(value)) return value > 0 ? 'math.inf' : '-math.inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The shortest decimal that is this float32. */
export function float32Text(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return numberText(value);
  for (let digits = 1; digits < 10; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

/** How tightly an expression binds. */
export enum Level {
  Comparison,
  Sum,
  Product,
  Power,
  Atom,
}

/** An expression and how tightly it binds. */
export interface Expression {
  text: string;
  level: Level;
}

export const atom = (text: string): Expression => ({ text, level: Level.Atom });

/** The text of an expression as an operand that has to bind at least so tightly. */
export const operand = ({ text, level }: Expression, least: Level): string =>
  level < least ? `(${text})` : text;

const WIDTH = 100;

/** The place of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '"' && text[i - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if ('([{'.includes(text[i])) depth++;
    if (')]}'.includes(text[i]) && --depth === 0) return i;
  }
  return -1;
}

/** The parts between the outermost commas. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if ('([{'.includes(text[i])) i = Math.max(i, closing(text, i));
    else if (text[i] === '"') i = text.indexOf('"', i + 1);
    else if (text[i] === ',') {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...parts, text.slice(start).trim()].filter(Boolean);
}

/** A statement on as many lines as it takes, one argument each where it is too long. */
export function wrapped(statement: string, indent: string): string[] {
  if (indent.length + statement.length <= WIDTH) return [indent + statement];
  // The last bracket at the outermost level that has something to break.
  for (let open = 0; open < statement.length; open++) {
    if (!'([{'.includes(statement[open])) continue;
    const close = closing(statement, open);
    if (close < 0) break;
    const isLast = !/[([{]/.test(statement.slice(close + 1));
    if (close - open > 20 && (isLast || close - open > WIDTH / 2)) {
      const inner = splitArguments(statement.slice(open + 1, close));
      const rest = statement.slice(close);
      // A lone expression in brackets, and the text of a generator, take no comma.
      const comma = inner.length === 1 && !/\w$/.test(statement.slice(0, open)) ? '' : ',';
      return [
        indent + statement.slice(0, open + 1),
        ...inner.flatMap((part) => wrapped(part + comma, `${indent}    `)),
        ...wrapped(rest, indent),
      ];
    }
    open = close;
  }
  return [indent + statement];
}

/**
 * Arithmetic expressions of x and y, by recursive descent: numbers, + - * / ^, parentheses, functions and constants of
 * `Math`. Nothing is evaluated as code.
 *
 *     sum     = product (('+' | '-') product)*
 *     product = unary (('*' | '/') unary)*
 *     unary   = '-' unary | power
 *     power   = atom ('^' unary)?
 *     atom    = number | 'x' | 'y' | constant | function '(' sum (',' sum)* ')' | '(' sum ')'
 */
import { GradloomError, nearest } from '../../errors';

export type PlaneFunction = (x: number, y: number) => number;

const FUNCTIONS: Readonly<Record<string, { count: number; of(...values: number[]): number }>> =
  Object.fromEntries([
    ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'exp', 'log', 'sqrt', 'abs'].map(
      (name) => [
        name,
        { count: 1, of: (Math as unknown as Record<string, (value: number) => number>)[name] },
      ],
    ),
    ...['floor', 'ceil', 'round', 'sign'].map((name) => [
      name,
      { count: 1, of: (Math as unknown as Record<string, (value: number) => number>)[name] },
    ]),
    ['min', { count: 2, of: Math.min }],
    ['max', { count: 2, of: Math.max }],
    ['pow', { count: 2, of: Math.pow }],
    ['atan2', { count: 2, of: Math.atan2 }],
  ]);
const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** Longest expression, and deepest nesting. */
const MOST = { characters: 300, depth: 40 };

/** @throws GradloomError `data` that says where the expression cannot be read, and what may stand there. */
export function parseExpression(text: string): PlaneFunction {
  const parser = new Parser(text);
  return parser.whole();
}

class Parser {
  private readonly tokens: { text: string; at: number }[];
  private next = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    if (text.length > MOST.characters)
      throw this.error(`${text.length} characters`, `at most ${MOST.characters}`);
    this.tokens = [...text.matchAll(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z_]\w*|\S/gi)].map(
      ({ 0: token, index }) => ({ text: token, at: index }),
    );
  }

  whole(): PlaneFunction {
    const result = this.sum();
    if (this.peek !== undefined) throw this.unexpected('an operator');
    return result;
  }

  private get peek(): string | undefined {
    return this.tokens[this.next]?.text;
  }

  private takes(...wanted: string[]): string | undefined {
    const { peek } = this;
    if (peek === undefined || !wanted.includes(peek)) return undefined;
    this.next++;
    return peek;
  }

  private sum(): PlaneFunction {
    if (++this.depth > MOST.depth) throw this.error('too many parentheses', `at most ${MOST.depth}`);
    let left = this.product();
    for (let sign = this.takes('+', '-'); sign; sign = this.takes('+', '-')) {
      const [a, b, factor] = [left, this.product(), sign === '+' ? 1 : -1];
      left = (x, y) => a(x, y) + factor * b(x, y);
    }
    this.depth--;
    return left;
  }

  private product(): PlaneFunction {
    let left = this.unary();
    for (let sign = this.takes('*', '/'); sign; sign = this.takes('*', '/')) {
      const [a, b] = [left, this.unary()];
      left = sign === '*' ? (x, y) => a(x, y) * b(x, y) : (x, y) => a(x, y) / b(x, y);
    }
    return left;
  }

  private unary(): PlaneFunction {
    let isNegative = false;
    for (let sign = this.takes('-', '+'); sign; sign = this.takes('-', '+'))
      if (sign === '-') isNegative = !isNegative;
    const value = this.power();
    return isNegative ? (x, y) => -value(x, y) : value;
  }

  private power(): PlaneFunction {
    const base = this.atom();
    if (!this.takes('^')) return base;
    if (++this.depth > MOST.depth) throw this.error('too many powers', `at most ${MOST.depth}`);
    const exponent = this.unary();
    this.depth--;
    return (x, y) => base(x, y) ** exponent(x, y);
  }

  private atom(): PlaneFunction {
    const token = this.peek;
    if (token === undefined) throw this.unexpected('a number, x, y or a function');
    this.next++;
    if (/^[\d.]/.test(token) && Number.isFinite(Number(token))) {
      const value = Number(token);
      return () => value;
    }
    if (token === 'x') return (x) => x;
    if (token === 'y') return (_, y) => y;
    if (token === '(') {
      const inner = this.sum();
      this.close();
      return inner;
    }
    const name = token.toLowerCase();
    if (Object.hasOwn(CONSTANTS, name)) return () => CONSTANTS[name];
    if (Object.hasOwn(FUNCTIONS, name)) return this.call(name);
    this.next--;
    throw this.unexpected('a number, x, y or a function');
  }

  private call(name: string): PlaneFunction {
    const { count, of } = FUNCTIONS[name];
    if (!this.takes('(')) throw this.unexpected(`( after ${name}`);
    const given = [this.sum()];
    while (this.takes(',')) given.push(this.sum());
    if (given.length !== count) throw this.error(`${given.length} values for ${name}`, String(count));
    this.close();
    return (x, y) => of(...given.map((value) => value(x, y)));
  }

  private close(): void {
    if (!this.takes(')')) throw this.unexpected(')');
  }

  private unexpected(expected: string): GradloomError {
    const token = this.tokens[this.next];
    const near = token && /^[a-z_]\w*$/i.test(token.text) && nearest(token.text, Object.keys(FUNCTIONS));
    const got = token ? `${JSON.stringify(token.text)} at character ${token.at + 1}` : 'the end';
    return this.error(got, expected, near ? `Did you mean ${near}?` : undefined);
  }

  private error(got: string, expected: string, fix?: string): GradloomError {
    const argument = this.text.slice(0, 60);
    return new GradloomError({ code: 'data', op: 'expression', argument, got, expected, fix });
  }
}

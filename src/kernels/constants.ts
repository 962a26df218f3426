/**
 * The numeric constants of a kernel, read from its WGSL, so that sizes which host and shader share are written in the
 * shader alone: `const TILE = 64u;` is `kernel.constants.TILE`. A dispatch may give others (`specializeConstants`).
 */
import { GradloomError } from '../errors.ts';
import type { KernelDescription } from './kernel.ts';

/** The values of all `const` declarations whose expressions are arithmetic; `given` replaces declared ones. */
export function constantsOf(code: string, given: Record<string, number> = {}): Record<string, number> {
  const declared = new Map<string, string>();
  for (const [, name, expression] of code.matchAll(/\bconst (\w+)\b[^=;]*=\s*([^;]+);/g)) {
    declared.set(name, expression);
  }
  const values: Record<string, number> = {};
  for (const [name, expression] of declared) {
    const value = given[name] ?? arithmetic(expression, (other) => given[other] ?? values[other]);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** The code with `const NAME = ...;` replaced: WGSL's override constants cannot size arrays or select code. */
export function specializeConstants(code: string, constants: Record<string, number>): string {
  let result = code;
  for (const [name, value] of Object.entries(constants)) {
    const declaration = new RegExp(`\\bconst ${name}\\b([^=]*)=\\s*[^;]+;`);
    if (!declaration.test(result)) {
      throw new GradloomError({
        code: 'argument',
        op: 'dispatch',
        argument: `constant ${name}`,
        got: 'not declared in the shader',
        expected: `a line "const ${name} = ...;"`,
      });
    }
    result = result.replace(declaration, `const ${name}$1= ${value};`);
  }
  return result;
}

/** The invocations of a workgroup. */
export function groupSizeOf(kernel: KernelDescription, given: Record<string, number> = {}): number {
  const names = kernel.workgroupSize.some((n) => typeof n === 'string');
  const values = names ? constantsOf(kernel.code, given) : {};
  return kernel.workgroupSize.reduce<number>((size, n) => size * (typeof n === 'number' ? n : values[n]), 1);
}

/** The number that a literal or an expression stands for; undefined where it is no number. */
function arithmetic(expression: string, resolve: (name: string) => number | undefined): number | undefined {
  const literal = expression.replace(/(\d)[uif]\b/g, '$1');
  if (/^-?[\d.]+(e-?\d+)?$/.test(literal)) return Number(literal);
  const names = literal.match(/[A-Za-z_]\w*/g) ?? [];
  if (/[^\w\s+*/()-]/.test(literal) || names.some((name) => resolve(name) === undefined)) return undefined;
  return evaluate(literal, (name) => resolve(name)!);
}

const FUNCTIONS: Record<string, (...args: number[]) => number> = {
  ceil: Math.ceil,
  max: Math.max,
  min: Math.min,
};

/** The value of an arithmetic expression: + - * /, parentheses, ceil, max, min. */
export function evaluate(expression: string, resolve: (name: string) => number): number {
  const tokens = expression.match(/[\w.]+|[-+*/(),]/g) ?? [];
  let at = 0;
  const factor = (): number => {
    const token = tokens[at++];
    if (token === '(') {
      const value = sum();
      at++;
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (tokens[at] !== '(') return resolve(token);
    const args: number[] = [];
    do {
      at++;
      args.push(sum());
    } while (tokens[at] === ',');
    at++;
    return FUNCTIONS[token](...args);
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '*' || tokens[at] === '/')
      value = tokens[at++] === '*' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  return sum();
}

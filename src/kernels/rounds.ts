/**
 * Loop rounds: an upper bound on how often one invocation of a kernel goes round its loops, all of them together. A
 * shader states it in a comment, `// rounds: 3 * ceil(size / LANES)`, over its uniforms, its constants and `threads`,
 * the invocations of the dispatch. A line `// rounds(group vector): ...` holds for variants with one of these conditions.
 */
import type { KernelDescription, UniformValue } from './kernel.ts';

/**
 * Most rounds that an invocation may take. Mesa's llvmpipe (22.3: lavapipe, and OpenGL ES on the CPU) counts the
 * rounds of all loops of an invocation together, nested ones too, and after 65,535 leaves every loop, silently. Leaving a
 * loop costs a round, so that `n` rounds within another loop count as `n + 1`.
 */
export const MAX_LOOP_ROUNDS = 65535;

/** What a dispatch of the kernel is, as far as its loops depend on it. */
export interface RoundsContext {
  params: Record<string, UniformValue>;
  constants: Record<string, number>;
  workgroups: readonly [number, number, number];
}

/** The bound for one dispatch; 0 for kernels without loops of variable length. */
export function loopRounds(kernel: KernelDescription, context: RoundsContext): number {
  return kernel.rounds === undefined ? 0 : evaluate(kernel.rounds, nameIn(kernel, context));
}

/** Whether a dispatch keeps to the limit: how a lowering tells which variants of a kernel suit a shape. */
export function fitsLoops(
  kernel: KernelDescription,
  params: Record<string, UniformValue>,
  workgroups: readonly [number, number, number],
  constants: Record<string, number> = {},
): boolean {
  return loopRounds(kernel, { params, constants, workgroups }) <= MAX_LOOP_ROUNDS;
}

/** The line that holds for a variant, from the comments of a shader. */
export function roundsOf(source: string, variant: string): string | undefined {
  const conditions = variant.split('.');
  for (const [, names, expression] of source.matchAll(/^\/\/ rounds(?:\(([\w ]+)\))?: (.+)$/gm)) {
    if (!names || names.split(' ').some((name) => conditions.includes(name))) return expression.trim();
  }
  return undefined;
}

/** Resolves names: `threads`, uniforms (with a component), constants as given or as declared. */
function nameIn(kernel: KernelDescription, { params, constants, workgroups }: RoundsContext) {
  const resolve = (name: string): number => {
    const [field, component] = name.split('.');
    if (name === 'threads') {
      const size = kernel.workgroupSize.map((n) => (typeof n === 'number' ? n : resolve(n)));
      return [...workgroups, ...size].reduce((product, n) => product * n, 1);
    }
    if (kernel.params && field in kernel.params.fields) {
      const value = params[field] ?? 0;
      return Number(typeof value === 'object' ? value['xyzw'.indexOf(component)] : value);
    }
    if (name in constants) return constants[name];
    const declared = new RegExp(`\\bconst ${name}\\b[^=]*=\\s*([^;]+);`).exec(kernel.code);
    if (!declared) throw new Error(`internal: ${kernel.file}: no uniform or constant ${name} for its rounds`);
    return evaluate(declared[1].replace(/(\d)u\b/g, '$1'), resolve);
  };
  return resolve;
}

const FUNCTIONS: Record<string, (...args: number[]) => number> = {
  ceil: Math.ceil,
  max: Math.max,
  min: Math.min,
};

/** The value of an arithmetic expression: + - * /, parentheses, ceil, max, min. */
function evaluate(expression: string, resolve: (name: string) => number): number {
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

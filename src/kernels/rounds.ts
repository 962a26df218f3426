/**
 * Loop rounds: an upper bound on how often one invocation of a kernel goes round its loops, all of them together. A
 * shader states it in a comment, `// rounds: 3 * ceil(size / LANES)`, over its uniforms, its constants and `threads`,
 * the invocations of the dispatch. A line `// rounds(group vector): ...` holds for variants with one of these conditions.
 */
import { constantsOf, evaluate, groupSizeOf } from './constants.ts';
import type { KernelDescription, UniformValue } from './kernel.ts';

/**
 * Most rounds that an invocation may take. Mesa's llvmpipe (22.3: lavapipe, and OpenGL ES on the CPU) counts the
 * rounds of all loops of an invocation together, nested ones too, and after 65,535 leaves every loop, silently. Leaving a
 * loop costs a round, so that `n` rounds within another loop count as `n + 1`.
 */
export const MAX_LOOP_ROUNDS = 65535;

/** Values of a dispatch that bound the kernel's loops. */
export interface RoundsContext {
  params: Record<string, UniformValue>;
  constants: Record<string, number>;
  workgroups: readonly [number, number, number];
}

/** The bound for one dispatch; 0 for kernels without loops of variable length. */
export function loopRounds(kernel: KernelDescription, context: RoundsContext): number {
  return kernel.rounds === undefined ? 0 : evaluate(kernel.rounds, nameIn(kernel, context));
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
  let values: Record<string, number> | undefined;
  return (name: string): number => {
    if (name === 'threads') {
      const [x, y, z] = workgroups;
      return x * y * z * groupSizeOf(kernel, constants);
    }
    const [field, component] = name.split('.');
    if (kernel.params && field in kernel.params.fields) {
      const value = params[field] ?? 0;
      return Number(typeof value === 'object' ? value['xyzw'.indexOf(component)] : value);
    }
    values ??= constantsOf(kernel.code, constants);
    const value = values[name] ?? constants[name];
    if (value === undefined)
      throw new Error(`internal: ${kernel.file}: no uniform or constant ${name} for its rounds`);
    return value;
  };
}

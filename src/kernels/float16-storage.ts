/**
 * The half form of a kernel: the same arithmetic in float32, with some of its storage bindings holding float16. Loads
 * from these widen, stores to them round. Derived from the linked WGSL, so that every kernel has it.
 */
import { GradloomError } from '../errors';
import type { KernelDescription } from './kernel';

/** An assignment after an element: an optional component, then the operator. */
const ASSIGNMENT = /^\s*(\.[xyzwrgba]+\s*)?([-+*/|&^]|<<|>>)?=(?!=)/;

/**
 * The kernel with the storage bindings `names` as arrays of f16, for a device with `shader-f16`. A u32 binding,
 * through which a kernel moves any 32-bit values, then carries the widened floats.
 */
export function halfKernel(kernel: KernelDescription, names: readonly string[]): KernelDescription {
  if (names.length === 0) return kernel;
  const storage = kernel.storage.map((binding) =>
    names.includes(binding.name) ? { ...binding, type: 'f16' as const } : binding,
  );
  const code = `enable f16; ${rewrite(declare(kernel, names), names, kernel)}`;
  return { ...kernel, storage, code, variant: `${kernel.variant} half ${names.join(' ')}` };
}

/** The type that an alias of the shader stands for, or the type itself. */
const resolved = (code: string, type: string): string =>
  new RegExp(`\\balias\\s+${type}\\s*=\\s*([\\w<>]+)\\s*;`).exec(code)?.[1] ?? type;

/** The element type that a binding is declared with, such as `vec4<f32>`. */
function elementOf(kernel: KernelDescription, name: string): string {
  const declared = new RegExp(`var<storage[^>]*>\\s*${name}\\s*:\\s*array<(\\w+(?:<\\w+>)?)>`).exec(
    kernel.code,
  );
  const element = declared && resolved(kernel.code, declared[1]);
  if (!element || !/^(vec[234]<)?[fu]32>?$/.test(element)) {
    throw new GradloomError({
      code: kernel.isCustom ? 'unsupported' : 'internal',
      op: kernel.name,
      argument: `${kernel.file}: binding ${name}`,
      got: `float16 for an array of ${element}`,
      expected: 'an array of f32 or u32, or of vectors of these',
      fix: 'Cast the tensor to float32 first',
    });
  }
  return element;
}

const halved = (type: string): string => type.replace(/[fu]32/, 'f16');
const floats = (type: string): string => type.replace('u32', 'f32');

function declare(kernel: KernelDescription, names: readonly string[]): string {
  return names.reduce((code, name) => {
    const element = elementOf(kernel, name);
    return code.replace(
      new RegExp(`(var<storage[^>]*>\\s*${name}\\s*:\\s*array<)\\w+(?:<\\w+>)?>`),
      (_, before) => `${before}${halved(element)}>`,
    );
  }, kernel.code);
}

/** `code` with every element of the bindings read and written through a conversion. */
function rewrite(code: string, names: readonly string[], kernel: KernelDescription): string {
  const access = new RegExp(`//[^\\n]*|/\\*[\\s\\S]*?\\*/|(?<![.\\w])(${names.join('|')})\\s*\\[`, 'g');
  let result = '';
  let done = 0;
  for (let found = access.exec(code); found; found = access.exec(code)) {
    const [text, name] = found;
    if (!name) continue;
    result += code.slice(done, found.index);
    const type = elementOf(kernel, name);
    const open = found.index + text.length;
    const close = closing(code, open, ']');
    const element = `${name}[${rewrite(code.slice(open, close), names, kernel)}]`;
    done = close + 1;
    const assignment = ASSIGNMENT.exec(code.slice(done));
    if (assignment) {
      const [operator, component = '', arithmetic] = assignment;
      const start = done + operator.length;
      const end = closing(code, start, ';');
      const value = rewrite(code.slice(start, end), names, kernel).trim();
      const stored = component.trim().length === 2 ? type.replace(/vec\d<(\w+)>/, '$1') : type;
      const target = element + component.trim();
      result += `${target} = ${store(stored, arithmetic ? `${load(stored, target)} ${arithmetic} (${value})` : value)}`;
      done = end;
    } else result += load(type, element);
    access.lastIndex = done;
  }
  return result + code.slice(done);
}

function load(type: string, element: string): string {
  const value = `${floats(type)}(${element})`;
  return type.includes('u32') ? `bitcast<${type}>(${value})` : value;
}

function store(type: string, value: string): string {
  return `${halved(type)}(${type.includes('u32') ? `bitcast<${floats(type)}>(${value})` : value})`;
}

/** Where the bracket that is open at `start`, or the statement, ends. */
function closing(code: string, start: number, end: ']' | ';'): number {
  let depth = 0;
  for (let i = start; i < code.length; i++) {
    const c = code[i];
    if (depth === 0 && c === end) return i;
    if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
  }
  throw new Error(`internal: no ${end} after ${code.slice(start, start + 40)}`);
}

/**
 * Host interface of a kernel, read from its WGSL: bindings, layout of the uniform struct
 * `params`, workgroup size, constants. Understands the WGSL of this project, linked or minified; the tests compare it with a whole parser.
 */
import { constantsOf } from './constants.ts';
import type { ScalarType, StorageBinding, UniformField } from './kernel.ts';

export interface Interface {
  storage: StorageBinding[];
  params?: { binding: number; size: number; fields: Record<string, UniformField> };
  step?: number;
  workgroupSize: (number | string)[];
  constants: Record<string, number>;
}

const BINDING = /@binding\((\d+)\)\s*var<(storage|uniform)(?:,\s*(\w+))?>\s*(\w+)\s*:\s*([^;]+);/g;

export function interfaceOf(code: string): Interface {
  const found: Interface = { storage: [], workgroupSize: [], constants: constantsOf(code) };
  for (const [, index, space, access = 'read', name, type] of code.matchAll(BINDING)) {
    const binding = Number(index);
    if (space === 'storage') {
      found.storage.push({
        name,
        binding,
        access: access as StorageBinding['access'],
        type: scalarOf(resolve(code, type)),
      });
    } else if (name === 'params') found.params = { binding, ...layoutOf(code, type) };
    else found.step = binding;
  }
  const size = /@workgroup_size\(([^)]*)\)/.exec(code)?.[1] ?? '1';
  found.workgroupSize = size
    .split(',')
    .map((text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : text.trim()));
  return found;
}

/** Resolves a type alias, in the elements of an array too. */
function resolve(code: string, type: string): string {
  return type.replace(
    /\w+/g,
    (name) => new RegExp(`\\balias\\s+${name}\\s*=\\s*([^;]+);`).exec(code)?.[1] ?? name,
  );
}

/** The innermost scalar of a type. */
function scalarOf(type: string): ScalarType {
  const scalar = /[fiu](?:16|32)|(?<=vec\d)[fiuh]/.exec(type)?.[0] ?? 'f32';
  return scalar.length > 1 ? (scalar as ScalarType) : scalar === 'h' ? 'f16' : (`${scalar}32` as ScalarType);
}

/** Size and fields of a struct of scalars, vectors and arrays of vec4. */
export function layoutOf(
  code: string,
  struct: string,
): { size: number; fields: Record<string, UniformField> } {
  const members = new RegExp(`\\bstruct\\s+${struct}\\s*\\{([^}]*)\\}`).exec(code)?.[1] ?? '';
  const fields: Record<string, UniformField> = {};
  let offset = 0;
  for (const [, name, type] of members.matchAll(/(\w+)\s*:\s*(\w+(?:<[^:]*>)?)\s*(?:,|$)/g)) {
    const width = Number(/vec(\d)/.exec(type)?.[1] ?? 1);
    const alignment = width === 3 ? 4 : width;
    const count = width * Number(/^array<.*,\s*(\d+)u?\s*>$/.exec(type)?.[1] ?? 1);
    offset = Math.ceil(offset / (4 * alignment)) * 4 * alignment;
    fields[name] = { offset, type: scalarOf(type) as UniformField['type'], count };
    offset += 4 * count;
  }
  return { size: Math.ceil(offset / 16) * 16, fields };
}

/** The entry point of a kernel file: `softmax/softmax.forward.wgsl` has `softmax_forward`. */
export function kernelName(file: string): string {
  return file
    .replace(/^.*\//, '')
    .replace(/\.wgsl$/, '')
    .replaceAll('.', '_');
}

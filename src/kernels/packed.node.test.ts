/**
 * Kernels of all shader files come out of the packed form as they went in, but for lines without code; minified, they
 * have the same interface and as many uses of everything that the host knows by name.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { KernelDescription } from './kernel';
import { describeKernels, isKernelFile, readShaders } from './link';
import { minifyLine, shortNames } from './minify';
import { PoolWriter, packKernels, unpackKernels } from './packed';

const sources = readShaders(join(import.meta.dirname, '../../shaders'));
const files = Object.keys(sources).filter(isKernelFile);
const described = new Map<string, Record<string, KernelDescription>>();
let names: ReadonlyMap<string, string>;
beforeAll(async () => {
  for (const file of files) described.set(file, await describeKernels(file, sources));
  const all = [...described.values()].flatMap((kernels) => Object.values(kernels));
  names = shortNames(
    all.map(({ code }) => code),
    all.map(({ name }) => name),
  );
}, 120_000);

/** The kernels of a file after packing and unpacking. */
function again(file: string, minify?: (line: string) => string): Record<string, KernelDescription> {
  const kernels = described.get(file)!;
  const writers = new Map<string, PoolWriter>();
  const writerOf = (name: string) => {
    if (!writers.has(name)) writers.set(name, new PoolWriter(name));
    return writers.get(name)!;
  };
  const packed = JSON.parse(JSON.stringify(packKernels(kernels, writerOf, minify)));
  const pools = packed.files.map((name: string) => JSON.parse(JSON.stringify(writers.get(name)!.pool)));
  const unpacked = unpackKernels(file, packed.kernels, ...pools);
  return ('' in kernels ? { '': unpacked } : unpacked) as Record<string, KernelDescription>;
}

/** Lines of code with the file and line that they come from. */
const traced = ({ code, files, lines }: KernelDescription) =>
  code.split('\n').map((text, i) => [text, files[lines[i][0]], lines[i][1]] as const);
const withCode = (lines: ReturnType<typeof traced>) => lines.filter(([text]) => !/^\s*(\/\/.*)?$/.test(text));
/** All but the code and where it comes from. */
function interfaceOf({ code, lines, files, ...rest }: KernelDescription) {
  return JSON.parse(JSON.stringify(rest));
}

describe.each(files)('%s', (file) => {
  it('comes out as it went in', () => {
    const kernels = again(file);
    expect(Object.keys(kernels)).toEqual(Object.keys(described.get(file)!));
    for (const [variant, kernel] of Object.entries(described.get(file)!)) {
      expect(interfaceOf(kernels[variant])).toEqual(interfaceOf(kernel));
      expect(traced(kernels[variant])).toEqual(withCode(traced(kernel)));
    }
  });

  it('stays the same kernel when it is minified', () => {
    const kernels = again(file, (line) => minifyLine(line, names));
    for (const [variant, kernel] of Object.entries(described.get(file)!)) {
      const { code } = kernels[variant];
      expect(code.length).toBeLessThan(kernel.code.length);
      expect(interfaceOf(kernels[variant])).toEqual(interfaceOf(kernel));
      expect(traced(kernels[variant]).map(([, ...origin]) => origin)).toEqual(
        withCode(traced(kernel)).map(([, ...origin]) => origin),
      );
      // The parser of the test takes the -1 of a[i]-1 for a number.
      const parsed = [kernel.code, code].map((text) => new WgslReflect(text.replace(/\]-(?=\d)/g, '] - ')));
      const [whole, short] = parsed.map(({ entry }) => entry.compute);
      const usesOf = (entries: typeof whole) =>
        entries[0].resources.map(({ name }: { name: string }) => name);
      expect(usesOf(short)).toEqual(usesOf(whole));
    }
  });
});

it('renames what kernels declare for themselves and nothing else', () => {
  const code = `const SIZE = 4u;
const SCALE = 2.0;
struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> shared_sum: array<f32, 64>;
fn twice(value: f32) -> f32 {
  let length = value - -value; // a comment
  return length * SCALE;
}
@compute @workgroup_size(64) fn double_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < params.n) {
    y[id.x] = twice(f32(SIZE)) + length(vec2<f32>(1.0, 1.0));
  }
}`;
  const short = shortNames([code], ['double_forward']);
  expect([...short.keys()].sort()).toEqual(['Params', 'id', 'shared_sum', 'twice', 'value']);
  const lines = code.split('\n').map((line) => minifyLine(line, short));
  expect(lines[7]).toBe(`let length=${short.get('value')}- -${short.get('value')};`);
  expect(lines[12]).toBe(
    `y[${short.get('id')}.x]=${short.get('twice')}(f32(SIZE))+length(vec2<f32>(1.0,1.0));`,
  );
});

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
import { packKernels } from './pack';
import { unpackKernel } from './packed';

const sources = readShaders(join(import.meta.dirname, '../../shaders'));
const files = Object.keys(sources).filter(isKernelFile);
const described = new Map<string, Record<string, KernelDescription>>();
let whole: Map<KernelDescription, KernelDescription>;
let short: Map<KernelDescription, KernelDescription>;
beforeAll(async () => {
  for (const file of files) described.set(file, await describeKernels(file, sources));
  const all = [...described.values()].flatMap((kernels) => Object.values(kernels));
  const names = shortNames(
    all.map(({ code }) => code),
    all.map(({ name }) => name),
  );
  whole = again();
  short = again((line) => minifyLine(line, names));
}, 120_000);

/** The kernels of all files after packing and unpacking. */
function again(minify?: (line: string) => string): Map<KernelDescription, KernelDescription> {
  const all = [...described.values()].flatMap((kernels) => Object.values(kernels));
  const { kernels } = packKernels(all, minify);
  return new Map(
    all.map((kernel) => {
      const chunks = JSON.parse(JSON.stringify(kernels.get(kernel)));
      return [kernel, unpackKernel(kernel.file, kernel.variant, kernel.rounds, ...chunks)];
    }),
  );
}

/** The code by the lines that it comes from, without white space where it means nothing. */
function traced({ code, files, lines }: KernelDescription): [origin: string, text: string][] {
  const result: [string, string][] = [];
  code.split('\n').forEach((text, i) => {
    if (/^\s*(\/\/.*)?$/.test(text)) return;
    const origin = `${files[lines[i][0]]}:${lines[i][1]}`;
    const compact = text.replace(/\s+/g, '');
    if (result.at(-1)?.[0] === origin) result.at(-1)![1] += compact;
    else result.push([origin, compact]);
  });
  return result;
}
/** All but the code and where it comes from. */
function interfaceOf({ code, lines, files, ...rest }: KernelDescription) {
  return JSON.parse(JSON.stringify(rest));
}

describe.each(files)('%s', (file) => {
  it('comes out as it went in', () => {
    for (const kernel of Object.values(described.get(file)!)) {
      expect(interfaceOf(whole.get(kernel)!)).toEqual(interfaceOf(kernel));
      expect(traced(whole.get(kernel)!)).toEqual(traced(kernel));
    }
  });

  it('stays the same kernel when it is minified', () => {
    for (const kernel of Object.values(described.get(file)!)) {
      const minified = short.get(kernel)!;
      expect(minified.code.length).toBeLessThan(kernel.code.length);
      expect(interfaceOf(minified)).toEqual(interfaceOf(kernel));
      const origins = (of: KernelDescription) => traced(of).map(([origin]) => origin);
      expect(origins(minified)).toEqual(origins(kernel));
      // The parser of the test takes the -1 of a[i]-1 for a number.
      const parsed = [kernel, minified].map(
        ({ code }) => new WgslReflect(code.replace(/\]-(?=\d)/g, '] - ')),
      );
      const [uses, usesOfMinified] = parsed.map(({ entry }) =>
        entry.compute[0].resources.map(({ name }: { name: string }) => name),
      );
      expect(usesOfMinified).toEqual(uses);
    }
  });
});

it('cuts kernels where others go on with other lines', () => {
  const kernelOf = (variant: string, numbers: number[]): KernelDescription => ({
    ...Object.values(described.get(files[0])!)[0],
    ...{ variant, files: ['a'], lines: numbers.map((line) => [0, line] as const) },
    code: numbers.map((line) => `line ${line}`).join('\n'),
  });
  const kernels = [kernelOf('a', [1, 2, 4, 7, 8, 20]), kernelOf('b', [1, 2, 5, 7, 8, 20])];
  const { chunks } = packKernels(kernels);
  expect(chunks.get('a')).toEqual([
    ['a', 1, 'line 1\nline 2'],
    ['a', 4, 'line 4'],
    ['a', 5, 'line 5'],
    ['a', 7, 'line 7\nline 8'],
    ['a', 20, 'line 20'],
  ]);
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

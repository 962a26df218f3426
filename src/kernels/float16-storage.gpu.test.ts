/** The half forms of kernels: what the rewriting makes of accesses, and that the forms of all kernels compile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { halfKernel } from './float16-storage';
import type { KernelDescription } from './kernel';

const modules = import.meta.glob<KernelDescription | Record<string, KernelDescription>>(
  ['../../shaders/**/*.wgsl', '!../../shaders/lib/**'],
  { eager: true, import: 'default' },
);
const kernels = Object.values(modules).flatMap((value) =>
  typeof value.code === 'string'
    ? [value as KernelDescription]
    : Object.values(value as Record<string, KernelDescription>),
);
/** What optimizers and data sets share with the host is float32 and integers alone. */
const others = kernels.filter(({ file }) => !/^(optimizer|data|metrics)\//.test(file));

/** Bindings that tensors of float16 may be bound to: floats, and what moves any values. */
const halvesOf = ({ storage, code }: KernelDescription) =>
  storage
    .filter(({ name, type }) => /[fu]32/.test(type) && !new RegExp(`\\b${name}: ?array<atomic`).test(code))
    .map(({ name }) => name);

/** A kernel of the given statements over bindings x (f32), words (u32) and quads (vec4<f32>). */
function kernelOf(body: string): KernelDescription {
  const code = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;
@group(0) @binding(2) var<storage, read_write> quads: array<vec4<f32>>;
${body}`;
  const names = { x: 'f32', words: 'u32', quads: 'f32' } as const;
  const storage = Object.entries(names).map(([name, type], binding) => ({
    ...{ name, binding, type },
    access: name === 'x' ? ('read' as const) : ('read_write' as const),
  }));
  return { ...kernels[0], file: 'test.wgsl', variant: '', code, storage };
}

describe('rewriting', () => {
  const body = (text: string, names = ['x', 'words', 'quads']) =>
    halfKernel(kernelOf(text), names).code.split('\n').slice(3).join('\n');

  it.each([
    ['a = x[i] + x[j];', 'a = f32(x[i]) + f32(x[j]);'],
    [
      'words[i] = bitcast<u32>(x[words[j]]);',
      'words[i] = f16(bitcast<f32>(bitcast<u32>(f32(x[bitcast<u32>(f32(words[j]))]))));',
    ],
    [
      'quads[i] += d *\n quads[j];',
      'quads[i] = vec4<f16>(vec4<f32>(quads[i]) + (d *\n vec4<f32>(quads[j])));',
    ],
    ['quads[i].y = x[0];', 'quads[i].y = f16(f32(x[0]));'],
    ['if (x[i] == 0.0) { s.x[i] = axx[i]; } // x[i]', 'if (f32(x[i]) == 0.0) { s.x[i] = axx[i]; } // x[i]'],
  ])('%s', (from, to) => expect(body(from)).toBe(to));

  it('leaves other bindings alone, and line numbers', () => {
    const half = halfKernel(kernelOf('a = x[i] + quads[j].x;'), ['quads']);
    expect(half.code.split('\n')[0]).toBe(
      'enable f16; @group(0) @binding(0) var<storage, read> x: array<f32>;',
    );
    expect(half.code.split('\n')[3]).toBe('a = x[i] + vec4<f32>(quads[j]).x;');
    expect(half.storage.map(({ type }) => type)).toEqual(['f32', 'u32', 'f16']);
    expect(half.variant).not.toBe('');
  });
});

describe('half forms', () => {
  let device: Device;
  beforeAll(async () => {
    device = await testDevice();
  });
  afterAll(() => device.destroy());

  it('of all kernels compile where the adapter has float16', async () => {
    expect(others.length).toBeGreaterThan(300);
    const problems: string[] = [];
    for (const kernel of others) {
      const halves = halvesOf(kernel);
      if (halves.length === 0) continue; // whole numbers alone
      const half = halfKernel(kernel, halves);
      expect(half.code, kernel.file).toContain('f16');
      if (!device.features.f16) continue;
      const module = device.gpu.createShaderModule({ code: half.code });
      const { messages } = await module.getCompilationInfo();
      const [error] = messages.filter(({ type }) => type === 'error');
      if (error) problems.push(`${kernel.file} ${kernel.variant}:${error.lineNum}: ${error.message}`);
    }
    expect(problems).toEqual([]);
  });
});

/** The pipeline cache: what compiles once, what is told apart, and what a shader that does not compile says. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import copyForward from '../../shaders/elementwise/copy.forward.wgsl';
import unaryForward from '../../shaders/elementwise/unary.forward.wgsl';
import batchForward from '../../shaders/norm/batch.forward.wgsl';
import type { GradloomError } from '../errors';
import type { KernelDescription } from '../kernels/kernel';
import type { Device } from './device';
import { PipelineCache } from './pipelines';

let device: Device;
let cache: PipelineCache;
const calls = { createComputePipelineAsync: 0, createShaderModule: 0, createBindGroupLayout: 0 };
beforeAll(async () => {
  device = await testDevice();
  const gpu = device.gpu as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of Object.keys(calls) as (keyof typeof calls)[]) {
    const original = gpu[name].bind(device.gpu);
    gpu[name] = (...args) => {
      calls[name]++;
      return original(...args);
    };
  }
});
afterAll(() => device.destroy());
beforeEach(() => {
  cache = new PipelineCache(device.gpu);
  for (const name of Object.keys(calls) as (keyof typeof calls)[]) calls[name] = 0;
});

describe('a pipeline', () => {
  it('compiles once, also when it is asked for while it compiles', async () => {
    const [first, second] = await Promise.all([cache.get(copyForward), cache.get(copyForward)]);
    expect(second).toBe(first);
    expect(await cache.get(copyForward)).toBe(first);
    expect(cache.size).toBe(1);
    expect(calls).toEqual({ createComputePipelineAsync: 1, createShaderModule: 1, createBindGroupLayout: 1 });
  });

  it('is another one for another variant, and for other constants', async () => {
    const constants = { RELU: 0, RESIDUAL: 0 };
    const kernels = await Promise.all([
      cache.get(unaryForward.exp),
      cache.get(unaryForward.sin),
      cache.get(batchForward.thread, constants),
      cache.get(batchForward.thread, { ...constants, RELU: 1 }),
      cache.get(batchForward.thread, { ...constants, RELU: 1 }),
    ]);
    expect(new Set(kernels.map(({ pipeline }) => pipeline)).size).toBe(4);
    expect(cache.size).toBe(4);
    expect([...cache.kernels()]).toHaveLength(4);
  });

  it('shares its layout with kernels of the same bindings', async () => {
    const [exp, sin, batch] = await Promise.all([
      cache.get(unaryForward.exp),
      cache.get(unaryForward.sin),
      cache.get(batchForward.group),
    ]);
    expect(sin.layout).toBe(exp.layout);
    expect(batch.layout).not.toBe(exp.layout);
    expect(calls.createBindGroupLayout).toBe(2);
  });
});

describe('the float16 form of a kernel', () => {
  it('is made once per set of bindings', async () => {
    const [half, again] = await Promise.all([cache.half(copyForward, ['x']), cache.half(copyForward, ['x'])]);
    expect(again).toBe(half);
    expect(await cache.half(copyForward, ['x', 'y'])).not.toBe(half);
    expect(half.storage.map(({ name, type }) => [name, type])).toEqual([
      ['x', 'f16'],
      ['y', 'u32'],
    ]);
  });
});

describe('a shader that does not compile', () => {
  const errors: GradloomError[] = [];
  let stop: () => void;
  beforeAll(() => {
    stop = device.onError((error) => errors.push(error));
  });
  afterAll(() => stop());

  it('rejects with its file and line, every time, and is not reported a second time', async () => {
    const lines = copyForward.code.split('\n');
    const at = lines.findIndex((line) => line.includes('y[i] = x[i];'));
    lines[at] = lines[at].replace('x[i]', 'nowhere[i]');
    const broken: KernelDescription = {
      ...copyForward,
      file: 'elementwise/broken.wgsl',
      code: lines.join('\n'),
    };
    const [file, line] = copyForward.lines[at];
    for (let i = 0; i < 2; i++) {
      const error: GradloomError = await cache.get(broken).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toMatchObject({ code: 'internal', op: 'copy_forward' });
      expect(error.message).toContain(`shaders/${copyForward.files[file]}:${line}: `);
      expect(error.message).toContain('nowhere');
    }
    await device.gpu.queue.onSubmittedWorkDone();
    expect(errors).toEqual([]);
    expect(calls.createComputePipelineAsync).toBe(1);
  });

  it('leaves others alone', async () => {
    const broken: KernelDescription = { ...copyForward, file: 'elementwise/broken.wgsl', code: 'not wgsl' };
    const failure = cache.get(broken).catch(() => 'failed');
    const good = await cache.get(copyForward);
    expect(await failure).toBe('failed');
    expect(good.pipeline.label).toBe('copy_forward');
  });

  it('names a constant that the shader does not have', async () => {
    await expect(cache.get(copyForward, { MISSING: 1 })).rejects.toThrow(
      'constant MISSING is not declared in the shader',
    );
  });
});

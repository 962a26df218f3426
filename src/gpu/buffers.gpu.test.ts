/** The buffer pool: what it counts, and what it refuses before it asks the GPU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { GradloomError } from '../errors';
import { alignTo, BufferPool, formatBytes } from './buffers';
import type { Device } from './device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const usage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
const makePool = (limit = Number.POSITIVE_INFINITY) => new BufferPool(device.gpu, limit);

/** The error that `work` throws. */
function errorOf(work: () => unknown): GradloomError {
  try {
    work();
  } catch (error) {
    return error as GradloomError;
  }
  throw new Error('nothing was thrown');
}

describe('a pool', () => {
  it('makes buffers of whole 16 bytes, at least 16', () => {
    const pool = makePool();
    expect([0, 1, 16, 17, 100].map((size) => pool.allocate(size, usage(), 'test').size)).toEqual([
      16, 16, 16, 32, 112,
    ]);
    expect(pool.allocatedBytes).toBe(192);
    pool.destroy();
  });

  it('gives buffers their label and usage', () => {
    const pool = makePool();
    const buffer = pool.allocate(64, usage(), 'weights');
    expect([buffer.label, buffer.usage]).toEqual(['weights', usage()]);
    pool.destroy();
  });

  it('counts what is live and the most there ever was', () => {
    const pool = makePool();
    const [first, second] = [pool.allocate(64, usage(), 'a'), pool.allocate(128, usage(), 'b')];
    pool.free(first);
    expect([pool.allocatedBytes, pool.peakBytes]).toEqual([128, 192]);
    pool.allocate(32, usage(), 'c');
    expect([pool.allocatedBytes, pool.peakBytes]).toEqual([160, 192]);
    pool.free(second);
    pool.destroy();
    expect([pool.allocatedBytes, pool.peakBytes]).toEqual([0, 192]);
  });

  it('frees a buffer once, and only its own', () => {
    const [pool, other] = [makePool(), makePool()];
    const buffer = pool.allocate(64, usage(), 'a');
    other.free(buffer);
    expect(pool.allocatedBytes).toBe(64);
    pool.free(buffer);
    pool.free(buffer);
    expect(pool.allocatedBytes).toBe(0);
  });

  it('destroys the buffers that it frees', async () => {
    const pool = makePool();
    const buffer = pool.allocate(64, usage(), 'a');
    pool.destroy();
    device.gpu.pushErrorScope('validation');
    const encoder = device.gpu.createCommandEncoder();
    encoder.clearBuffer(buffer);
    device.gpu.queue.submit([encoder.finish()]);
    expect(await device.gpu.popErrorScope()).not.toBeNull();
  });
});

describe('a limit', () => {
  it('may be used up to the last byte', () => {
    const pool = makePool(160);
    pool.allocate(64, usage(), 'a');
    pool.allocate(96, usage(), 'b');
    expect(pool.allocatedBytes).toBe(160);
    pool.destroy();
  });

  it('refuses what does not fit, with figures, and allocates nothing', () => {
    const pool = makePool(160);
    pool.allocate(64, usage(), 'a');
    expect(errorOf(() => pool.allocate(112, usage(), 'activations'))).toMatchObject({
      code: 'out-of-memory',
      op: 'activations',
      got: 'needs 176 bytes together with what is already allocated',
      expected: 'at most 160 bytes, the memory limit of this device',
    });
    expect([pool.allocatedBytes, pool.peakBytes]).toEqual([64, 64]);
    pool.destroy();
  });

  it('is checked for several buffers together, without making them', () => {
    const pool = makePool(160);
    pool.allocate(64, usage(), 'a');
    pool.require([48, 48], 'plan');
    expect(errorOf(() => pool.require([48, 64], 'plan')).code).toBe('out-of-memory');
    expect(pool.allocatedBytes).toBe(64);
    pool.destroy();
  });

  it('counts again what was freed', () => {
    const pool = makePool(64);
    pool.free(pool.allocate(64, usage(), 'a'));
    expect(pool.allocate(64, usage(), 'b').size).toBe(64);
    pool.destroy();
  });
});

it('refuses one buffer that is larger than the adapter allows', () => {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const error = errorOf(() => makePool().require([16, most + 16], 'embedding'));
  expect(error).toMatchObject({ code: 'out-of-memory', op: 'embedding' });
  expect(error.message).toContain(formatBytes(most + 16));
  expect(error.message).toContain(formatBytes(most));
  makePool().require([most], 'embedding');
});

it('writes sizes in the largest unit, with the exact count', () => {
  expect([0, 1023, 1024, 1610612736, 2 ** 41].map(formatBytes)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB (1024 bytes)',
    '1.5 GiB (1610612736 bytes)',
    '2.0 TiB (2199023255552 bytes)',
  ]);
  expect([0, 1, 256, 257].map((size) => alignTo(size, 256))).toEqual([0, 256, 256, 512]);
});

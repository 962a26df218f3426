/** Reading back: which bytes come, in what state, and that staging buffers are used again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { GradloomError } from '../errors';
import type { Device } from './device';
import { Readback } from './readback';

let device: Device;
const created: GPUBuffer[] = [];
beforeAll(async () => {
  device = await testDevice();
  const { gpu } = device;
  const original = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) => {
    const buffer = original(descriptor);
    if (descriptor.label === 'staging') created.push(buffer);
    return buffer;
  };
});
afterAll(() => device.destroy());

/** Staging buffers made while `work` runs. */
async function countStaging(work: () => unknown): Promise<number> {
  const before = created.length;
  await work();
  return created.length - before;
}

/** A buffer with the bytes 0, 1, 2, ... */
function makeBuffer(size: number, { gpu } = device): GPUBuffer {
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | GPUBufferUsage.STORAGE;
  const buffer = gpu.createBuffer({ size, usage });
  gpu.queue.writeBuffer(
    buffer,
    0,
    Uint8Array.from({ length: size }, (_, i) => i),
  );
  return buffer;
}

const bytes = async (read: Promise<ArrayBuffer>) => [...new Uint8Array(await read)];
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => (from + i) % 256);

describe('what is read', () => {
  it('are the bytes of the slice, no more, whatever its size', async () => {
    const readback = new Readback(device.gpu);
    const buffer = makeBuffer(1024);
    for (const [offset, size] of [
      [0, 1024],
      [0, 4],
      [256, 10],
      [512, 2],
    ]) {
      expect(await bytes(readback.read({ buffer, offset, size }))).toEqual(range(offset, size));
    }
    readback.destroy();
  });

  it('is the state after the work submitted so far, not later', async () => {
    const readback = new Readback(device.gpu);
    const buffer = makeBuffer(16);
    const slice = { buffer, offset: 0, size: 4 };
    const reads: Promise<ArrayBuffer>[] = [];
    for (let i = 0; i < 5; i++) {
      device.gpu.queue.writeBuffer(buffer, 0, Uint8Array.of(i, i, i, i));
      reads.push(readback.read(slice));
    }
    expect(await Promise.all(reads.map(bytes))).toEqual(range(0, 5).map((i) => [i, i, i, i]));
    readback.destroy();
  });

  it('may be copied within a submit of the caller', async () => {
    const readback = new Readback(device.gpu);
    const [buffer, other] = [makeBuffer(64), makeBuffer(64)];
    const encoder = device.gpu.createCommandEncoder();
    encoder.clearBuffer(buffer, 0, 4);
    const first = readback.copy(encoder, { buffer, offset: 0, size: 8 });
    encoder.clearBuffer(buffer);
    const second = readback.copy(encoder, { buffer: other, offset: 16, size: 4 });
    device.gpu.queue.submit([encoder.finish()]);
    expect(await bytes(first())).toEqual([0, 0, 0, 0, 4, 5, 6, 7]);
    expect(await bytes(second())).toEqual([16, 17, 18, 19]);
    readback.destroy();
  });
});

describe('staging buffers', () => {
  const sliceOf = (size: number) => ({ buffer: makeBuffer(size), offset: 0, size });

  it('are used again, for other sizes of the class too', async () => {
    const readback = new Readback(device.gpu);
    const [small, smaller] = [sliceOf(4096), sliceOf(16)];
    expect(await countStaging(() => readback.read(small))).toBe(1);
    expect(await countStaging(async () => [await readback.read(smaller), await readback.read(small)])).toBe(
      0,
    );
    const [large, larger] = [sliceOf(2 ** 20 + 4), sliceOf(2 ** 21)];
    expect(await countStaging(async () => [await readback.read(large), await readback.read(larger)])).toBe(1);
    expect(created.at(-1)!.size).toBe(2 ** 21);
    readback.destroy();
  });

  it('are as many as there are reads at a time', async () => {
    const readback = new Readback(device.gpu);
    const slice = sliceOf(64);
    const three = () => Promise.all([1, 2, 3].map(() => readback.read(slice)));
    expect(await countStaging(three)).toBe(3);
    expect(await countStaging(three)).toBe(0);
    readback.destroy();
  });

  it('are there from the start where they were reserved', async () => {
    const readback = new Readback(device.gpu);
    const slice = sliceOf(5000);
    expect(await countStaging(() => readback.reserve(5000, 2))).toBe(2);
    expect(await countStaging(() => Promise.all([readback.read(slice), readback.read(slice)]))).toBe(0);
    readback.destroy();
  });

  it('are kept up to sixteen', async () => {
    const readback = new Readback(device.gpu);
    const slice = sliceOf(64);
    const twenty = () => Promise.all(range(0, 20).map(() => readback.read(slice)));
    expect(await countStaging(twenty)).toBe(20);
    expect(await countStaging(twenty)).toBe(4);
    readback.destroy();
  });
});

describe('a read that is not finished', () => {
  const errorOf = (read: Promise<unknown>): Promise<GradloomError> =>
    read.then(
      () => {
        throw new Error('nothing was thrown');
      },
      (error) => error,
    );

  it('is rejected as aborted when reading is given up', async () => {
    const readback = new Readback(device.gpu);
    const failure = errorOf(readback.read({ buffer: makeBuffer(16), offset: 0, size: 16 }));
    readback.destroy();
    expect(await failure).toMatchObject({ code: 'aborted', op: 'readback' });
  });

  it('is rejected as lost when the device is', async () => {
    const doomed = await testDevice();
    const readback = new Readback(doomed.gpu);
    const failure = errorOf(readback.read({ buffer: makeBuffer(16, doomed), offset: 0, size: 16 }));
    doomed.gpu.destroy();
    expect(await failure).toMatchObject({ code: 'device-lost', op: 'readback' });
    doomed.destroy();
  });
});

/**
 * Reading results back without stalling the queue: a ring of staging buffers that are mapped when the GPU is done
 * and used again afterwards, so that steady training allocates nothing.
 */
import { GradloomError } from '../errors';
import { alignTo, type BufferSlice } from './buffers';

export class Readback {
  private readonly idle: GPUBuffer[] = [];
  private readonly all = new Set<GPUBuffer>();
  private destroyed = false;

  constructor(private readonly gpu: GPUDevice) {}

  /** Bytes of `slice` as they are once the work submitted so far is done. Submits one copy. */
  async read(slice: BufferSlice): Promise<ArrayBuffer> {
    const size = alignTo(slice.size, 4);
    const staging = this.take(size);
    const encoder = this.gpu.createCommandEncoder({ label: 'readback' });
    encoder.copyBufferToBuffer(slice.buffer, slice.offset, staging, 0, size);
    this.gpu.queue.submit([encoder.finish()]);
    return this.map(staging, slice.size);
  }

  /**
   * Bytes of several slices, as they are once the work submitted so far is done: one copy per buffer, over the range that
   * its slices span.
   */
  async readAll(slices: readonly BufferSlice[]): Promise<ArrayBuffer[]> {
    const ranges = new Map<GPUBuffer, { from: number; to: number; bytes?: Promise<ArrayBuffer> }>();
    for (const { buffer, offset, size } of slices) {
      if (size === 0) continue;
      const range = ranges.get(buffer) ?? { from: offset, to: 0 };
      range.from = Math.min(range.from, offset);
      range.to = Math.max(range.to, offset + size);
      ranges.set(buffer, range);
    }
    // All copies are submitted before anything is waited for.
    for (const [buffer, range] of ranges) {
      range.bytes = this.read({ buffer, offset: range.from, size: range.to - range.from });
    }
    await Promise.all([...ranges.values()].map(({ bytes }) => bytes));
    return Promise.all(
      slices.map(async ({ buffer, offset, size }) => {
        if (size === 0) return new ArrayBuffer(0);
        const { from, bytes } = ranges.get(buffer)!;
        return (await bytes!).slice(offset - from, offset - from + size);
      }),
    );
  }

  /**
   * Encodes the copy into `encoder`; call the returned function after the submit to get the bytes. For callers that
   * put the copy into a submit of their own.
   */
  copy(encoder: GPUCommandEncoder, slice: BufferSlice): () => Promise<ArrayBuffer> {
    const size = alignTo(slice.size, 4);
    const staging = this.take(size);
    encoder.copyBufferToBuffer(slice.buffer, slice.offset, staging, 0, size);
    return () => this.map(staging, slice.size);
  }

  destroy(): void {
    this.destroyed = true;
    for (const buffer of this.all) buffer.destroy();
    this.all.clear();
    this.idle.length = 0;
  }

  /** Makes the buffers for `count` reads of `size` bytes at the same time, so that none of them has to. */
  reserve(size: number, count: number): void {
    const taken = Array.from({ length: count }, () => this.take(alignTo(size, 4)));
    this.idle.push(...taken);
  }

  private take(size: number): GPUBuffer {
    const stagingSize = sizeClass(size);
    const index = this.idle.findIndex((buffer) => buffer.size === stagingSize);
    if (index >= 0) return this.idle.splice(index, 1)[0];
    const buffer = this.gpu.createBuffer({
      label: 'staging',
      size: stagingSize,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    this.all.add(buffer);
    return buffer;
  }

  private async map(staging: GPUBuffer, size: number): Promise<ArrayBuffer> {
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, alignTo(size, 4));
      const bytes = staging.getMappedRange(0, alignTo(size, 4)).slice(0, size);
      staging.unmap();
      this.release(staging);
      return bytes;
    } catch (cause) {
      this.all.delete(staging);
      throw new GradloomError({
        code: this.destroyed ? 'aborted' : 'device-lost',
        op: 'readback',
        got: this.destroyed ? 'the device was destroyed while results were read' : 'the device was lost',
        cause,
      });
    }
  }

  /** Keeps small buffers and a few large ones for the next read. */
  private release(staging: GPUBuffer): void {
    if (this.idle.length < 16) this.idle.push(staging);
    else {
      this.all.delete(staging);
      staging.destroy();
    }
  }
}

const SMALLEST = 4096;
const LARGE = 2 ** 20;

/**
 * Sizes of staging buffers: powers of two, and whole MiB above 1 MiB. Few sizes, so that the reads of one step find
 * the buffers of the step before, in whatever order these came back.
 */
function sizeClass(size: number): number {
  if (size > LARGE) return alignTo(size, LARGE);
  return Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(Math.max(1, size))));
}

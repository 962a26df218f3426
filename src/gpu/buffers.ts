/** Allocation of GPU buffers with accounting: what does not fit is refused with figures before it is tried. */
import { GradloomError } from '../errors';

/** A range of a GPU buffer, in bytes. `offset` is a multiple of 256 so that any range can be bound. */
export interface BufferSlice {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

/** WebGPU's alignment of storage and uniform binding offsets. */
export const BINDING_ALIGNMENT = 256;

export const alignTo = (size: number, alignment: number): number => Math.ceil(size / alignment) * alignment;

export class BufferPool {
  private readonly live = new Map<GPUBuffer, number>();
  private bytes = 0;
  private peak = 0;

  constructor(
    private readonly gpu: GPUDevice,
    readonly memoryLimit: number,
  ) {}

  /** Bytes of all live buffers. */
  get allocatedBytes(): number {
    return this.bytes;
  }

  /** The most bytes that were live at once. */
  get peakBytes(): number {
    return this.peak;
  }

  /**
   * A new buffer of at least `size` bytes.
   * @throws GradloomError `out-of-memory` when one buffer or all together exceed what the adapter or the limit allows.
   */
  allocate(size: number, usage: GPUBufferUsageFlags, label: string): GPUBuffer {
    const bytes = Math.max(16, alignTo(size, 16));
    this.require([bytes], label);
    const buffer = this.gpu.createBuffer({ label, size: bytes, usage });
    this.live.set(buffer, bytes);
    this.bytes += bytes;
    this.peak = Math.max(this.peak, this.bytes);
    return buffer;
  }

  /** Checks that buffers of these sizes could be allocated, without doing it. */
  require(sizes: readonly number[], what: string): void {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    const largest = Math.max(0, ...sizes);
    const allowed = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (largest > allowed) {
      throw new GradloomError({
        code: 'out-of-memory',
        op: what,
        got: `one buffer needs ${formatBytes(largest)}`,
        expected: `at most ${formatBytes(allowed)}, which this adapter allows for one buffer`,
        fix: hintFor(what),
      });
    }
    const total = this.bytes + sizes.reduce((sum, size) => sum + size, 0);
    if (total > this.memoryLimit) {
      throw new GradloomError({
        code: 'out-of-memory',
        op: what,
        got: `needs ${formatBytes(total)} together with what is already allocated`,
        expected: `at most ${formatBytes(this.memoryLimit)}, the memory limit of this device`,
        fix: `${hintFor(what)}, or raise memoryLimit`,
      });
    }
  }

  free(buffer: GPUBuffer): void {
    const bytes = this.live.get(buffer);
    if (bytes === undefined) return;
    this.live.delete(buffer);
    this.bytes -= bytes;
    buffer.destroy();
  }

  destroy(): void {
    for (const buffer of [...this.live.keys()]) this.free(buffer);
  }
}

/** What to change where memory is short, by what it is for. */
const HINTS: readonly [RegExp, string][] = [
  [
    /^data set/,
    'Use fewer samples, bytes (Uint8Array) instead of floats, or parts of the data as data sets of their own, one after the other',
  ],
  [/^parameters/, 'Use a smaller model: fewer or narrower layers, a smaller vocabulary'],
  [/^(optimizer state|gradients)/, 'Use a smaller model, or an optimizer with less state, such as sgd'],
  [/^state of/, 'Generate fewer sequences at once (batchSize, beams), or fewer tokens'],
  [/^(tensor|argument)/, 'Use smaller tensors, or dispose of those that are not used any more'],
];

/** What to change where memory for `what` is short. */
export const hintFor = (what: string): string =>
  HINTS.find(([pattern]) => pattern.test(what))?.[1] ?? 'Use a smaller batch, image or layer';

/** Bytes with the exact count, as errors need them: `1.5 GiB (1610612736 bytes)`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]} (${bytes} bytes)`;
}

/** Per-kernel GPU times through timestamp queries: a pair of timestamps around each profiled pass. */
import type { Device } from './device';

/** GPU time of one profiled pass, in milliseconds. */
export interface KernelTime {
  label: string;
  milliseconds: number;
  /** Milliseconds from the begin of the first pass. */
  start: number;
}

/** Collects the times of up to `capacity` passes of one command encoder. Needs the `timestamps` feature. */
export class TimestampRecorder {
  private readonly querySet: GPUQuerySet;
  private readonly resolveBuffer: GPUBuffer;
  private readonly labels: string[] = [];

  constructor(
    private readonly device: Device,
    readonly capacity: number,
  ) {
    this.querySet = device.gpu.createQuerySet({ type: 'timestamp', count: 2 * capacity });
    this.resolveBuffer = device.buffers.allocate(
      16 * capacity,
      GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      'timestamps',
    );
  }

  /** The `timestampWrites` of the next pass. */
  next(label: string): GPUComputePassTimestampWrites {
    const index = 2 * this.labels.length;
    this.labels.push(label);
    return { querySet: this.querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 };
  }

  /** Encodes the resolve; call before the encoder is finished. */
  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.querySet, 0, 2 * this.labels.length, this.resolveBuffer, 0);
  }

  /** The times, after the submit. */
  async read(): Promise<KernelTime[]> {
    const size = 16 * this.labels.length;
    const bytes = await this.device.readback.read({ buffer: this.resolveBuffer, offset: 0, size });
    const stamps = new BigUint64Array(bytes);
    return this.labels.map((label, i) => ({
      label,
      milliseconds: Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6,
      start: Number(stamps[2 * i] - stamps[0]) / 1e6,
    }));
  }

  destroy(): void {
    this.querySet.destroy();
    this.device.buffers.free(this.resolveBuffer);
  }
}

/** Device tensors whose values may still be on their way: the queue of their device computes them in order. */
import { GradloomError } from '../errors';
import { alignTo } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import {
  DeviceTensor,
  type NestedNumbers,
  type OpOperands,
  type RecordableOp,
} from '../graph/ir/device-tensor';
import { bytesOf, type Shape } from '../graph/ir/graph';
import type { DType } from '../graph/ir/variable';
import { fromHalf } from '../graph/runtime/float16';
import { select, slice } from '../ops/layout';
import { describeTensor, formatTensor } from './format';

/** Memory of values that somebody uses: the tensor itself, and work that is queued. Freed with the last user. */
export class Cell {
  buffer: GPUBuffer | undefined;
  /** Why there are no values. */
  error: unknown;
  /** Whether somebody was told of the error. */
  isReported = false;
  /** Settles when the values are computed or failed; never rejects. */
  ready: Promise<void> | undefined;
  private users = 1;

  private generation = 0;

  constructor(private readonly device: Device) {}

  /** Whether the values were on a GPU that was lost. */
  get isLost(): boolean {
    return this.buffer !== undefined && this.generation !== this.device.generation;
  }

  allocate(bytes: number): GPUBuffer {
    this.generation = this.device.generation;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.buffer = this.device.buffers.allocate(Math.max(bytes, 4), usage, 'tensor');
    return this.buffer;
  }

  retain(): void {
    this.users++;
  }

  release(): void {
    this.users--;
    if (this.users > 0 || !this.buffer) return;
    this.device.buffers.free(this.buffer);
    this.buffer = undefined;
  }
}

/** What runs ops on device tensors: `Eager`. */
export interface OpRunner {
  device: Device;
  applyOp(op: RecordableOp, inputs: OpOperands, attrs: object): Record<string, DeviceTensor>;
  /** Watches a tensor whose memory is to be freed when nobody refers to it. */
  adopt(tensor: DeviceTensor, cell: Cell): void;
  disown(tensor: DeviceTensor): void;
}

export class QueuedTensor extends DeviceTensor {
  /** The values as text once they were read, for consoles. */
  text: string;
  readonly #runner: OpRunner;
  readonly #cell: Cell;
  #isDisposed = false;

  constructor(shape: Shape, dtype: DType, runner: OpRunner, cell: Cell) {
    super(shape, dtype);
    this.#runner = runner;
    this.#cell = cell;
    this.text = describeTensor(shape, dtype);
    runner.adopt(this, cell);
  }

  get device(): Device {
    return this.#runner.device;
  }

  /** The memory of the values. @throws GradloomError when it was freed. */
  cell(op: string): Cell {
    if (this.#cell.isLost) {
      throw new GradloomError({
        code: 'device-lost',
        op,
        got: `${describeTensor(this.shape, this.dtype)} on a GPU that was lost`,
        expected: 'a tensor of the present one',
        fix: 'Make it again from values on the host',
      });
    }
    if (!this.#isDisposed) return this.#cell;
    throw new GradloomError({
      code: 'argument',
      op,
      got: `${describeTensor(this.shape, this.dtype)} that was disposed`,
      expected: 'a tensor before dispose()',
    });
  }

  override async data(): Promise<Float32Array | Int32Array> {
    const cell = this.cell('DeviceTensor.data');
    cell.retain();
    try {
      await cell.ready;
      if (cell.error !== undefined) {
        cell.isReported = true;
        throw cell.error;
      }
      const bytes = bytesOf(this.shape, this.dtype);
      const values = this.decode(
        bytes === 0
          ? new ArrayBuffer(0)
          : await this.device.readback.read({ buffer: cell.buffer!, offset: 0, size: alignTo(bytes, 4) }),
      );
      this.text = formatTensor(this.shape, this.dtype, values);
      return values;
    } finally {
      cell.release();
    }
  }

  private decode(bytes: ArrayBuffer): Float32Array | Int32Array {
    if (this.dtype === 'i32') return new Int32Array(bytes, 0, this.size);
    if (this.dtype === 'f16') return fromHalf(new Uint16Array(bytes, 0, this.size));
    return new Float32Array(bytes, 0, this.size);
  }

  override async array(): Promise<NestedNumbers> {
    const values = await this.data();
    const nest = (depth: number, from: number, size: number): NestedNumbers => {
      if (depth === this.rank) return values[from];
      const n = this.shape[depth];
      const inner = n === 0 ? 0 : size / n;
      return Array.from({ length: n }, (_, i) => nest(depth + 1, from + i * inner, inner));
    };
    return nest(0, 0, this.size);
  }

  override async item(): Promise<number> {
    if (this.size !== 1) {
      throw new GradloomError({
        code: 'shape',
        op: 'DeviceTensor.item',
        got: describeTensor(this.shape, this.dtype),
        expected: 'a tensor of one element',
        fix: 'Use data() or array()',
      });
    }
    return (await this.data())[0];
  }

  override at(...indices: number[]): DeviceTensor {
    if (indices.length > this.rank) {
      throw new GradloomError({
        code: 'argument',
        op: 'DeviceTensor.at',
        got: `${indices.length} indices`,
        expected: `at most ${this.rank} for ${describeTensor(this.shape, this.dtype)}`,
      });
    }
    return indices.reduce<DeviceTensor>((part, index) => select(part, { dim: 0, index }), this);
  }

  override slice(
    start: number,
    end: number | null = null,
    { dim = 0, step = 1 }: { dim?: number; step?: number } = {},
  ): DeviceTensor {
    return slice(this, { dim, start, end, step });
  }

  override async print(): Promise<void> {
    await this.data();
    console.log(this.text);
  }

  override toString(): string {
    return this.text;
  }

  /** What Node's console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.text;
  }

  override dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#runner.disown(this);
    this.#cell.release();
  }

  override applyOp(op: RecordableOp, inputs: OpOperands, attrs: object): Record<string, DeviceTensor> {
    return this.#runner.applyOp(op, inputs, attrs);
  }
}

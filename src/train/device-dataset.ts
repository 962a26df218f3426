/** Data sets in GPU memory, and the nodes that take shuffled batches from it. */
import batchGather from '../../shaders/data/batch.gather.wgsl';
import shufflePermute from '../../shaders/data/shuffle.permute.wgsl';
import type { ArrayDataset } from '../data/dataset';
import { alignTo } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { Graph } from '../graph/ir/graph';
import { elementGrid, grid } from '../graph/ir/grid';
import { defineInternal } from '../graph/ir/op';
import { compile, type Plan } from '../graph/runtime/plan';

/** What the trainer needs of data on the device: an order of its samples, and batches in that order. */
export abstract class DeviceData {
  protected readonly buffers: GPUBuffer[] = [];
  protected readonly order: GPUBuffer;
  private permutation: Promise<Plan> | undefined;
  /** The order that the samples are in, as text. */
  private current = '';

  /** @param bytes sizes of the buffers that hold the samples, for the check that everything fits. */
  constructor(
    protected readonly device: Device,
    private readonly name: string,
    private readonly length: number,
    bytes: readonly number[],
  ) {
    device.buffers.require([...bytes, 4 * length], `data set ${name}`);
    this.order = this.allocate(4 * length, 'order');
  }

  /** The batch of `batchSize` samples from the step's `batchStart` on, wrapping around at the end. */
  abstract batch(graph: Graph, batchSize: number): { x: Tensor; y: Tensor };

  /** Puts the samples in a new order for an epoch: shuffled by seed and epoch, or as they are. */
  async reorder(shuffle: boolean, seed: number, epoch: number): Promise<void> {
    const wanted = shuffle ? `${seed} ${epoch}` : 'as they are';
    if (wanted === this.current) return;
    if (shuffle) {
      this.permutation ??= this.compilePermutation();
      (await this.permutation).run({ seed, epoch });
    } else {
      const order = Int32Array.from({ length: this.length }, (_, i) => i);
      this.device.gpu.queue.writeBuffer(this.order, 0, order);
    }
    this.current = wanted;
  }

  private compilePermutation(): Promise<Plan> {
    const graph = new Graph();
    permute({ order: this.orderIn(graph) }, {});
    return compile(this.device, graph);
  }

  async destroy(): Promise<void> {
    (await this.permutation)?.destroy();
    for (const buffer of this.buffers) this.device.buffers.free(buffer);
  }

  protected orderIn(graph: Graph): Tensor {
    return graph.external(wholeOf(this.order), [this.length], 'i32');
  }

  protected allocate(bytes: number, what: string): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = this.device.buffers.allocate(bytes, usage, `${this.name} ${what}`);
    this.buffers.push(buffer);
    return buffer;
  }
}

/** Samples in arrays. */
export class DeviceDataset extends DeviceData {
  private readonly x: GPUBuffer;
  private readonly y: GPUBuffer;

  /** Uploads the data set. @throws GradloomError `out-of-memory` when it does not fit the adapter. */
  constructor(
    device: Device,
    readonly data: ArrayDataset,
  ) {
    const xBytes = alignTo(data.x.byteLength, 4);
    super(device, data.name, data.length, [xBytes, data.y.byteLength]);
    this.x = this.allocate(xBytes, 'x');
    this.y = this.allocate(data.y.byteLength, 'y');
    const { queue } = device.gpu;
    const whole = data.x.byteLength - (data.x.byteLength % 4);
    queue.writeBuffer(this.x, 0, data.x.buffer as ArrayBuffer, data.x.byteOffset, whole);
    if (whole < xBytes) {
      const tail = new Uint8Array(4);
      tail.set(new Uint8Array(data.x.buffer, data.x.byteOffset + whole, data.x.byteLength - whole));
      queue.writeBuffer(this.x, whole, tail);
    }
    queue.writeBuffer(this.y, 0, data.y as Int32Array<ArrayBuffer>);
  }

  override batch(graph: Graph, batchSize: number): { x: Tensor; y: Tensor } {
    const { data } = this;
    const dtype = data.y instanceof Int32Array ? 'i32' : 'f32';
    const { multiply, add } = data.affine;
    const order = this.orderIn(graph);
    const { batch, targets } = gatherBatch(
      {
        x: graph.external(wholeOf(this.x), [Math.ceil(data.x.byteLength / 4)]),
        labels: graph.external(wholeOf(this.y), [data.y.length], dtype),
        order,
        multiply: graph.constant(multiply, [multiply.length]),
        add: graph.constant(add, [add.length]),
      },
      { data, batchSize },
    );
    return { x: batch, y: targets };
  }
}

/** A buffer as a slice. */
export const wholeOf = (buffer: GPUBuffer) => ({ buffer, offset: 0, size: buffer.size });

interface BatchOf {
  data: ArrayDataset;
  batchSize: number;
}

const gatherBatch = defineInternal({
  name: 'gatherBatch',
  inputs: ['x', 'labels', 'order', 'multiply', 'add'],
  outputs: ['batch', 'targets'],
  shape: ({ labels }, { data, batchSize }: BatchOf) => ({
    batch: [batchSize, ...data.xShape],
    targets: { shape: [batchSize, ...data.yShape], dtype: labels.dtype },
  }),
  lower({ x, labels, order, multiply, add, batch, targets }, { data, batchSize }, k) {
    const kernel = data.x instanceof Uint8Array ? batchGather.bytes : batchGather.floats;
    const channels = multiply.size;
    const affine = data.affine.multiply.some((m) => m !== 1) || data.affine.add.some((a) => a !== 0);
    const params = {
      batch: batchSize,
      size: data.xSize,
      plane: data.xSize / channels,
      channels,
      length: data.length,
      label_size: data.ySize,
    };
    const most = Math.max(batch.size, targets.size);
    const reads = { x, labels, order, multiply, add };
    k.dispatch(kernel, reads, { y: batch, targets }, params, elementGrid(most, k.device), {
      constants: { AFFINE: Number(affine) },
    });
  },
});

const permute = defineInternal({
  name: 'shuffle',
  inputs: ['order'],
  outputs: [],
  shape: () => ({}),
  lower({ order }, _, k) {
    const bits = Math.max(2, Math.ceil(Math.log2(Math.max(2, order.size))));
    const params = { n: order.size, half_bits: Math.ceil(bits / 2) };
    k.dispatch(shufflePermute, {}, { order }, params, grid(order.size, 64));
  },
});

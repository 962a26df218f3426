/** Data sets on the device, and the nodes that gather batches from them. */
import batchGather from '../../shaders/data/batch.gather.wgsl';
import shufflePermute from '../../shaders/data/shuffle.permute.wgsl';
import type { ArrayDataset } from '../data/dataset';
import { alignTo } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { elementThreads } from '../graph/compiler/heuristics';
import type { Tensor } from '../graph/ir/graph';
import { Graph } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';

/** The order in which batches take samples: the data's own, or shuffled anew for every epoch. */
export type Order = 'sequential' | 'shuffled';

/** Data on the device: batches of its samples, in two orders that do not disturb each other. */
export abstract class DeviceData {
  protected readonly buffers: GPUBuffer[] = [];
  private readonly orders = new Map<Order, GPUBuffer>();
  private permutation: Promise<Plan> | undefined;
  /** Seed and epoch of the shuffled order. */
  private current = '';
  /** Resolves when the GPU has the memory; rejects with `out-of-memory`. */
  abstract readonly ready: Promise<void>;

  /** @param bytes sizes of the buffers that hold the samples, for the check that everything fits. */
  constructor(
    protected readonly device: Device,
    private readonly name: string,
    private readonly length: number,
    bytes: readonly number[],
  ) {
    device.buffers.require([...bytes, 4 * length], `data set ${name}`);
  }

  /** The batch of `batchSize` samples from the step's `batchStart` on, wrapping around at the end. */
  abstract batch(graph: Graph, batchSize: number, order: Order): { x: Tensor; y: Tensor };

  /** Puts the shuffled order in that of an epoch. */
  async shuffle(seed: number, epoch: number): Promise<void> {
    const wanted = `${seed} ${epoch}`;
    if (wanted === this.current) return;
    this.permutation ??= this.compilePermutation();
    (await this.permutation).run({ seed, epoch });
    this.current = wanted;
  }

  private compilePermutation(): Promise<Plan> {
    const graph = new Graph();
    permute({ order: this.orderIn(graph, 'shuffled') }, {});
    return compile(this.device, graph);
  }

  async destroy(): Promise<void> {
    (await this.permutation)?.destroy();
    for (const buffer of this.buffers) this.device.buffers.free(buffer);
  }

  protected orderIn(graph: Graph, order: Order): Tensor {
    let buffer = this.orders.get(order);
    if (!buffer) {
      buffer = this.allocate(4 * this.length, `${order} order`);
      this.orders.set(order, buffer);
      const indices = Int32Array.from({ length: this.length }, (_, i) => i);
      this.device.gpu.queue.writeBuffer(buffer, 0, indices);
    }
    return graph.external(wholeOf(buffer), [this.length], 'i32');
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
  private x!: GPUBuffer;
  private y!: GPUBuffer;
  override readonly ready: Promise<void>;

  /** Uploads the data set. @throws GradloomError `out-of-memory` when it does not fit the adapter. */
  constructor(
    device: Device,
    readonly data: ArrayDataset,
  ) {
    const xBytes = alignTo(data.x.byteLength, 4);
    super(device, data.name, data.length, [xBytes, data.y.byteLength]);
    this.ready = device.catchOutOfMemory(() => {
      this.x = this.allocate(xBytes, 'x');
      this.y = this.allocate(data.y.byteLength, 'y');
    }, `data set ${data.name}`);
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

  override batch(graph: Graph, batchSize: number, order: Order): { x: Tensor; y: Tensor } {
    const { data } = this;
    const { multiply, add } = data.affine;
    const { batch, targets } = gatherBatch(
      {
        ...this.samples(graph, order),
        multiply: graph.constant(multiply, [multiply.length]),
        add: graph.constant(add, [add.length]),
      },
      { data, batchSize },
    );
    return { x: batch, y: targets };
  }

  /** The stored samples, their targets, and the order in which batches take them. */
  samples(graph: Graph, order: Order): { x: Tensor; labels: Tensor; order: Tensor } {
    const { data } = this;
    return {
      x: graph.external(wholeOf(this.x), [Math.ceil(data.x.byteLength / 4)]),
      labels: graph.external(wholeOf(this.y), [data.y.length], data.y instanceof Int32Array ? 'i32' : 'f32'),
      order: this.orderIn(graph, order),
    };
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
    k.dispatch(kernel, reads, { y: batch, targets }, params, elementThreads(most, k.device), {
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
    k.dispatch(shufflePermute, {}, { order }, params, { threads: order.size });
  },
});

/** A text on the device, and the node that gathers batches of windows from it. */
import windowsGather from '../../shaders/data/windows.gather.wgsl';
import type { TokenWindows } from '../data/text/windows';
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import { DeviceData, type Order, wholeOf } from './device-dataset';

export class DeviceWindows extends DeviceData {
  private text!: GPUBuffer;
  override readonly ready: Promise<void>;

  /** Uploads the text. @throws GradloomError `out-of-memory` when it does not fit the adapter. */
  constructor(
    device: Device,
    readonly data: TokenWindows,
  ) {
    super(device, data.name, data.length, [data.tokens.byteLength]);
    this.ready = device.catchOutOfMemory(() => {
      this.text = this.allocate(data.tokens.byteLength, 'tokens');
    }, `data set ${data.name}`);
    device.gpu.queue.writeBuffer(this.text, 0, data.tokens as Int32Array<ArrayBuffer>);
  }

  override batch(graph: Graph, batchSize: number, order: Order): { x: Tensor; y: Tensor } {
    const text = graph.external(wholeOf(this.text), [this.data.tokens.length], 'i32');
    return gatherWindows({ text, order: this.orderIn(graph, order) }, { data: this.data, batchSize });
  }
}

const gatherWindows = defineInternal({
  name: 'gatherWindows',
  inputs: ['text', 'order'],
  outputs: ['x', 'y'],
  shape(_, { data, batchSize }: { data: TokenWindows; batchSize: number }) {
    const spec = { shape: [batchSize, data.blockSize], dtype: 'i32' as const };
    return { x: spec, y: spec };
  },
  lower({ text, order, x, y }, { data, batchSize }, k) {
    const { blockSize: block, stride, length } = data;
    k.dispatch(
      windowsGather,
      { text, order },
      { x, y },
      { batch: batchSize, block, stride, length },
      { threads: x.size },
    );
  },
});

/**
 * Runs a plan step after step without stalling the GPU: figures go to a history buffer on the GPU and come back in
 * chunks, one chunk behind. A chunk is as many steps as fit about a tenth of a second.
 */
import recordStep from '../../shaders/metrics/record.step.wgsl';
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import type { Plan } from '../graph/runtime/plan';
import type { StepValues } from '../graph/runtime/step-values';

/** Most steps between two read-backs. */
const CHUNK = 64;
const CHUNK_MILLISECONDS = 100;

/** Bytes of the figures of one step. */
const SLOT = 12;

/** The figures of one step: its loss; how many answers are right (NaN where none can be) of how many that count. */
export interface Figures {
  loss: number;
  right: number;
  counted: number;
}
export type OnFigures = (index: number, figures: Figures) => void;

/** Appends the figures to the history at the step's slot. */
export const recordFigures = defineInternal({
  name: 'record',
  inputs: ['loss', 'total', 'history'],
  outputs: [],
  shape: () => ({}),
  lower: ({ loss, total, history }, _: undefined, k) =>
    k.dispatch(recordStep, { loss, total }, { history }, {}, [1, 1, 1]),
});

export class StepRunner {
  private readonly history: GPUBuffer;
  private chunkSize = 1;

  constructor(private readonly device: Device) {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    this.history = device.buffers.allocate(2 * CHUNK * SLOT, usage, 'history');
    // One chunk is read while the one before comes back.
    device.readback.reserve(CHUNK * SLOT, 2);
  }

  /** Records the node that keeps `loss` and `total` (right answers, those that count). */
  record(loss: Tensor, total: Tensor | undefined): void {
    const { graph } = loss;
    const history = graph.external(this.slice(0, 2 * CHUNK), [(2 * CHUNK * SLOT) / 4]);
    const nan = () => graph.constant(new Float32Array([Number.NaN, 0, 0, 0]), [4]);
    recordFigures({ loss, total: total ?? nan(), history }, undefined);
  }

  /**
   * Runs `count` steps; `stepOf` says plan and values of each, `onFigures` gets the figures in order, somewhat later.
   * Ends early when the signal is aborted. Returns the number of steps that ran.
   */
  async run(
    count: number,
    stepOf: (index: number) => { plan: Plan; values: StepValues },
    onFigures: OnFigures,
    signal?: AbortSignal,
  ): Promise<number> {
    const { gpu, readback } = this.device;
    let submitted = 0;
    let half = 0;
    let pending: { first: number; size: number; bytes: Promise<ArrayBuffer> } | undefined;
    let last = performance.now();
    const deliver = async () => {
      if (!pending) return;
      const { first, size, bytes } = pending;
      const figures = new Float32Array(await bytes);
      for (let i = 0; i < size; i++) {
        const [loss, right, counted] = figures.subarray(3 * i);
        onFigures(first + i, { loss, right, counted });
      }
      const now = performance.now();
      const wanted = (size * CHUNK_MILLISECONDS) / Math.max(0.1, now - last);
      this.chunkSize = Math.max(1, Math.min(CHUNK, 2 * this.chunkSize, Math.round(wanted)));
      last = now;
    };
    while (submitted < count && !signal?.aborted) {
      const size = Math.min(this.chunkSize, count - submitted);
      let read: (() => Promise<ArrayBuffer>) | undefined;
      for (let i = 0; i < size; i++) {
        const { plan, values } = stepOf(submitted + i);
        values.slot = half * CHUNK + i;
        const encoder = gpu.createCommandEncoder();
        plan.encode(encoder, values);
        if (i === size - 1) read = readback.copy(encoder, this.slice(half * CHUNK, size));
        gpu.queue.submit([encoder.finish()]);
      }
      const next = { first: submitted, size, bytes: read!() };
      // When reading the chunk before fails, as on a lost device, nobody awaits this one any more.
      next.bytes.catch(() => {});
      await deliver();
      pending = next;
      submitted += size;
      half = 1 - half;
    }
    await deliver();
    return submitted;
  }

  destroy(): void {
    this.device.buffers.free(this.history);
  }

  private slice(slot: number, count: number): BufferSlice {
    return { buffer: this.history, offset: SLOT * slot, size: SLOT * count };
  }
}

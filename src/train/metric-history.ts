/**
 * Metrics of consecutive steps without stalling the GPU: a ring buffer on the device that is read back in chunks, one
 * chunk behind. A chunk is as many steps as fit about a tenth of a second.
 */
import recordStep from '../../shaders/metrics/record.step.wgsl';
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import type { Plan } from '../graph/runtime/plan';
import type { StepValues } from '../graph/runtime/step-values';
import type { Pace } from './pace';

/** Most steps between two read-backs. */
const CHUNK = 64;
const CHUNK_MILLISECONDS = 100;

/** Bytes of the metrics of one step. */
const slotBytes = () => 4 * recordStep.constants.VALUES;

/** Metrics of one step. */
export interface StepMetrics {
  loss: number;
  /** Correct predictions, NaN where none can be, of `total` targets that count. */
  correct: number;
  total: number;
  /** Total norm of the gradients before clipping; NaN where they are not clipped by norm. */
  gradNorm: number;
}
/** Metrics of consecutive steps that are on their way to the host. */
interface Chunk {
  first: number;
  size: number;
  bytes: Promise<ArrayBuffer>;
}

export type OnMetrics = (index: number, metrics: StepMetrics) => unknown;

/** Consecutive steps. */
export interface StepRun {
  count: number;
  /** Plan and values of a step, which is submitted next. */
  stepOf(index: number): { plan: Plan; values: StepValues };
  onMetrics: OnMetrics;
  signal?: AbortSignal;
  /** Called when the last step is submitted, before its metrics are there. */
  onSubmitted?(): void;
  pace?: Pace;
  /** Called when the steps before this one are submitted, and this one waits. */
  onPause?(index: number): void;
}

/** Appends the metrics to the history at the step's slot. */
const recordMetrics = defineInternal({
  name: 'record',
  inputs: ['loss', 'counts', 'norm', 'history'],
  outputs: [],
  shape: () => ({}),
  lower: ({ loss, counts, norm, history }, _: undefined, k) =>
    k.dispatch(recordStep, { loss, total: counts, norm }, { history }, {}, [1, 1, 1]),
});

export class MetricHistory {
  private history: GPUBuffer;
  private readonly unfollow: () => void;
  private chunkSize = 1;
  /** Chunks that are not delivered as a whole yet, and the first step that is not. */
  private chunks: Chunk[] = [];
  private undeliveredFrom = 0;

  constructor(private readonly device: Device) {
    this.history = this.allocate();
    this.unfollow = device.onRenew('memory', () => {
      this.history = this.allocate();
    });
  }

  private allocate(): GPUBuffer {
    const { buffers, readback } = this.device;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const history = buffers.allocate(2 * CHUNK * slotBytes(), usage, 'history');
    // One chunk is read while the one before comes back.
    readback.reserve(CHUNK * slotBytes(), 2);
    return history;
  }

  /** Records the node that keeps `loss`, `counts` (correct predictions, targets that count) and `gradNorm`. */
  record({ loss, counts, gradNorm }: { loss: Tensor; counts?: Tensor; gradNorm?: Tensor }): void {
    const { graph } = loss;
    const history = graph.external(this.slice(0, 2 * CHUNK), [2 * CHUNK * recordStep.constants.VALUES]);
    const nan = graph.constant(new Float32Array([Number.NaN, 0, 0, 0]), [4]);
    recordMetrics({ loss, counts: counts ?? nan, norm: gradNorm ?? nan, history }, undefined);
  }

  /**
   * Runs steps; metrics arrive in order, one chunk late. Ends early when the signal is aborted.
   * @returns the number of steps that ran
   */
  async run({ count, stepOf, onMetrics, signal, onSubmitted, pace, onPause }: StepRun): Promise<number> {
    const { gpu, readback } = this.device;
    let submitted = 0;
    let half = 0;
    let last = performance.now();
    this.chunks = [];
    this.undeliveredFrom = 0;
    const deliver = async () => {
      const [{ size, bytes, first }] = this.chunks;
      const values = new Float32Array(await bytes);
      for (let i = 0; i < size; i++) {
        this.undeliveredFrom = first + i + 1;
        await onMetrics(first + i, metricsIn(values, i));
        await pace?.breathe();
      }
      this.chunks.shift();
      const now = performance.now();
      const wanted = (size * CHUNK_MILLISECONDS) / Math.max(0.1, now - last);
      this.chunkSize = Math.max(1, Math.min(CHUNK, 2 * this.chunkSize, Math.round(wanted)));
      last = now;
    };
    while (submitted < count && !signal?.aborted) {
      if (pace?.isPaused) {
        onPause?.(submitted);
        await pace.resumed(signal);
        if (signal?.aborted) break;
      }
      const size = Math.min(this.chunkSize, count - submitted);
      const { promise: bytes, resolve, reject } = deferred<ArrayBuffer>();
      // When reading the chunk before fails, as on a lost device, nobody awaits this one any more.
      bytes.catch(() => {});
      this.chunks.push({ first: submitted, size, bytes });
      let read: (() => Promise<ArrayBuffer>) | undefined;
      try {
        const slots = this.slice(half * CHUNK, size);
        const finish = (encoder: GPUCommandEncoder) => {
          read = readback.copy(encoder, slots);
        };
        for (let i = 0; i < size; i++) {
          const slot = half * CHUNK + i;
          const atEnd = i === size - 1 ? finish : undefined;
          if (pace) {
            await pace.step(() => ({ slot, ...stepOf(submitted + i) }), atEnd);
            continue;
          }
          const { plan, values } = stepOf(submitted + i);
          values.slot = slot;
          const encoder = gpu.createCommandEncoder();
          plan.encode(encoder, values);
          atEnd?.(encoder);
          gpu.queue.submit([encoder.finish()]);
        }
      } catch (error) {
        // Who waits for the metrics of this chunk waits in vain.
        reject(error);
        throw error;
      }
      read!().then(resolve, reject);
      submitted += size;
      if (submitted === count) onSubmitted?.();
      if (this.chunks.length > 1) await deliver();
      half = 1 - half;
    }
    while (this.chunks.length > 0) await deliver();
    return submitted;
  }

  /** Metrics of the steps of this run before step `end`, which are submitted, that were not delivered yet. */
  async undelivered(end: number): Promise<StepMetrics[]> {
    const from = this.undeliveredFrom;
    const parts = this.chunks.map(async ({ first, size, bytes }) => {
      const values = new Float32Array(await bytes);
      const metrics = Array.from({ length: size }, (_, i) => metricsIn(values, i));
      return metrics.filter((_, i) => first + i >= from && first + i < end);
    });
    return (await Promise.all(parts)).flat();
  }

  destroy(): void {
    this.unfollow();
    this.device.buffers.free(this.history);
  }

  private slice(slot: number, count: number): BufferSlice {
    return { buffer: this.history, offset: slotBytes() * slot, size: slotBytes() * count };
  }
}

function metricsIn(values: Float32Array, slot: number): StepMetrics {
  const [loss, correct, total, gradNorm] = values.subarray(recordStep.constants.VALUES * slot);
  return { loss, correct, total, gradNorm };
}

/** A promise that is settled from outside. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}

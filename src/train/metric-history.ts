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
import type { RunControl } from './run-control';

/** Most steps between two read-backs. */
const CHUNK = 64;
const CHUNK_MILLISECONDS = 100;

/** Bytes of the metrics of one step. */
const slotBytes = () => 4 * recordStep.constants.VALUES;

/** Metrics of one step. */
export interface StepMetrics {
  loss: number;
  /**
   * Correct predictions, NaN where none can be, of `total` targets that count; sums of weights where samples have some. A total
   * below 0 is not known: all samples count.
   */
  correct: number;
  total: number;
  /** Total norm of the gradients before clipping; NaN where they are not clipped by norm. */
  gradNorm: number;
  /** The rate of the step and the samples of its batch, once they are known. */
  learningRate?: number;
  samples?: number;
}
/** Metrics of consecutive steps that are on their way to the host. */
interface Chunk {
  first: number;
  size: number;
  bytes: Promise<ArrayBuffer>;
}

export type OnMetrics = (index: number, metrics: StepMetrics) => unknown;

/** A step that is submitted next. */
export interface NextStep {
  plan: Plan;
  values: StepValues;
}

/** Consecutive steps. */
export interface StepRun {
  /** Default: until `stepOf` has no more. */
  count?: number;
  /**
   * Plan and values of a step; or, when its data is there, what makes these at once before they are submitted. Undefined after
   * the last one.
   */
  stepOf(index: number): NextStep | undefined | Promise<(() => NextStep) | undefined>;
  onMetrics: OnMetrics;
  /** Called when the last step is submitted, before its metrics are there. */
  onSubmitted?(): void;
  signal?: AbortSignal;
  /** Pauses the run between two steps, and ends it where it interrupts without a pause. */
  control?: Pick<RunControl, 'interrupts' | 'resumed'>;
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
    const nan = graph.constant(new Float32Array([Number.NaN, -1, 0, 0]), [4]);
    recordMetrics({ loss, counts: counts ?? nan, norm: gradNorm ?? nan, history }, undefined);
  }

  /**
   * Runs steps; metrics arrive in order, one chunk late. Ends early when the signal is aborted. What `stepOf` throws reaches the
   * caller when the metrics of the steps before are delivered.
   * @returns the number of steps that ran
   */
  async run(steps: StepRun): Promise<number> {
    const { count = Number.POSITIVE_INFINITY, stepOf, onMetrics, signal, control, pace } = steps;
    const { gpu, readback } = this.device;
    let submitted = 0;
    let half = 0;
    let last = performance.now();
    let failure: { cause: unknown } | undefined;
    let isOver = false;
    this.chunks = [];
    this.undeliveredFrom = 0;
    const deliver = async () => {
      const [chunk] = this.chunks;
      const { bytes, first } = chunk;
      const values = new Float32Array(await bytes);
      const { size } = chunk;
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
    while (!isOver && submitted < count && !signal?.aborted) {
      if (control?.interrupts) {
        while (this.chunks.length > 0) await deliver();
        if (!control.resumed) break;
        steps.onPause?.(submitted);
        await control.resumed;
        last = performance.now();
        continue;
      }
      if (pace?.isPaused) {
        steps.onPause?.(submitted);
        await pace.resumed(signal);
        if (signal?.aborted) break;
      }
      const most = Math.min(this.chunkSize, count - submitted);
      const { promise: bytes, resolve, reject } = deferred<ArrayBuffer>();
      // When reading the chunk before fails, as on a lost device, nobody awaits this one any more.
      bytes.catch(() => {});
      const chunk: Chunk = { first: submitted, size: 0, bytes };
      this.chunks.push(chunk);
      let read: (() => Promise<ArrayBuffer>) | undefined;
      let sent = 0;
      const copy = (encoder: GPUCommandEncoder) => {
        read = readback.copy(encoder, this.slice(half * CHUNK, chunk.size));
      };
      try {
        while (chunk.size < most) {
          if (chunk.size > 0 && (signal?.aborted || control?.interrupts)) break;
          const next = stepOf(submitted);
          const ready = next instanceof Promise ? await next : next;
          if (!ready) {
            isOver = true;
            break;
          }
          const step = typeof ready === 'function' ? ready() : ready;
          const slot = half * CHUNK + chunk.size;
          chunk.size++;
          submitted++;
          const atEnd = chunk.size === most ? copy : undefined;
          if (pace) {
            await pace.step(() => ({ ...step, slot }), atEnd);
            sent++;
            continue;
          }
          step.values.slot = slot;
          const encoder = gpu.createCommandEncoder();
          step.plan.encode(encoder, step.values);
          atEnd?.(encoder);
          gpu.queue.submit([encoder.finish()]);
          sent++;
        }
        if (!read && sent > 0) {
          const encoder = gpu.createCommandEncoder();
          copy(encoder);
          gpu.queue.submit([encoder.finish()]);
        }
      } catch (cause) {
        failure = { cause };
        isOver = true;
        submitted -= chunk.size - sent;
        chunk.size = sent;
        try {
          const encoder = gpu.createCommandEncoder();
          if (sent > 0) copy(encoder);
          gpu.queue.submit([encoder.finish()]);
        } catch {
          // On a lost device, which the failure is about.
          chunk.size = 0;
        }
      }
      if (chunk.size === 0) {
        // Who waits for the metrics of this chunk waits in vain.
        this.chunks.pop();
        if (failure) reject(failure.cause);
        else resolve(new ArrayBuffer(0));
        break;
      }
      read!().then(resolve, reject);
      if (submitted === count) steps.onSubmitted?.();
      if (this.chunks.length > 1) await deliver();
      half = 1 - half;
    }
    if (isOver && !failure) steps.onSubmitted?.();
    while (this.chunks.length > 0) await deliver();
    if (failure) throw failure.cause;
    return submitted;
  }

  /** Metrics of the steps of this run before step `end`, which are submitted, that were not delivered yet. */
  async undelivered(end: number): Promise<StepMetrics[]> {
    const from = this.undeliveredFrom;
    const parts = this.chunks.map(async (chunk) => {
      const { first } = chunk;
      const values = new Float32Array(await chunk.bytes);
      const metrics = Array.from({ length: chunk.size }, (_, i) => metricsIn(values, i));
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

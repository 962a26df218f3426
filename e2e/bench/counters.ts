/** Counts what a library asks of WebGPU, whichever it is: by wrapping the methods of WebGPU's own prototypes. */

export interface Counts {
  dispatches: number;
  submits: number;
  passes: number;
  buffers: number;
  bindGroups: number;
}

export class Counters {
  private readonly counts: Counts = { dispatches: 0, submits: 0, passes: 0, buffers: 0, bindGroups: 0 };
  private readonly restore: (() => void)[] = [];
  private readonly live = new Map<GPUBuffer, number>();
  private bytes = 0;
  /** The most bytes of buffers that were alive at once. */
  peakBytes = 0;

  /** Wraps the prototypes; call it before any library starts. */
  install(): this {
    if (typeof GPUDevice === 'undefined') return this;
    const { counts } = this;
    const wrap = (target: object, method: string, after: After) =>
      this.restore.push(wrapMethod(target, method, after));
    const count = (target: object, method: string, name: keyof Counts) =>
      wrap(target, method, () => void counts[name]++);
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', 'dispatches');
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', 'dispatches');
    count(GPUQueue.prototype, 'submit', 'submits');
    count(GPUCommandEncoder.prototype, 'beginComputePass', 'passes');
    count(GPUDevice.prototype, 'createBindGroup', 'bindGroups');
    wrap(GPUDevice.prototype, 'createBuffer', (buffer: GPUBuffer) => {
      counts.buffers++;
      this.live.set(buffer, buffer.size);
      this.bytes += buffer.size;
      this.peakBytes = Math.max(this.peakBytes, this.bytes);
    });
    wrap(GPUBuffer.prototype, 'destroy', (_, buffer: GPUBuffer) => {
      this.bytes -= this.live.get(buffer) ?? 0;
      this.live.delete(buffer);
    });
    return this;
  }

  /** Takes the wrappers away. */
  remove(): void {
    for (const restore of this.restore) restore();
  }

  snapshot(): Counts {
    return { ...this.counts };
  }

  /** What was counted since a snapshot, per step. */
  perStep(since: Counts, steps: number): Counts {
    const names = Object.keys(since) as (keyof Counts)[];
    return Object.fromEntries(
      names.map((name) => [name, (this.counts[name] - since[name]) / steps]),
    ) as unknown as Counts;
  }
}

type After = (result: any, self: any) => void;

/** Calls `after` behind each call of a method, until the returned function is called. */
function wrapMethod(target: object, method: string, after: After): () => void {
  const owner = target as Record<string, (...args: unknown[]) => unknown>;
  const original = owner[method];
  owner[method] = function (this: unknown, ...args) {
    const result = original.apply(this, args);
    after(result, this);
    return result;
  };
  return () => {
    owner[method] = original;
  };
}

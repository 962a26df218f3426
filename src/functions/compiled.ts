/** A recorded function as a plan with inputs of its own, which runs from values to values. */

import type { HostValues } from '../data/host-tensor';
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { bytesOf, type Graph, type Storage, type Tensor } from '../graph/ir/graph';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';
import type { StepValues } from '../graph/runtime/step-values';
import type { Cell } from './queued-tensor';

/** A value that goes in: from the host, or from the memory of a device tensor. */
export type InputValue = HostValues | Cell;

export class CompiledFunction {
  /** Set when the plan is compiled. */
  plan: Plan | undefined;
  /** Resolves when it is; rejects with what is wrong. */
  readonly compiled: Promise<void>;
  private readonly places: BufferSlice[] = [];

  /** Starts to compile; `inputs` are inputs of the graph. */
  constructor(
    private readonly device: Device,
    private readonly graph: Graph,
    private readonly inputs: readonly { name: string; tensor: Tensor }[],
    readonly outputs: readonly Tensor[],
    /** How the outputs make up the result; for whoever recorded it. */
    readonly structure: unknown,
  ) {
    const placed = new Map<Storage, BufferSlice>();
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    for (const { name, tensor } of inputs) {
      const size = bytesOf(tensor.shape, tensor.dtype);
      const place = { buffer: device.buffers.allocate(size, usage, name), offset: 0, size };
      this.places.push(place);
      placed.set(tensor.storage, place);
    }
    const named = Object.fromEntries(outputs.map((tensor, i) => [String(i), tensor]));
    this.compiled = compile(device, graph, { outputs: named, placed }).then(
      (plan) => {
        this.plan = plan;
      },
      (error) => {
        this.destroy();
        throw error;
      },
    );
    this.compiled.catch(() => {});
  }

  /** @throws GradloomError for values that an op of the function cannot take. */
  check(values: readonly InputValue[]): void {
    values.forEach((value, i) => {
      if (!('data' in value)) return;
      for (const check of this.graph.checks.get(this.inputs[i].name) ?? []) check(value.data);
    });
  }

  /** Submits one run: inputs are copied in, results out into memory that is theirs. */
  run(values: readonly InputValue[], results: readonly Cell[], step: StepValues): void {
    const { device } = this;
    const plan = this.plan!;
    const encoder = device.gpu.createCommandEncoder({ label: 'function' });
    values.forEach((value, i) => {
      const place = this.places[i];
      if ('data' in value) plan.write(this.inputs[i].name, value.data);
      else if (place.size > 0) encoder.copyBufferToBuffer(value.buffer!, 0, place.buffer, 0, place.size);
    });
    plan.encode(encoder, step);
    this.outputs.forEach(({ shape, dtype }, i) => {
      const size = bytesOf(shape, dtype);
      const target = results[i].allocate(size);
      const { buffer, offset } = plan.slice(String(i));
      if (size > 0) encoder.copyBufferToBuffer(buffer, offset, target, 0, size);
    });
    device.gpu.queue.submit([encoder.finish()]);
  }

  destroy(): void {
    this.plan?.destroy();
    for (const { buffer } of this.places) this.device.buffers.free(buffer);
  }
}

/**
 * A compiled graph: pipelines, buffers, uniforms and bind groups are made once; a run only encodes and submits.
 */
import { assertInternal, formatShape, GradloomError } from '../../errors';
import { alignTo, BINDING_ALIGNMENT, type BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import { type KernelTime, TimestampRecorder } from '../../gpu/timestamps';
import { writeUniforms } from '../../kernels/kernel';
import type { Dispatch } from '../compiler/lower';
import { schedule } from '../compiler/schedule';
import type { Graph, ValueCheck } from '../ir/graph';
import { bytesOf, type Storage, type Tensor } from '../ir/graph';
import { fromHalf, toHalf } from './float16';
import { STEP_BYTES, type StepValues, writeStepValues } from './step-values';
import type { VariableStore } from './variable-store';

export interface PlanOptions {
  /** Tensors whose values are read after a run, by name. */
  outputs?: Record<string, Tensor>;
  /** Where the graph's variables live; needed when it uses any. */
  store?: VariableStore;
  /** Storages that must lie at a given place, such as gradients in their arena. */
  placed?: ReadonlyMap<Storage, BufferSlice>;
  /** The kernel variant for one piece of work, instead of the one that would be chosen: how the tuner sees them all. */
  force?: { key: string; variant: string };
}

interface EncodedDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  x: number;
  y: number;
  z: number;
  label: string;
}

/** Figures of a plan. */
export interface PlanStatistics {
  dispatches: number;
  /** Bytes of the buffers for intermediate results. */
  intermediateBytes: number;
  /** The least that any plan of these dispatches could use. */
  lowerBoundBytes: number;
  buffers: number;
}

const STORAGE_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

/**
 * Compiles a graph for a device.
 * @throws GradloomError `out-of-memory` before anything is allocated when the plan does not fit.
 */
export async function compile(device: Device, graph: Graph, options: PlanOptions = {}): Promise<Plan> {
  await device.selfCheck?.([...new Set(graph.calls.map(({ op }) => op))]);
  const placed = options.placed ?? new Map<Storage, BufferSlice>();
  const outputs = options.outputs ?? {};
  const scheduled = () => schedule(device, graph, Object.values(outputs), [...placed.keys()]);
  const { dispatches, memory, owned } = device.variants.withOverride(options.force, scheduled);

  const fixed = new Map<Storage, BufferSlice>();
  for (const [storage, slice] of placed) fixed.set(storage.root, slice);
  for (const [variable, tensor] of graph.usedVariables) {
    assertInternal(options.store, 'compile', 'the graph uses variables but no store was given');
    fixed.set(tensor.storage.root, options.store.slice(variable));
  }
  const bound = dispatches.flatMap(({ bindings }) => Object.values(bindings));
  for (const { root } of [...bound, ...Object.values(outputs).map(({ storage }) => storage)]) {
    if (root.leaf?.kind === 'external') fixed.set(root, root.leaf.slice);
  }
  const uniformBytes = layoutUniforms(dispatches);
  device.buffers.require(
    [...memory.buffers, ...[...owned].map((s) => s.size), uniformBytes.total],
    'compile',
  );

  const buffers: GPUBuffer[] = [];
  const allocate = (size: number, label: string, usage = STORAGE_USAGE()) => {
    const buffer = device.buffers.allocate(size, usage, label);
    buffers.push(buffer);
    return buffer;
  };
  const shared = memory.buffers.map((size, i) => allocate(size, `intermediate ${i}`));
  for (const [storage, index] of memory.place)
    fixed.set(storage, { buffer: shared[index], offset: 0, size: storage.size });
  for (const storage of owned) {
    const leaf = storage.leaf!;
    const buffer = allocate(storage.size, leaf.kind === 'input' ? `input ${leaf.name}` : leaf.kind);
    fixed.set(storage, { buffer, offset: 0, size: storage.size });
    if (leaf.kind === 'constant' && leaf.data.byteLength > 0) {
      device.gpu.queue.writeBuffer(buffer, 0, leaf.data as Float32Array<ArrayBuffer>);
    }
  }
  const uniformUsage = () => GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const uniforms = allocate(uniformBytes.total, 'uniforms', uniformUsage());
  const step = allocate(STEP_BYTES, 'step', uniformUsage());
  writeUniformBuffer(device, dispatches, uniformBytes, uniforms);

  const encoded = await encodeDispatches(device, dispatches, fixed, uniforms, uniformBytes.offsets, step);
  const sliceOf = (tensor: Tensor): BufferSlice => {
    const slice = fixed.get(tensor.storage.root);
    assertInternal(slice, 'compile', 'a tensor has no memory');
    return slice;
  };
  const describe = (tensor: Tensor): PlanTensor => ({ ...sliceOf(tensor), tensor });
  return new Plan(
    device,
    encoded,
    buffers,
    new Map(
      [...graph.inputs].map(([name, tensor]) => [
        name,
        { ...describe(tensor), checks: graph.checks.get(name) ?? [] },
      ]),
    ),
    new Map(Object.entries(outputs).map(([name, tensor]) => [name, describe(tensor)])),
    step,
    {
      dispatches: encoded.length,
      intermediateBytes: memory.buffers.reduce((sum, size) => sum + size, 0),
      lowerBoundBytes: memory.lowerBound,
      buffers: buffers.length,
    },
  );
}

interface UniformLayout {
  offsets: number[];
  total: number;
}

function layoutUniforms(dispatches: readonly Dispatch[]): UniformLayout {
  let total = 0;
  const offsets = dispatches.map(({ kernel }) => {
    const offset = total;
    total += alignTo(kernel.params?.size ?? 0, BINDING_ALIGNMENT);
    return offset;
  });
  return { offsets, total };
}

function writeUniformBuffer(
  device: Device,
  dispatches: readonly Dispatch[],
  layout: UniformLayout,
  buffer: GPUBuffer,
): void {
  const bytes = new ArrayBuffer(Math.max(16, layout.total));
  const view = new DataView(bytes);
  dispatches.forEach(({ kernel, params }, i) => {
    writeUniforms(kernel, params, view, layout.offsets[i]);
  });
  device.gpu.queue.writeBuffer(buffer, 0, bytes);
}

async function encodeDispatches(
  device: Device,
  dispatches: readonly Dispatch[],
  memory: ReadonlyMap<Storage, BufferSlice>,
  uniforms: GPUBuffer,
  uniformOffsets: readonly number[],
  step: GPUBuffer,
): Promise<EncodedDispatch[]> {
  const compiled = await Promise.all(
    dispatches.map(({ kernel, overrides, constants }) => device.pipelines.get(kernel, overrides, constants)),
  );
  return dispatches.map((dispatch, i) => {
    const { kernel, bindings, workgroups } = dispatch;
    const written = new Set<GPUBuffer>();
    const read = new Set<GPUBuffer>();
    const entries: GPUBindGroupEntry[] = kernel.storage.map(({ name, binding, access }) => {
      const slice = memory.get(bindings[name].root);
      assertInternal(slice, kernel.name, `binding ${name} has no memory`);
      (access === 'read' ? read : written).add(slice.buffer);
      return {
        binding,
        resource: { buffer: slice.buffer, offset: slice.offset, size: Math.max(16, alignTo(slice.size, 16)) },
      };
    });
    for (const buffer of written) {
      assertInternal(
        !read.has(buffer),
        kernel.name,
        `buffer ${buffer.label} is bound for reading and for writing`,
      );
    }
    if (kernel.params) {
      const { binding, size } = kernel.params;
      entries.push({ binding, resource: { buffer: uniforms, offset: uniformOffsets[i], size } });
    }
    if (kernel.step !== undefined) entries.push({ binding: kernel.step, resource: { buffer: step } });
    const { pipeline, layout } = compiled[i];
    const bindGroup = device.gpu.createBindGroup({ label: kernel.name, layout, entries });
    const [x, y, z] = workgroups;
    return { pipeline, bindGroup, x, y, z, label: kernel.name };
  });
}

interface PlanTensor extends BufferSlice {
  tensor: Tensor;
}

export class Plan {
  private readonly stepBytes = new ArrayBuffer(STEP_BYTES);
  private readonly stepView = new DataView(this.stepBytes);

  constructor(
    readonly device: Device,
    private readonly dispatches: readonly EncodedDispatch[],
    private readonly buffers: readonly GPUBuffer[],
    private readonly inputs: ReadonlyMap<string, PlanTensor & { checks: readonly ValueCheck[] }>,
    private readonly outputs: ReadonlyMap<string, PlanTensor>,
    private readonly stepBuffer: GPUBuffer,
    readonly statistics: PlanStatistics,
  ) {}

  /**
   * Writes the values of an input; int32 inputs take an `Int32Array`, float16 ones are rounded here.
   * @throws GradloomError for values that an op of the graph cannot take (`Graph.checkValues`).
   */
  write(name: string, data: Float32Array | Int32Array): void {
    const slot = this.inputs.get(name);
    assertInternal(slot, 'Plan.write', `no input ${name}`);
    if (data.length !== slot.tensor.size) {
      throw new GradloomError({
        code: 'shape',
        op: 'Plan.write',
        argument: name,
        got: `${data.length} values`,
        expected: `${slot.tensor.size} for ${formatShape(slot.tensor.shape)}`,
      });
    }
    for (const check of slot.checks) check(data);
    if (data.length === 0) return;
    const bytes = slot.tensor.dtype === 'f16' ? toHalf(data) : (data as Float32Array<ArrayBuffer>);
    this.device.gpu.queue.writeBuffer(slot.buffer, slot.offset, bytes);
  }

  /** Encodes and submits one run. */
  run(step?: StepValues): void {
    const encoder = this.device.gpu.createCommandEncoder();
    this.encode(encoder, step);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  /** Encodes one run; the caller submits. The step values are written at once, so one run per submit. */
  encode(encoder: GPUCommandEncoder, step?: StepValues): void {
    this.writeStep(step ?? {});
    const pass = encoder.beginComputePass();
    this.encodeDispatches(pass);
    pass.end();
  }

  /**
   * Milliseconds of one run out of `runs` in one pass: the GPU's own time where it has timestamps, else until the
   * work was done.
   */
  async time(runs: number): Promise<number> {
    this.writeStep({});
    const recorder = this.device.features.timestamps ? new TimestampRecorder(this.device, 1) : undefined;
    try {
      const from = performance.now();
      const encoder = this.device.gpu.createCommandEncoder();
      const pass = encoder.beginComputePass({ timestampWrites: recorder?.next('runs') });
      for (let i = 0; i < runs; i++) this.encodeDispatches(pass);
      pass.end();
      recorder?.resolve(encoder);
      this.device.gpu.queue.submit([encoder.finish()]);
      if (recorder) return (await recorder.read())[0].milliseconds / runs;
      await this.device.gpu.queue.onSubmittedWorkDone();
      return (performance.now() - from) / runs;
    } finally {
      recorder?.destroy();
    }
  }

  private encodeDispatches(pass: GPUComputePassEncoder): void {
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, x, y, z } of this.dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(x, y, z);
    }
  }

  /** One run with every kernel timed; needs the `timestamps` feature. */
  async profile(step?: StepValues): Promise<KernelTime[]> {
    this.writeStep(step ?? {});
    const recorder = new TimestampRecorder(this.device, Math.max(1, this.dispatches.length));
    try {
      const encoder = this.device.gpu.createCommandEncoder();
      for (const { pipeline, bindGroup, x, y, z, label } of this.dispatches) {
        const pass = encoder.beginComputePass({ label, timestampWrites: recorder.next(label) });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(x, y, z);
        pass.end();
      }
      recorder.resolve(encoder);
      this.device.gpu.queue.submit([encoder.finish()]);
      return await recorder.read();
    } finally {
      recorder.destroy();
    }
  }

  /** The kernels in the order in which they run. */
  get kernelNames(): string[] {
    return this.dispatches.map(({ label }) => label);
  }

  /** Where an output lies, for copies and further plans. */
  slice(name: string): BufferSlice {
    const slot = this.outputs.get(name);
    assertInternal(slot, 'Plan.slice', `no output ${name}`);
    return slot;
  }

  /** The values of an output after the runs submitted so far; float16 is widened. */
  async read(name: string): Promise<Float32Array | Int32Array> {
    const slot = this.outputs.get(name);
    assertInternal(slot, 'Plan.read', `no output ${name}`);
    const { dtype, shape, size } = slot.tensor;
    if (size === 0) return dtype === 'i32' ? new Int32Array(0) : new Float32Array(0);
    const bytes = await this.device.readback.read({ ...slot, size: bytesOf(shape, dtype) });
    if (dtype === 'f16') return fromHalf(new Uint16Array(bytes, 0, size));
    return dtype === 'i32' ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  /** The values of a float output with its shape. */
  async readTensor(name: string): Promise<{ shape: number[]; data: Float32Array }> {
    const data = await this.read(name);
    return { shape: [...this.outputs.get(name)!.tensor.shape], data: Float32Array.from(data) };
  }

  destroy(): void {
    for (const buffer of this.buffers) this.device.buffers.free(buffer);
  }

  private writeStep(values: StepValues): void {
    writeStepValues(values, this.stepView);
    this.device.gpu.queue.writeBuffer(this.stepBuffer, 0, this.stepBytes);
  }
}

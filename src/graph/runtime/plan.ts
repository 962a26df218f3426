/** An executable plan: pipelines, buffers, uniforms and bind groups exist; a run only encodes and submits. */
import { formatShape, GradloomError, showValue, unknownName } from '../../errors';
import type { BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import { type KernelTime, TimestampRecorder } from '../../gpu/timestamps';
import { type AnyTypedArray, flattened, floatsOf, type NestedArray, wholesOf } from '../../numbers';
import { bytesOf, type Tensor, type ValueCheck } from '../ir/graph';
import { fromHalf, toHalf } from './float16';
import { type StepValues, stepBytes, writeStepValues } from './step-values';
import type { Placement } from './variable-store';

/** One dispatch with everything bound. */
export interface EncodedDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  x: number;
  y: number;
  z: number;
  label: string;
}

/** Size of a plan. */
export interface PlanStatistics {
  dispatches: number;
  /** Bytes of the buffers for intermediate results. */
  intermediateBytes: number;
  /** The least that any plan of these dispatches could use. */
  lowerBoundBytes: number;
  buffers: number;
}

/** A tensor of a plan and where it lies. */
export interface PlanTensor extends BufferSlice {
  tensor: Tensor;
}

/** Dispatches of a plan, to before `to`. */
export interface DispatchRange {
  from: number;
  to: number;
}

/** Resources that `compile` made for a plan. */
export interface PlanParts {
  dispatches: readonly EncodedDispatch[];
  /** Freed with the plan. */
  buffers: readonly GPUBuffer[];
  inputs: ReadonlyMap<string, PlanTensor & { checks: readonly ValueCheck[] }>;
  outputs: ReadonlyMap<string, PlanTensor>;
  stepBuffer: GPUBuffer;
  /** Number of step structs in `stepBuffer`. */
  stepSlots: number;
  /** The first dispatch that writes parameters; the number of dispatches where none does. */
  firstUpdate: number;
  /** Keeps the graph's variables on the device. */
  placement: Placement;
  statistics: PlanStatistics;
}

export class Plan {
  private readonly stepBytes: ArrayBuffer;
  private readonly stepView: DataView;
  private destroyed = false;
  private readonly generation: number;

  constructor(
    readonly device: Device,
    private readonly parts: PlanParts,
  ) {
    this.generation = device.generation;
    this.stepBytes = new ArrayBuffer(stepBytes(parts.stepSlots));
    this.stepView = new DataView(this.stepBytes);
  }

  get statistics(): PlanStatistics {
    return this.parts.statistics;
  }

  /**
   * Writes the values of an input, from typed arrays of every kind or (nested) lists: int32 inputs take whole numbers, float16
   * ones are rounded here, and masks are 0 or 1.
   * @throws GradloomError `shape` for another number of values; `data` for what the input cannot hold, and for values that
   * an op of the graph cannot take (`Graph.checkValues`).
   */
  write(name: string, given: AnyTypedArray | readonly NestedArray[]): void {
    const slot = this.find('write', this.parts.inputs, name);
    const { dtype, shape, size } = slot.tensor;
    const place = { op: 'Plan.write', argument: name };
    const list = Array.isArray(given) ? flattened(given, place) : undefined;
    const values = list?.values ?? given;
    const numbers = dtype === 'i32' ? wholesOf(values, place) : floatsOf(values, place);
    const isFlat = !list || list.shape.length === 1;
    if (numbers.length !== size || !(isFlat || list.shape.join() === shape.join())) {
      const got = isFlat ? `${numbers.length} values` : formatShape(list.shape);
      throw new GradloomError({
        code: 'shape',
        ...place,
        got,
        expected: `${size} for ${formatShape(shape)}`,
      });
    }
    const data = dtype === 'bool' ? numbers.map((value) => Number(value !== 0)) : numbers;
    for (const check of slot.checks) check(data);
    if (data.length === 0) return;
    const bytes = dtype === 'f16' ? toHalf(data) : (data as Float32Array<ArrayBuffer>);
    this.device.gpu.queue.writeBuffer(slot.buffer, slot.offset, bytes);
  }

  /** Encodes and submits one run. */
  run(step?: StepValues): void {
    const encoder = this.device.gpu.createCommandEncoder();
    this.encode(encoder, step);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  /**
   * Encodes one run; the caller submits. The step values are written at once, so one run per submit.
   * @param range dispatches of a run that takes several submits, from the first on
   */
  encode(encoder: GPUCommandEncoder, step?: StepValues, range?: DispatchRange): void {
    if (typeof encoder?.beginComputePass !== 'function') {
      throw new GradloomError({
        ...{ code: 'argument', op: 'Plan.encode', argument: 'encoder', got: showValue(encoder) },
        expected: 'a GPUCommandEncoder',
      });
    }
    if (!range || range.from === 0) this.writeStep(step ?? {});
    const pass = encoder.beginComputePass();
    this.encodeDispatches(pass, range);
    pass.end();
  }

  /** The first dispatch that writes parameters; the number of dispatches where none does. */
  get firstUpdate(): number {
    return this.parts.firstUpdate;
  }

  /**
   * Milliseconds of one run out of `runs` in one pass: the GPU's own time where it has timestamps, else until the
   * work was done.
   */
  async time(runs: number): Promise<number> {
    if (!(Number.isInteger(runs) && runs > 0)) {
      throw new GradloomError({
        ...{ code: 'argument', op: 'Plan.time', argument: 'runs', got: String(runs) },
        expected: 'a whole number from 1',
      });
    }
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

  private encodeDispatches(pass: GPUComputePassEncoder, range?: DispatchRange): void {
    const { dispatches } = this.parts;
    const { from, to } = range ?? { from: 0, to: dispatches.length };
    let current: GPUComputePipeline | undefined;
    for (let i = from; i < to; i++) {
      const { pipeline, bindGroup, x, y, z } = dispatches[i];
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(x, y, z);
    }
  }

  /** One run with every kernel timed; needs the `timestamps` feature. */
  async profile(step?: StepValues): Promise<KernelTime[]> {
    this.writeStep(step ?? {});
    const recorder = new TimestampRecorder(this.device, Math.max(1, this.parts.dispatches.length));
    try {
      const encoder = this.device.gpu.createCommandEncoder();
      for (const { pipeline, bindGroup, x, y, z, label } of this.parts.dispatches) {
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

  /** Names of the outputs. */
  get outputNames(): string[] {
    return [...this.parts.outputs.keys()];
  }

  /** Shape and type of an output. */
  outputTensor(name: string): Tensor {
    return this.find('read', this.parts.outputs, name).tensor;
  }

  /** The kernels in the order in which they run. */
  get kernelNames(): string[] {
    return this.parts.dispatches.map(({ label }) => label);
  }

  /** Where an output lies, for copies and further plans. */
  slice(name: string): BufferSlice {
    return this.find('slice', this.parts.outputs, name);
  }

  /** The values of an output after the runs submitted so far; float16 is widened. */
  async read(name: string): Promise<Float32Array | Int32Array> {
    const slot = this.find('read', this.parts.outputs, name);
    const { dtype, shape, size } = slot.tensor;
    if (size === 0) return dtype === 'i32' ? new Int32Array(0) : new Float32Array(0);
    const bytes = await this.device.readback.read({ ...slot, size: bytesOf(shape, dtype) });
    if (dtype === 'f16') return fromHalf(new Uint16Array(bytes, 0, size));
    return dtype === 'i32' ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  /** The values of a float output with its shape. */
  async readTensor(name: string): Promise<{ shape: number[]; data: Float32Array }> {
    const data = await this.read(name);
    return { shape: [...this.parts.outputs.get(name)!.tensor.shape], data: Float32Array.from(data) };
  }

  /** Frees the plan's buffers. Runs and reads afterwards are errors. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    for (const buffer of this.parts.buffers) this.device.buffers.free(buffer);
    this.parts.placement.release();
  }

  private writeStep(values: StepValues): void {
    this.checkAlive('run');
    writeStepValues(values, this.stepView, this.parts.stepSlots);
    this.device.gpu.queue.writeBuffer(this.parts.stepBuffer, 0, this.stepBytes);
  }

  private find<T>(method: string, slots: ReadonlyMap<string, T>, name: string): T {
    this.checkAlive(method);
    const slot = slots.get(name);
    if (slot) return slot;
    const kind = method === 'write' ? 'input' : 'output';
    const names = [...slots.keys()];
    const expected = `an ${kind} of the plan: ${names.join(', ') || 'it has none'}`;
    throw unknownName(`Plan.${method}`, 'name', name, names, expected);
  }

  /** Whether its GPU was lost, and its buffers with it. */
  get isDead(): boolean {
    return this.generation !== this.device.generation;
  }

  private checkAlive(method: string): void {
    if (!this.destroyed && this.isDead) {
      throw new GradloomError({
        code: 'device-lost',
        op: `Plan.${method}`,
        got: 'a plan of a GPU that was lost',
        expected: 'a plan of the present one',
        fix: 'Compile the graph again',
      });
    }
    if (!this.destroyed) return;
    throw new GradloomError({
      code: 'argument',
      op: `Plan.${method}`,
      got: 'a plan that was destroyed',
      expected: 'a plan before destroy()',
      fix: 'Compile the graph again',
    });
  }
}

/** Compiles a graph: schedules it, allocates its memory, compiles its pipelines and binds everything once. */

import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import { checkOptions } from '../../checks';
import { assertInternal, GradloomError } from '../../errors';
import { alignTo, BINDING_ALIGNMENT, type BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import { writeUniforms } from '../../kernels/kernel';
import { type Dispatch, loadKernels } from '../compiler/load-kernels';
import { type ExecutionSchedule, scheduler } from '../compiler/schedule';
import { Graph, Storage, Tensor } from '../ir/graph';
import { Variable } from '../ir/variable';
import { type EncodedDispatch, Plan, type PlanTensor } from './plan';
import { STEP_BYTES, STEP_STRIDE, stepBytes } from './step-values';
import { VariableStore } from './variable-store';

export interface PlanOptions {
  /** Tensors whose values are read after a run, by name. */
  outputs?: Record<string, Tensor>;
  /** Storages that must lie at a given place, such as gradients in their arena. */
  placed?: ReadonlyMap<Storage, BufferSlice>;
  /** Placed storages that kernels add to instead of overwriting them. */
  accumulated?: ReadonlySet<Storage>;
  /** The kernel variant for one piece of work, instead of the one that would be chosen: how the tuner sees them all. */
  force?: { key: string; variant: string };
  /** A plan of the self-check, which is not checked itself. */
  isCheck?: boolean;
}

/**
 * Schedules the graph with kernels that the self-check, where there is one, found to be right on this adapter: when it
 * disables variants, the others are selected and checked.
 */
async function checkedSchedule(
  device: Device,
  graph: Graph,
  options: PlanOptions,
): Promise<ExecutionSchedule & { dispatches: Dispatch[] }> {
  const { outputs = {}, placed = new Map(), accumulated = new Set(), force, isCheck } = options;
  const lowered = scheduler(device, graph, Object.values(outputs), [...placed.keys()], accumulated);
  for (;;) {
    const scheduled = device.variants.withOverride(force, lowered);
    const dispatches = await loadKernels(scheduled.dispatches, device);
    if (!device.selfCheck || isCheck) return { ...scheduled, dispatches };
    const disabled = device.variants.excluded.length;
    // Compiled meanwhile; what fails here fails again where the pipeline is used.
    for (const { kernel, constants } of dispatches) device.pipelines.get(kernel, constants).catch(() => {});
    await device.selfCheck(graph.calls, dispatches);
    if (device.variants.excluded.length === disabled) return { ...scheduled, dispatches };
  }
}

const STORAGE_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

/**
 * Compiles a graph for a device. Variables that are not on the device yet are placed, for as long as the plan lives.
 * @throws GradloomError `out-of-memory` when the plan does not fit; nothing stays allocated then.
 */
export async function compile(device: Device, graph: Graph, options: PlanOptions = {}): Promise<Plan> {
  checkOptions('compile', options, ['outputs', 'placed', 'accumulated', 'force', 'isCheck']);
  const outputs = options.outputs ?? {};
  const { generation } = device;
  checkGraph(graph, outputs);
  graph.isCompiled = true;
  const placed = options.placed ?? new Map<Storage, BufferSlice>();
  const { dispatches, memory, owned } = await checkedSchedule(device, graph, options);
  const uniforms = layoutUniforms(dispatches);
  const stepSlots = 1 + Math.max(0, ...dispatches.map(({ stepSlot }) => stepSlot));
  device.buffers.require(
    [...memory.buffers, ...[...owned].map((s) => s.size), uniforms.total, stepBytes(stepSlots)],
    'compile',
  );

  const store = VariableStore.of(device);
  const placement = store.place([...graph.usedVariables.keys()]);
  const buffers: GPUBuffer[] = [];
  const allocate = (size: number, label: string, usage = STORAGE_USAGE()) => {
    const buffer = device.buffers.allocate(size, usage, label);
    buffers.push(buffer);
    return buffer;
  };
  try {
    const slices = new Map<Storage, BufferSlice>();
    for (const [storage, slice] of placed) slices.set(storage.root, slice);
    for (const [variable, tensor] of graph.usedVariables) {
      slices.set(tensor.storage.root, store.slice(variable));
    }
    const bound = dispatches.flatMap(({ bindings }) => Object.values(bindings));
    for (const { root } of [...bound, ...Object.values(outputs).map(({ storage }) => storage)]) {
      if (root.leaf?.kind === 'external') slices.set(root, root.leaf.slice);
    }
    const constants: [GPUBuffer, ArrayBufferView][] = [];
    const allocated = device.catchOutOfMemory(() => {
      const shared = memory.buffers.map((size, i) => allocate(size, `intermediate ${i}`));
      for (const [storage, index] of memory.place) {
        slices.set(storage, { buffer: shared[index], offset: 0, size: storage.size });
      }
      for (const storage of owned) {
        const leaf = storage.leaf!;
        const buffer = allocate(storage.size, leaf.kind === 'input' ? `input ${leaf.name}` : leaf.kind);
        slices.set(storage, { buffer, offset: 0, size: storage.size });
        if (leaf.kind === 'constant' && leaf.data.byteLength > 0) constants.push([buffer, leaf.data]);
      }
    }, 'compile');
    const safe = await withoutHazards(device, dispatches, slices, (size) =>
      allocate(size, 'copy of an operand'),
    );
    const layout = safe.length === dispatches.length ? uniforms : layoutUniforms(safe);
    const uniformUsage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const uniformBuffer = allocate(layout.total, 'uniforms', uniformUsage);
    const stepBuffer = allocate(stepBytes(stepSlots), 'step', uniformUsage);
    writeUniformBuffer(device, safe, layout, uniformBuffer);
    // Buffers that the GPU refused are neither written nor bound.
    const ready = Promise.all([allocated, placement.ready]).then(() => {
      for (const [buffer, data] of constants) {
        device.gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
      }
    });
    const planMemory = {
      slices,
      uniforms: { buffer: uniformBuffer, offsets: layout.offsets },
      stepBuffer,
      ready,
    };
    const encoded = await encodeDispatches(device, safe, planMemory);
    if (device.generation !== generation) {
      throw new GradloomError({ code: 'device-lost', op: 'compile', got: 'the GPU was lost meanwhile' });
    }
    const describe = (tensor: Tensor): PlanTensor => {
      const slice = slices.get(tensor.storage.root);
      assertInternal(slice, 'compile', 'a tensor has no memory');
      return { ...slice, tensor };
    };
    return new Plan(device, {
      dispatches: encoded,
      buffers,
      inputs: new Map(
        [...graph.inputs].map(([name, tensor]) => [
          name,
          { ...describe(tensor), checks: graph.checks.get(name) ?? [] },
        ]),
      ),
      outputs: new Map(Object.entries(outputs).map(([name, tensor]) => [name, describe(tensor)])),
      stepBuffer,
      stepSlots,
      firstUpdate: firstUpdateOf(safe, slices, parameterBuffers(graph, store)),
      placement,
      statistics: {
        dispatches: encoded.length,
        intermediateBytes: memory.buffers.reduce((sum, size) => sum + size, 0),
        lowerBoundBytes: memory.lowerBound,
        buffers: buffers.length,
      },
    });
  } catch (error) {
    for (const buffer of buffers) device.buffers.free(buffer);
    placement.release();
    throw error;
  }
}

const parameterBuffers = (graph: Graph, store: VariableStore): Set<GPUBuffer> =>
  new Set(
    [...graph.usedVariables.keys()].flatMap((variable) =>
      variable.trainable ? [store.slice(variable).buffer] : [],
    ),
  );

function firstUpdateOf(
  dispatches: readonly Dispatch[],
  slices: ReadonlyMap<Storage, BufferSlice>,
  parameters: ReadonlySet<GPUBuffer>,
): number {
  const updates = ({ kernel, bindings }: Dispatch) =>
    kernel.storage.some(
      ({ name, access }) => access !== 'read' && parameters.has(slices.get(bindings[name].root)!.buffer),
    );
  const first = dispatches.findIndex(updates);
  return first < 0 ? dispatches.length : first;
}

/**
 * Resolves read-write hazards: WebGPU forbids to bind one buffer for reading and for writing in a dispatch, even at
 * disjoint ranges, as happens when an operand is state in the same arena as the state that is written. Such an operand is
 * copied first.
 */
async function withoutHazards(
  device: Device,
  dispatches: readonly Dispatch[],
  slices: Map<Storage, BufferSlice>,
  allocate: (size: number) => GPUBuffer,
): Promise<Dispatch[]> {
  const all: Dispatch[] = [];
  for (const dispatch of dispatches) {
    const { node, kernel, bindings } = dispatch;
    const bufferOf = (name: string) => slices.get(bindings[name].root)?.buffer;
    const written = new Set(
      kernel.storage.filter(({ access }) => access !== 'read').map(({ name }) => bufferOf(name)),
    );
    const safe = { ...bindings };
    for (const { name, access } of kernel.storage) {
      if (access !== 'read' || !written.has(bufferOf(name))) continue;
      const source = bindings[name].root;
      const copy = new Storage(source.size);
      slices.set(copy, { buffer: allocate(source.size), offset: 0, size: source.size });
      const n = Math.ceil(source.size / 4);
      const launch = { node, kernel: copyForward, types: {}, constants: {}, stepSlot: 0 };
      const bound = { bindings: { x: source, y: copy }, reads: [source], writes: [copy] };
      all.push(
        ...(await loadKernels([{ ...launch, ...bound, params: { n }, size: { threads: n } }], device)),
      );
      safe[name] = copy;
    }
    all.push({ ...dispatch, bindings: safe });
  }
  return all;
}

/** @throws GradloomError `argument` for a graph that was compiled before, and for outputs that are not its tensors. */
function checkGraph(graph: Graph, outputs: Readonly<Record<string, unknown>>): void {
  const fail = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'argument', op: 'compile', argument, got, expected, fix });
  if (!(graph instanceof Graph)) throw fail('graph', String(graph), 'a Graph');
  if (graph.isCompiled) {
    throw fail('graph', 'one that was compiled before', 'a new graph', 'Record the computation again');
  }
  for (const [name, output] of Object.entries(outputs)) {
    if (output instanceof Tensor && output.graph === graph) continue;
    const isVariable = output instanceof Variable;
    const got = isVariable
      ? 'a parameter'
      : output instanceof Tensor
        ? 'a tensor of another graph'
        : String(output);
    throw fail(
      `outputs.${name}`,
      got,
      'a tensor of the graph',
      isVariable ? 'Use graph.tensor(parameter)' : undefined,
    );
  }
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

/** Where everything lies that a plan binds. */
interface PlanMemory {
  slices: ReadonlyMap<Storage, BufferSlice>;
  uniforms: { buffer: GPUBuffer; offsets: readonly number[] };
  stepBuffer: GPUBuffer;
  /** Resolves when the GPU has all of it. */
  ready: Promise<unknown>;
}

async function encodeDispatches(
  device: Device,
  dispatches: readonly Dispatch[],
  { slices: memory, uniforms, stepBuffer: step, ready }: PlanMemory,
): Promise<EncodedDispatch[]> {
  const [compiled] = await Promise.all([
    Promise.all(dispatches.map(({ kernel, constants }) => device.pipelines.get(kernel, constants))),
    ready,
  ]);
  return dispatches.map((dispatch, i) => {
    const { kernel, bindings, workgroups } = dispatch;
    const entries: GPUBindGroupEntry[] = kernel.storage.map(({ name, binding }) => {
      const slice = memory.get(bindings[name].root);
      assertInternal(slice, kernel.name, `binding ${name} has no memory`);
      return {
        binding,
        resource: { buffer: slice.buffer, offset: slice.offset, size: Math.max(16, alignTo(slice.size, 16)) },
      };
    });
    if (kernel.params) {
      const { binding, size } = kernel.params;
      entries.push({
        binding,
        resource: { buffer: uniforms.buffer, offset: uniforms.offsets[i], size },
      });
    }
    if (kernel.step !== undefined) {
      const offset = dispatch.stepSlot * STEP_STRIDE;
      entries.push({ binding: kernel.step, resource: { buffer: step, offset, size: STEP_BYTES } });
    }
    const { pipeline, layout } = compiled[i];
    const bindGroup = device.gpu.createBindGroup({ label: kernel.name, layout, entries });
    const [x, y, z] = workgroups;
    return { pipeline, bindGroup, x, y, z, label: kernel.name };
  });
}

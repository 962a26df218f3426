/** Lowering: each node becomes the kernel dispatches that compute its outputs. */
import { assertInternal, formatShape, GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import type { KernelDescription, UniformValue } from '../../kernels/kernel';
import { loopRounds, MAX_LOOP_ROUNDS } from '../../kernels/rounds';
import type { Graph, Node } from '../ir/graph';
import { bytesOf, type Shape, Storage, Tensor } from '../ir/graph';
import { workgroupsOf } from '../ir/grid';
import type { Lowering, Workgroups } from '../ir/op';
import type { DType } from '../ir/variable';
import { checkDispatch } from './check-dispatch';

/** One kernel launch over storages. */
export interface Dispatch {
  kernel: KernelDescription;
  /** Storage of each storage binding, by name. */
  bindings: Record<string, Storage>;
  params: Record<string, UniformValue>;
  constants: Record<string, number>;
  workgroups: Workgroups;
  /** Which of the plan's step structs the kernel reads. */
  stepSlot: number;
  reads: Storage[];
  writes: Storage[];
}

/** The dispatches of all nodes, in order. */
export function lower(nodes: readonly Node[], graph: Graph, device: Device): Dispatch[] {
  const dispatches: Dispatch[] = [];
  if (!device.features.f16) refuseHalf(nodes, graph);
  const emptyBuffer = graph.constant(new Float32Array(4), [4]);
  for (const node of nodes) {
    if (!node.op.lower) continue;
    const k: Lowering = {
      device,
      training: graph.training,
      emptyBuffer,
      nodeId: node.index,
      epilogue: node.epilogue,
      accumulate: (output) => (node.accumulate.has(output) ? 1 : 0),
      scratch: (shape: Shape, dtype: DType = 'f32') =>
        new Tensor(graph, shape, dtype, new Storage(bytesOf(shape, dtype))),
      dispatch(kernel, reads, writes, params, size, options = {}) {
        if (kernel.isCustom) checkDispatch(node.op.name, kernel, reads, writes, params, size);
        const constants: Record<string, number> = { ...options.constants };
        const workgroups = workgroupsOf(kernel, size, constants);
        if (workgroups.some((count) => count === 0)) return;
        const bindings: Record<string, Storage> = {};
        const halves: string[] = [];
        const given: Record<string, Tensor> = { ...(reads as Record<string, Tensor>), ...writes };
        for (const { name, type } of kernel.storage) {
          const tensor = given[name];
          assertInternal(tensor, kernel.name, `binding ${name} is missing`);
          const scalar = tensor.dtype === 'i32' ? 'i32' : 'f32';
          if (tensor.dtype === 'f16') halves.push(name);
          assertInternal(
            type === 'u32' || type === scalar || tensor === emptyBuffer,
            kernel.name,
            `binding ${name} holds ${type}, got ${tensor.dtype}`,
          );
          bindings[name] = tensor.storage;
        }
        const storages = (tensors: Record<string, Tensor>) =>
          Object.values(tensors).map((tensor) => tensor.storage);
        const accumulated = Object.entries(node.outputs)
          .filter(([name]) => node.accumulate.has(name))
          .map(([, tensor]) => tensor.storage);
        if (device.limitsLoops) {
          const rounds = loopRounds(kernel, { params, constants, workgroups });
          if (rounds > MAX_LOOP_ROUNDS) refuseLongLoop(node, kernel, rounds);
        }
        dispatches.push({
          kernel: device.pipelines.half(kernel, halves),
          bindings,
          params,
          constants,
          workgroups,
          stepSlot: options.stepSlot ?? 0,
          reads: [
            ...storages(reads),
            ...accumulated,
            ...(options.alsoReads ?? []).map((tensor) => tensor.storage),
          ],
          writes: storages(writes),
        });
      },
    };
    const { op, inputs, outputs, attrs } = node;
    const lowerNode = () => op.lower!({ ...inputs, ...outputs }, attrs, k);
    const choices = device.variants.recordSelections(workOf(node), lowerNode);
    device.tune?.(node, choices, graph.training);
  }
  return dispatches;
}

/** @throws GradloomError `unsupported` when anything is stored as float16. */
function refuseHalf(nodes: readonly Node[], graph: Graph): void {
  const tensors = [...graph.inputs.values(), ...nodes.flatMap((node) => Object.values(node.outputs))];
  const half = tensors.find((tensor) => tensor.dtype === 'f16');
  if (!half) return;
  throw new GradloomError({
    code: 'unsupported',
    op: half.node?.op.name ?? 'Graph.input',
    got: `float16 ${formatShape(half.shape)} on an adapter without the feature shader-f16`,
    fix: 'Use float32 here: device.features.f16 tells whether an adapter stores float16',
  });
}

/**
 * Lowerings cut long loops into several dispatches; what is beyond that would end early on some drivers, silently.
 * @throws GradloomError `unsupported`.
 */
function refuseLongLoop({ op, inputs }: Node, kernel: KernelDescription, rounds: number): never {
  const shapes = Object.entries(inputs).map(([name, value]) =>
    [value].flat().map((tensor) => `${name} ${formatShape(tensor.shape)}`),
  );
  throw new GradloomError({
    code: 'unsupported',
    op: op.name,
    got: `${shapes.flat().join(', ')}: ${Math.ceil(rounds)} loop rounds in one thread of ${kernel.name}`,
    expected: `at most ${MAX_LOOP_ROUNDS} on a CPU adapter`,
    fix: 'Split the long dimension, or use a GPU',
  });
}

/** Names the work of a node: op, shapes and plain attributes. */
function workOf({ op, attrs, inputs, epilogue }: Node): string {
  const tensors = (value: Tensor | Tensor[] | undefined): string =>
    Array.isArray(value) ? value.map(tensors).join(';') : value ? value.shape.join('x') : '';
  const shapes = Object.values(inputs).map(tensors).join(',');
  return `${op.name} ${shapes} ${JSON.stringify(plain(attrs)) ?? ''} ${epilogue?.kind ?? ''}`;
}

/** Attributes without what is not data: tensors, functions. */
function plain(value: unknown): unknown {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]));
}

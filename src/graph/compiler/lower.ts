/** Lowering: each node becomes the kernel dispatches that compute its outputs. */
import { assertInternal, formatShape, GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import type { KernelDescription, UniformValue } from '../../kernels/kernel';
import type { Graph, Node } from '../ir/graph';
import { bytesOf, type DispatchSize, type Shape, Storage, Tensor } from '../ir/graph';
import type { Lowering } from '../ir/op';
import type { DType } from '../ir/variable';
import { inputTensors } from './autodiff';
import { checkDispatch } from './check-dispatch';

/** One kernel launch over storages. The kernel's code need not be loaded: `loadKernels` makes it a `Dispatch`. */
export interface LoweredDispatch {
  node: Node;
  kernel: KernelDescription;
  /** Storage of each storage binding, by name. */
  bindings: Record<string, Storage>;
  /** What each binding holds; absent for an empty buffer, which stands for anything. */
  types: Record<string, DType>;
  params: Record<string, UniformValue>;
  constants: Record<string, number>;
  size: DispatchSize;
  /** Which of the plan's step structs the kernel reads. */
  stepSlot: number;
  reads: Storage[];
  writes: Storage[];
}

/** The dispatches of all nodes, in order. */
export function lower(nodes: readonly Node[], graph: Graph, device: Device): LoweredDispatch[] {
  const dispatches: LoweredDispatch[] = [];
  if (!device.features.f16) refuseHalf(nodes, graph);
  const emptyBuffer = graph.constant(new Float32Array(4), [4]);
  for (const node of nodes) {
    if (!node.op.lower) continue;
    const written = new Set(inputTensors(node).map(({ storage }) => storage.root));
    const holdsValues = ({ graph: own, storage: { root } }: Tensor) =>
      own === graph && (written.has(root) || root.leaf !== undefined);
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
        if (kernel.isCustom) checkDispatch(node.op.name, kernel, reads, writes, params, size, holdsValues);
        for (const { storage } of Object.values<Tensor>(writes)) written.add(storage.root);
        if (isEmpty(size)) return;
        const bindings: Record<string, Storage> = {};
        const types: Record<string, DType> = {};
        for (const [name, tensor] of Object.entries({ ...reads, ...writes } as Record<string, Tensor>)) {
          assertInternal(tensor, kernel.name, `binding ${name} is missing`);
          bindings[name] = tensor.storage;
          if (tensor !== emptyBuffer) types[name] = tensor.dtype;
        }
        const storages = (tensors: Record<string, Tensor>) =>
          Object.values(tensors).map((tensor) => tensor.storage);
        const accumulated = Object.entries(node.outputs)
          .filter(([name]) => node.accumulate.has(name))
          .map(([, tensor]) => tensor.storage);
        dispatches.push({
          node,
          kernel,
          bindings,
          types,
          params,
          constants: { ...options.constants },
          size,
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

/** Whether there is nothing to launch. */
const isEmpty = (size: DispatchSize): boolean =>
  ('threads' in size ? [size.threads] : 'workgroups' in size ? [size.workgroups] : size).includes(0);

/** Names the work of a node: op, shapes and plain attributes. */
function workOf({ op, attrs, inputs, epilogue }: Node): string {
  const tensors = (value: Tensor | Tensor[] | undefined): string =>
    Array.isArray(value) ? value.map(tensors).join(';') : value ? value.shape.join('x') : '';
  const shapes = Object.values(inputs).map(tensors).join(',');
  return `${op.name} ${shapes} ${JSON.stringify(plain(attrs)) ?? ''} ${epilogue?.kind ?? ''}`;
}

/** Attributes without what is not data: tensors, functions. A kernel, which need not be loaded, goes by its name. */
function plain(value: unknown): unknown {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  if ('file' in value && 'variant' in value) return `${value.file} ${value.variant}`;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]));
}

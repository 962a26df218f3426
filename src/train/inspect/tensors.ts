/** The memory plan of a graph, tensor by tensor. */
import type { ExecutionSchedule } from '../../graph/compiler/schedule';
import type { Graph, Node, Shape, Storage } from '../../graph/ir/graph';
import type { DType } from '../../graph/ir/variable';
import type { NodeOrigin } from './origin';

/** A tensor that has memory of its own while a plan runs. */
export interface PlannedTensor {
  /** `x of conv2d`: output and op; `input x`. Tensors that share memory, as reshaped ones, are one. */
  name: string;
  /** Path of the module, as in the state dict. */
  module: string;
  phase: 'input' | NodeOrigin['phase'];
  shape: Shape;
  dtype: DType;
  bytes: number;
  /** Dispatches from which to which it is needed; inputs and constants stay. */
  first: number;
  last: number;
  /** Number of the buffer, which tensors share that are not needed at the same time. */
  buffer?: number;
}

/** What has memory in a schedule, the largest first; parameters, gradients and optimizer state are elsewhere. */
export function plannedTensors(
  graph: Graph,
  { memory, owned, lifetimes, dispatches }: ExecutionSchedule,
  origins: ReadonlyMap<Node, NodeOrigin>,
): PlannedTensor[] {
  const named = new Map<Storage, Pick<PlannedTensor, 'name' | 'module' | 'phase' | 'shape' | 'dtype'>>();
  for (const [name, { storage, shape, dtype }] of graph.inputs)
    named.set(storage.root, { name: `input ${name}`, module: '', phase: 'input', shape, dtype });
  for (const node of graph.nodes) {
    if (!node.op.lower) continue;
    const { module = '', phase = 'forward' } = origins.get(node) ?? {};
    for (const [output, { storage, shape, dtype }] of Object.entries(node.outputs)) {
      const { root } = storage;
      if (!named.has(root))
        named.set(root, { name: `${output} of ${node.op.name}`, module, phase, shape, dtype });
    }
  }
  const unnamed = (size: number) =>
    ({ name: 'scratch', module: '', phase: 'forward', shape: [size / 4], dtype: 'f32' }) as const;
  const shared = lifetimes.map(({ storage, first, last }) => ({
    ...(named.get(storage) ?? unnamed(storage.size)),
    bytes: storage.size,
    first,
    last,
    buffer: memory.place.get(storage)!,
  }));
  const fixed = [...owned].map((storage) => ({
    ...(named.get(storage) ?? { ...unnamed(storage.size), name: 'constant', phase: 'input' as const }),
    bytes: storage.size,
    first: 0,
    last: dispatches.length,
  }));
  return [...shared, ...fixed].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
}

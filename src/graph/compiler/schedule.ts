/**
 * Execution schedule of a graph: fusion, lowering, dead-code elimination and memory planning. Needs limits of a device
 * but no GPU: nothing is allocated.
 */
import type { Device } from '../../gpu/device';
import type { Graph, Storage, Tensor } from '../ir/graph';
import { accumulatePlaced } from './accumulate-placed';
import { removeDead } from './dead-code';
import { fuse } from './fusion/fuse';
import { type LoweredDispatch, lower } from './lower';
import { type Lifetime, type MemoryPlan, planMemory } from './memory-plan';

export interface ExecutionSchedule {
  dispatches: LoweredDispatch[];
  /** Of intermediate results and outputs. */
  memory: MemoryPlan;
  /** Inputs and constants, which get buffers of their own. */
  owned: Set<Storage>;
  /** Of what the memory plan places. */
  lifetimes: Lifetime[];
}

/** Schedules a graph with the kernel variants that the device selects at this moment. */
export const schedule = (
  device: Device,
  graph: Graph,
  outputs: readonly Tensor[],
  placed: readonly Storage[] = [],
  accumulated: ReadonlySet<Storage> = new Set(),
): ExecutionSchedule => scheduler(device, graph, outputs, placed, accumulated)();

/**
 * Fuses a graph and returns the function that lowers it and plans its memory; calling it again follows variants that were
 * disabled meanwhile. Variables, external tensors and the storages in `placed` live elsewhere; kernels add to those in
 * `accumulated` instead of overwriting them.
 * One scheduler per graph: fusion makes its storages aliases of each other.
 */
export function scheduler(
  device: Device,
  graph: Graph,
  outputs: readonly Tensor[],
  placed: readonly Storage[],
  accumulated: ReadonlySet<Storage>,
): () => ExecutionSchedule {
  const kept = [...outputs.map(({ storage }) => storage), ...placed];
  const fused = fuse(graph.nodes, kept);
  const nodes = accumulated.size > 0 ? accumulatePlaced(fused, accumulated) : fused;
  return () => planDispatches(removeDead(lower(nodes, graph, device), kept), graph, outputs, placed);
}

function planDispatches(
  dispatches: LoweredDispatch[],
  graph: Graph,
  outputs: readonly Tensor[],
  placed: readonly Storage[],
): ExecutionSchedule {
  const elsewhere = new Set(placed.map((storage) => storage.root));
  const lifetimes = new Map<Storage, Lifetime>();
  const owned = new Set<Storage>();
  const touch = ({ root }: Storage, at: number) => {
    const kind = root.leaf?.kind;
    if (kind === 'external' || kind === 'variable' || elsewhere.has(root)) return;
    if (root.leaf) {
      owned.add(root);
      return;
    }
    const lifetime = lifetimes.get(root);
    if (lifetime) lifetime.last = Math.max(lifetime.last, at);
    else lifetimes.set(root, { storage: root, first: at, last: at });
  };
  dispatches.forEach((dispatch, i) => {
    for (const storage of Object.values(dispatch.bindings)) touch(storage, i);
  });
  for (const tensor of outputs) touch(tensor.storage, dispatches.length);
  for (const tensor of graph.inputs.values()) touch(tensor.storage, 0);
  const all = [...lifetimes.values()];
  return { dispatches, memory: planMemory(all), owned, lifetimes: all };
}

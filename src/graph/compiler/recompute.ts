/**
 * Activation checkpointing: the backward pass of a segment does not read what its forward pass computed, but records the
 * segment once more, right before it is differentiated, so that memory in between is free. The same nodes draw the same random
 * numbers; state is updated once.
 * Source: Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost; torch.utils.checkpoint.
 */
import { type Graph, type NamedTensors, type Node, Tensor } from '../ir/graph';

/** Nodes of a graph, to before `end`. */
interface Segment {
  first: number;
  end: number;
}

const segmentsOf = new WeakMap<Graph, Segment[]>();

/** Marks the nodes from `first` on that were recorded so far; segments may be nested. */
export function addSegment(graph: Graph, first: number): void {
  const segments = segmentsOf.get(graph) ?? [];
  segmentsOf.set(graph, segments);
  segments.push({ first, end: graph.nodes.length });
  graph.recomputation = (from, targets) => {
    const recomputation = new Recomputation(graph, segments, from, targets);
    return (node, position) => recomputation.tensorsOf(node, position);
  };
}

class Recomputation {
  private readonly segments: Segment[];
  private readonly done = new Set<Segment>();
  /** What stands for tensors of segments in their backward pass. */
  private readonly standIns = new Map<Tensor, Tensor>();

  /**
   * @param first the nodes before it are not differentiated
   * @param targets tensors that stay
   */
  constructor(
    private readonly graph: Graph,
    segments: readonly Segment[],
    first: number,
    private readonly targets: readonly Tensor[],
  ) {
    const within = segments.filter((segment) => segment.first >= first);
    this.segments = within.filter((inner) => !within.some((outer) => contains(outer, inner)));
  }

  /** Inputs and outputs of a node as its gradient is to see them. */
  tensorsOf(node: Node, position: number): NamedTensors {
    const tensors: NamedTensors = { ...node.inputs, ...node.outputs };
    const segment = this.segments.find(({ first, end }) => first <= position && position < end);
    if (!segment) return tensors;
    if (!this.done.has(segment)) this.record(segment);
    this.done.add(segment);
    return mapped(tensors, (tensor) => this.standIns.get(tensor) ?? tensor);
  }

  private record({ first, end }: Segment): void {
    const { graph } = this;
    const nodes = graph.nodes.slice(first, end);
    const after = graph.nodes.slice(end);
    const recomputed = new Map<Tensor, Tensor>();
    const { differentiating } = graph;
    for (const node of nodes) {
      graph.differentiating = node;
      for (const [name, tensor] of Object.entries(again(graph, node, recomputed)))
        recomputed.set(node.outputs[name], tensor);
    }
    graph.differentiating = differentiating;
    // What others read is there anyway.
    const kept = new Set([...this.targets, ...after.flatMap(({ inputs }) => Object.values(inputs).flat())]);
    for (const [tensor, standIn] of recomputed) if (!kept.has(tensor)) this.standIns.set(tensor, standIn);
  }
}

const contains = (outer: Segment, inner: Segment) =>
  outer !== inner && outer.first <= inner.first && inner.end <= outer.end;

/** Records a node once more, without what updates state; its outputs by name. */
function again(graph: Graph, node: Node, recomputed: ReadonlyMap<Tensor, Tensor>): Record<string, Tensor> {
  const isState = ({ storage }: Tensor) => storage.root.leaf?.kind === 'variable';
  const outputs = Object.entries(node.outputs);
  const state = new Set(node.op.lower ? outputs.map(([, tensor]) => tensor).filter(isState) : []);
  if (state.size === outputs.length && state.size > 0) return {};
  const roots = new Set([...state].map(({ storage }) => storage.root));
  const inputs = mapped(
    Object.fromEntries(
      Object.entries(node.inputs).filter(([, input]) =>
        [input].flat().every((tensor) => !(tensor instanceof Tensor && roots.has(tensor.storage.root))),
      ),
    ),
    (tensor) => recomputed.get(tensor) ?? tensor,
  );
  const found = graph.apply(node.op, inputs, node.attrs);
  // The number of a node tells its random numbers apart.
  graph.nodes[graph.nodes.length - 1].index = node.index;
  return found;
}

/** Records of tensors and lists of them with other tensors. */
const mapped = (tensors: NamedTensors, of: (tensor: Tensor) => Tensor): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(of) : value instanceof Tensor ? of(value) : value,
    ]),
  );

/**
 * Traces a model: which ops each module records, as a tree of module applications, calls of ops and nodes that no op
 * recorded (state that is written, detached tensors).
 */
import type { NamedTensors, Op, OpCall, Tensor } from '../graph/ir/graph';
import { Graph, Tensor as GraphTensor } from '../graph/ir/graph';
import type { Module } from '../nn/module';
import { joinPath } from '../nn/names';

/** A module applied once. */
export interface Application {
  kind: 'application';
  module: Module;
  path: string;
  /** Arguments as given, and what `forward` returned. */
  args: readonly unknown[];
  output: unknown;
  items: TraceItem[];
}

/** A call of an op; `items` is what it was composed of. */
export interface TracedCall {
  kind: 'call';
  op: string;
  inputs: NamedTensors;
  attrs: any;
  outputs: Record<string, Tensor>;
  items: TraceItem[];
}

export type TraceItem = Application | TracedCall;

/** A graph that notes its events in order. */
class TracingGraph extends Graph {
  items: TraceItem[] = [];
  /** Numbers of node and call at which each item began. */
  private readonly marks = new Map<TraceItem, { node: number; call: number }>();

  constructor(training: boolean) {
    super({ training });
    const { calls } = this;
    calls.push = (call: OpCall) => {
      const position = Array.prototype.push.call(calls, call);
      this.noteCall(call);
      return position;
    };
  }

  override apply(op: Op, inputs: NamedTensors, attrs: any): Record<string, Tensor> {
    const mark = { node: this.nodes.length, call: this.calls.length };
    const outputs = super.apply(op, inputs, attrs);
    this.note({ kind: 'call', op: op.name, inputs, attrs, outputs, items: [] }, mark);
    return outputs;
  }

  override detach(tensor: Tensor): Tensor {
    const y = super.detach(tensor);
    // Counts as part of what recorded the tensor: a composite detaches its result, callers what they have.
    const node = tensor.node?.index ?? -1;
    const item: TracedCall = {
      kind: 'call',
      op: 'detach',
      inputs: { x: tensor },
      attrs: {},
      outputs: { y },
      items: [],
    };
    this.note(item, { node, call: this.calls.length });
    return y;
  }

  /** Runs `work` and gathers what it records in an item of its own. */
  applied(application: Application, work: () => unknown): unknown {
    const outer = this.items;
    const mark = { node: this.nodes.length, call: this.calls.length };
    this.items = application.items;
    try {
      application.output = work();
    } finally {
      this.items = outer;
    }
    this.note(application, mark);
    return application.output;
  }

  private noteCall({ op, inputs, attrs, outputs, first, firstNode, standsFor }: OpCall): void {
    const items: TraceItem[] = [];
    for (let last = this.items.at(-1); last; last = this.items.at(-1)) {
      const { node, call } = this.marks.get(last)!;
      if (node < firstNode || call < first) break;
      items.unshift(this.items.pop()!);
    }
    const { name, ...instead } = standsFor ?? { name: op, inputs, attrs, outputs };
    this.note({ kind: 'call', op: name, ...instead, items }, { node: firstNode, call: first });
  }

  private note(item: TraceItem, mark: { node: number; call: number }): void {
    this.items.push(item);
    this.marks.set(item, mark);
  }
}

/** What a function recorded. */
export interface Trace {
  graph: Graph;
  /** The tensors that it was given, by name. */
  inputs: Record<string, Tensor>;
  items: TraceItem[];
  output: unknown;
}

/** Inputs of a trace: name, shape, type. */
export type TraceInput = readonly [name: string, shape: readonly number[], dtype: Tensor['dtype']];

/** Records `run`, with the applications of the modules below `root`. The modules are left as they were. */
export function trace(
  root: Module | undefined,
  inputs: readonly TraceInput[],
  training: boolean,
  run: (tensors: Tensor[]) => unknown,
): Trace {
  const graph = new TracingGraph(training);
  const tensors = inputs.map(([name, shape, dtype]) => graph.input(name, shape, dtype));
  const unwatch = root ? watch(root, graph) : [];
  try {
    const output = run(tensors);
    const named = Object.fromEntries(tensors.map((tensor, i) => [inputs[i][0], tensor]));
    return { graph, inputs: named, items: graph.items, output };
  } finally {
    for (const restore of unwatch) restore();
  }
}

/** Notes every application of the modules; returns the ways back. */
function watch(root: Module, graph: TracingGraph): (() => void)[] {
  const restores: (() => void)[] = [];
  const known = new Set<Module>();
  const visit = (module: Module, path: string) => {
    if (known.has(module)) return;
    known.add(module);
    // Parametrized modules have a forward of their own.
    const own = Object.getOwnPropertyDescriptor(module, 'forward');
    const forward = module.forward.bind(module);
    Object.defineProperty(module, 'forward', {
      configurable: true,
      enumerable: false,
      value: (...args: Parameters<typeof forward>) => {
        const application: Application = {
          ...{ kind: 'application', module, path },
          ...{ args, output: undefined, items: [] },
        };
        return graph.applied(application, () => forward(...args));
      },
    });
    restores.push(() => {
      delete (module as { forward?: unknown }).forward;
      if (own) Object.defineProperty(module, 'forward', own);
    });
    for (const [name, child] of module.namedChildren()) visit(child, joinPath(path, name));
  };
  visit(root, '');
  return restores;
}

/** All tensors in a value: in lists, records and objects such as `ModelOutput`, in order, with their names. */
export function* tensorsIn(value: unknown, name = '', depth = 0): Generator<[string, Tensor]> {
  if (value instanceof GraphTensor) yield [name, value];
  else if (typeof value === 'object' && value !== null && depth < 4 && !ArrayBuffer.isView(value)) {
    const entries = value instanceof Map ? value.entries() : Object.entries(value);
    for (const [key, item] of entries)
      yield* tensorsIn(item, /^\d+$/.test(String(key)) ? name : String(key), depth + 1);
  }
}

/** Where the nodes of a graph come from: module, phase and source line, noted while the graph is recorded. */
import type { Graph, Node } from '../../graph/ir/graph';
import type { Module } from '../../nn/module';
import { overrideMethod } from '../../nn/override';

export interface NodeOrigin {
  /** Path of the module, as in the state dict; empty for the model itself and for what is in no module. */
  module: string;
  /** Class of the module. */
  moduleType?: string;
  phase: 'forward' | 'backward';
  /** File, line and column of the model's code that recorded it (for gradients: that of the op differentiated). */
  source?: string;
  /** The node whose gradient it computes. */
  of?: Node;
}

/** Frames that a stack trace has to reach through. */
const STACK_DEPTH = 60;
/** Where the files of this library are; in a bundle they cannot be told from others. */
const LIBRARY = /^(.*\/)train\/inspect\/origin\.[jt]s/.exec(import.meta.url)?.[1];

/**
 * Notes the origin of each node that `record` adds to `graph`, by the modules in `models`.
 * @param models with the prefixes of their paths
 * @param record calls `markBackward` when the forward pass is recorded
 */
export function traceOrigins<T>(
  graph: Graph,
  models: readonly (readonly [prefix: string, model: Module])[],
  record: (markBackward: () => void) => T,
): { result: T; origins: ReadonlyMap<Node, NodeOrigin> } {
  const origins = new Map<Node, NodeOrigin>();
  const stack: { path: string; module: Module }[] = [];
  const unwatch = models.flatMap(([prefix, model]) =>
    [...model.namedModules(prefix)].map(([path, module]) => watch(path, module, stack)),
  );
  const limits = Error as { stackTraceLimit?: number };
  const limit = limits.stackTraceLimit;
  limits.stackTraceLimit = STACK_DEPTH;
  graph.onNode = (node) => void origins.set(node, originOf());
  let isBackward = false;
  const originOf = (): NodeOrigin => {
    const { differentiating: of } = graph;
    if (of) return { module: '', ...origins.get(of), phase: 'backward', of };
    if (isBackward) return { module: '', phase: 'backward' };
    const inner = stack.at(-1);
    const source = sourceLine(new Error().stack);
    return {
      module: inner?.path ?? '',
      ...(inner && { moduleType: inner.module.typeName }),
      phase: 'forward',
      ...(source && { source }),
    };
  };
  try {
    const markBackward = () => {
      isBackward = true;
    };
    return { result: record(markBackward), origins };
  } finally {
    graph.onNode = undefined;
    limits.stackTraceLimit = limit;
    for (const undo of unwatch.reverse()) undo();
  }
}

/** Keeps `stack` the modules whose forward runs. Returns what leaves the module as it was. */
const watch = (path: string, module: Module, stack: { path: string; module: Module }[]): (() => void) =>
  overrideMethod(module, 'forward', (forward) => (...args) => {
    stack.push({ path, module });
    try {
      return forward(...args);
    } finally {
      stack.pop();
    }
  });

/** The innermost frame of a stack trace that is not this library's: `model.ts:12:5`, as the engine has it. */
export function sourceLine(stack: string | undefined): string | undefined {
  if (LIBRARY === undefined) return undefined;
  for (const line of stack?.split('\n') ?? []) {
    const found = /(?:^|[(@\s])((?:[a-z][\w+.-]*:\/\/|\/|[A-Za-z]:\\)[^()\s]*?:\d+:\d+)\)?$/.exec(
      line.trim(),
    );
    if (!found) continue;
    const [, place] = found;
    const url = place.startsWith('/') ? `file://${place}` : place;
    const isLibrary = url.startsWith(LIBRARY) && !/\.test\.[jt]sx?/.test(url);
    if (!isLibrary && !/\/node_modules\/|^node:/.test(url)) return place;
  }
  return undefined;
}

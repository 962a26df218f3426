/** Which ops each module of a model records: the module tree with inputs and outputs, as seen during one forward. */
import type { Graph } from '../../graph/ir/graph';
import { Tensor } from '../../graph/ir/graph';
import { asModelOutput, ModelOutput } from '../../nn/model-output';
import type { Module } from '../../nn/module';
import { overrideMethod } from '../../nn/override';

/** One module, in the order of the model's tree. */
export interface TracedModule {
  /** Path of properties, as in the state dict; empty for the model itself. */
  path: string;
  depth: number;
  module: Module;
  /** Ranges of calls in the graph, one per time that the module was applied. */
  ranges: { start: number; end: number }[];
  /** Of its first application. */
  output?: Tensor;
}

/** Runs `model.forward(x)` and notes what every module does. The modules are left as they were. */
export function traceModules(model: Module, x: Tensor): TracedModule[] {
  const traced: TracedModule[] = [];
  const known = new Set<Module>();
  const visit = (module: Module, path: string, depth: number) => {
    if (known.has(module)) return;
    known.add(module);
    traced.push({ path, depth, module, ranges: [] });
    for (const [name, child] of module.namedChildren()) {
      visit(child, path ? `${path}.${name}` : name, depth + 1);
    }
  };
  visit(model, '', 0);
  const restore = traced.map((entry) => watch(entry, x.graph));
  try {
    model.forward(x);
  } finally {
    for (const one of restore) one();
  }
  return traced;
}

/** @returns what undoes it. */
function watch(entry: TracedModule, { calls }: Graph): () => void {
  return overrideMethod(entry.module, 'forward', (forward) => (...args) => {
    const start = calls.length;
    const output = forward(...args);
    entry.ranges.push({ start, end: calls.length });
    entry.output ??= tensorOf(output);
    return output;
  });
}

/** The main tensor of what a module gives: itself, a prediction, or the first of several by name. */
function tensorOf(output: unknown): Tensor | undefined {
  if (output instanceof Tensor || output instanceof ModelOutput) return asModelOutput(output).prediction;
  return Object.values(output ?? {}).find((value): value is Tensor => value instanceof Tensor);
}

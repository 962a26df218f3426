/** Overrides of a method of one module, as hooks: the class and other modules of it stay as they are. */
import { type Graph, Tensor } from '../graph/ir/graph';
import type { Module } from './module';

type Method = (...args: any[]) => any;

/**
 * Puts `make(method)` in the place of a method of this module alone. It is no property that the state dict sees.
 * @returns what undoes it.
 */
export function overrideMethod(module: Module, name: string, make: (method: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(module, name);
  const method = (module as unknown as Record<string, Method>)[name].bind(module);
  Object.defineProperty(module, name, { configurable: true, enumerable: false, value: make(method) });
  return () => {
    if (before) Object.defineProperty(module, name, before);
    else delete (module as unknown as Record<string, unknown>)[name];
  };
}

/** The graph of the first tensor among arguments, also in lists and records. */
export function graphOf(value: unknown, depth = 0): Graph | undefined {
  if (value instanceof Tensor) return value.graph;
  if (typeof value !== 'object' || value === null || depth > 2) return undefined;
  for (const item of Object.values(value)) {
    const graph = graphOf(item, depth + 1);
    if (graph) return graph;
  }
  return undefined;
}

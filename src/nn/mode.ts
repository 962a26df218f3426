/** Modules that always run in evaluation mode. */
import type { Module } from './module';
import { graphOf, overrideMethod } from './override';

/** Undoes `evalMode`. */
const undo = new WeakMap<Module, () => void>();

/**
 * Has a module and what is in it run in evaluation mode also while the rest is trained: dropout passes everything on, batch
 * norm uses its running statistics and leaves them as they are. It does not freeze parameters (see `freeze`). Holds for steps
 * that are compiled afterwards.
 * PyTorch: module.eval() after model.train().
 * @returns the module.
 */
export function evalMode<M extends Module>(module: M): M {
  if (undo.has(module)) return module;
  const restore = overrideMethod(module, 'forward', (forward) => (...args) => {
    const graph = graphOf(args);
    return graph ? graph.evaluating(() => forward(...args)) : forward(...args);
  });
  undo.set(module, restore);
  return module;
}

/** Undoes `evalMode`: the module follows the rest again. */
export function trainMode<M extends Module>(module: M): M {
  undo.get(module)?.();
  undo.delete(module);
  return module;
}

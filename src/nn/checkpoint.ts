/** Activation checkpointing per module. */
import { GradloomError, showValue } from '../errors';
import { matchesName } from '../glob';
import { addSegment } from '../graph/compiler/recompute';
import { Module } from './module';
import { graphOf, overrideMethod } from './override';

/**
 * Trades time for memory: in training the backward pass computes what happens inside the module once more instead of
 * keeping it. Gradients are the same bits, dropout included; running statistics are updated once. Call it before the model is
 * trained; within each other the outermost module counts.
 * @param patterns modules inside `module` to treat so, each by itself, as `layers.*`; without any the module itself
 * @returns the module
 * @throws GradloomError `argument` for what is no module, and a pattern that no module's name matches
 */
export function checkpoint<M extends Module>(module: M, ...patterns: string[]): M {
  if (!(module instanceof Module)) throw fail('module', showValue(module), 'a module');
  if (patterns.length === 0) recomputes(module);
  const named = [...module.namedModules()];
  for (const pattern of patterns) {
    const found = named.filter(([name]) => name !== '' && matchesName(pattern, name));
    if (found.length === 0)
      throw fail(
        pattern,
        'in no name of a module',
        `a name or a pattern with * as ${named[1]?.[0] ?? 'layers.0'}`,
      );
    for (const [, inner] of found) recomputes(inner);
  }
  return module;
}

const marked = new WeakSet<Module>();

/** Makes each call of the module's forward a segment of its own. Returns the function that undoes it. */
export function recomputes(module: Module): () => void {
  if (marked.has(module)) return () => {};
  marked.add(module);
  const restore = overrideMethod(module, 'forward', (forward) => (...args) => {
    const graph = graphOf(args);
    const first = graph?.nodes.length ?? 0;
    const output = forward(...args);
    if (graph?.training) addSegment(graph, first);
    return output;
  });
  return () => {
    marked.delete(module);
    restore();
  };
}

const fail = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'checkpoint', argument, got, expected });

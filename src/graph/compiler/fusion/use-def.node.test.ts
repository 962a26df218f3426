/** The use-def index: readers and writers by memory, and what rewrites make of them. */
import { describe, expect, it } from 'vitest';
import * as ops from '../../../ops';
import { Graph, type Node } from '../../ir/graph';
import { UseDef } from './use-def';

const make = () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const a = ops.exp(x);
  const view = ops.reshape(a, { shape: [6] });
  const b = ops.sin(view);
  const c = ops.mul(a, a);
  const node = (name: string) => graph.nodes.find(({ op }) => op.name === name)!;
  return { graph, x, a, view, b, c, node };
};

const namesOf = (nodes: readonly Node[]) => nodes.map(({ op }) => op.name);

describe('the index', () => {
  it('finds readers through views, each once, and leaves the views out', () => {
    const { graph, x, a, view, c } = make();
    const uses = new UseDef(graph.nodes, []);
    expect(namesOf(uses.readers(a))).toEqual(['sin', 'mul']);
    expect(uses.readers(view)).toEqual(uses.readers(a));
    expect(namesOf(uses.writers(view))).toEqual(['exp']);
    expect(uses.writers(x)).toEqual([]);
    expect(uses.readers(c)).toEqual([]);
  });

  it('knows what is seen from outside: what is kept, and leaves', () => {
    const { graph, x, a, view, b, c } = make();
    const uses = new UseDef(graph.nodes, [view.storage]);
    expect([x, a, view, b, c].map((tensor) => uses.isObservable(tensor))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(new UseDef(graph.nodes, []).onlyReader(a)).toBeUndefined();
    expect(uses.onlyReader(b)).toBeUndefined();
  });

  it('tells order', () => {
    const { graph, a, b, node } = make();
    const uses = new UseDef(graph.nodes, []);
    expect(uses.isBefore(node('exp'), node('mul'))).toBe(true);
    expect(uses.isBefore(node('mul'), node('exp'))).toBe(false);
    expect(uses.isReadBetween(a, node('exp'), node('mul'))).toBe(true);
    expect(uses.isReadBetween(a, node('sin'), node('mul'))).toBe(false);
    expect(uses.isWrittenBetween([a, b], node('exp'), node('mul'))).toBe(true);
    expect(uses.isWrittenBetween([a], node('exp'), node('mul'))).toBe(false);
  });
});

describe('a rewrite', () => {
  it('takes nodes away and puts others in their places', () => {
    const { graph, x, a, b, node } = make();
    const uses = new UseDef(graph.nodes, []);
    const [exp, sin] = [node('exp'), node('sin')];
    const both: Node = { ...exp, outputs: { y: a, b } };
    uses.apply({
      replace: [
        [exp, undefined],
        [sin, both],
      ],
    });
    expect(uses.nodes.filter(({ op }) => op.lower)).toEqual([both, node('mul')]);
    expect([uses.has(exp), uses.has(sin), uses.has(both)]).toEqual([false, false, true]);
    expect(uses.readers(x)).toEqual([both]);
    expect(uses.writers(b)).toEqual([both]);
    expect(namesOf(uses.readers(a))).toEqual(['mul']);
    expect(uses.isBefore(both, node('mul'))).toBe(true);
  });

  it('merges memory, what is kept with it', () => {
    const { graph, a, b, c, node } = make();
    const uses = new UseDef(graph.nodes, [c.storage]);
    uses.apply({ replace: [], alias: [[c.storage, b.storage]] });
    expect(c.storage.root).toBe(b.storage.root);
    expect(uses.isObservable(b)).toBe(true);
    expect(uses.writers(b)).toEqual([node('sin'), node('mul')]);
    expect(uses.isObservable(a)).toBe(false);
  });
});

/** Accumulation into placed gradients, graph in and graph out: by the kernel where it can add, else by one more node. */
import { expect, it } from 'vitest';
import { describeNodes } from '../../../e2e/support/graph';
import * as ops from '../../ops';
import { Graph, type Tensor } from '../ir/graph';
import { defineInternal } from '../ir/op';
import { accumulatePlaced } from './accumulate-placed';
import { gradients } from './autodiff';
import { fuse } from './fusion/fuse';

/** Backward nodes of a linear layer whose gradients of weight and bias are placed, and those named accumulate. */
function linearBackward(accumulated: readonly ('dweight' | 'dbias')[]): string[] {
  const graph = new Graph();
  const [x, weight, bias] = [[4, 3], [2, 3], [2]].map((shape, i) => graph.input('xwb'[i], shape));
  const y = ops.linear(x, weight, bias);
  const dy = graph.input('dy', y.shape);
  const [dweight, dbias] = gradients([y], [dy], [weight, bias]) as Tensor[];
  const names = { x, weight, bias, y, dy, dweight, dbias };
  const nodes = fuse(graph.nodes, [dweight.storage, dbias.storage]);
  const recorded = graph.nodes.length;
  const adding = accumulatePlaced(nodes, new Set(accumulated.map((name) => names[name].storage)));
  expect(graph.nodes).toHaveLength(recorded);
  return describeNodes(adding, names).slice(1);
}

it('adds in the kernel, to the outputs that are asked for', () => {
  expect(linearBackward([])).toEqual(['dweight, dbias = linearBackward(dy, x)']);
  expect(linearBackward(['dweight'])).toEqual(['+dweight, dbias = linearBackward(dy, x)']);
  expect(linearBackward(['dweight', 'dbias'])).toEqual(['dweight, dbias += linearBackward(dy, x)']);
});

it('adds in a node behind a kernel that cannot', () => {
  const graph = new Graph();
  const writes = defineInternal({
    name: 'writes',
    inputs: ['x'],
    outputs: ['y'],
    shape: ({ x }) => ({ y: x.shape }),
    lower() {},
  });
  const x = graph.input('x', [4]);
  const { y } = writes({ x }, undefined);
  expect(describeNodes(accumulatePlaced(graph.nodes, new Set([y.storage])), { x, y })).toEqual([
    't0 = writes(x)',
    'y = accumulateInto(t0, y)',
  ]);
  // The pass leaves the graph as it is.
  expect(describeNodes(graph.nodes, { x, y })).toEqual(['y = writes(x)']);
});

it('adds with the first of several kernels that write a gradient', () => {
  const graph = new Graph();
  const x = graph.input('x', [4]);
  const [dy, dz] = [graph.input('dy', [4]), graph.input('dz', [4])];
  const [dx] = gradients([ops.exp(x), ops.sin(x)], [dy, dz], [x]) as Tensor[];
  const adding = accumulatePlaced(fuse(graph.nodes, [dx.storage]), new Set([dx.storage]));
  expect(describeNodes(adding, { x, dy, dz, dx }).slice(-2)).toEqual([
    'dx += sinBackward(x, dz)',
    'dx += expBackward(t0, dy)',
  ]);
});

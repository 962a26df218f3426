/** Epilogue fusion, graph in and graph out: when it applies, and when not. */
import { describe, expect, it } from 'vitest';
import { describeNodes } from '../../../../e2e/support/graph';
import * as ops from '../../../ops';
import { Graph, type Tensor } from '../../ir/graph';
import { defineInternal, viewOf } from '../../ir/op';
import { gradients } from '../autodiff';
import { fuse } from './fuse';

/** Changes its input in place. */
const overwrite = defineInternal({
  name: 'overwrite',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: viewOf(x, x.shape) }),
  lower() {},
});

const make = () => {
  const graph = new Graph();
  const x = graph.input('x', [4, 3]);
  const weight = graph.input('weight', [2, 3]);
  const other = graph.input('other', [4, 2]);
  return { graph, x, weight, other };
};

/** The nodes after fusion; the named tensors in `kept` are outputs. */
function fused(names: Record<string, Tensor>, kept: readonly string[]): string[] {
  const { graph } = Object.values(names)[0];
  const nodes = fuse(
    graph.nodes,
    kept.map((name) => names[name].storage),
  );
  return describeNodes(nodes, names);
}

describe('the producer takes', () => {
  it.each([
    ['relu', (x: Tensor) => ops.relu(x)],
    ['gelu', (x: Tensor) => ops.gelu(x)],
    ['silu', (x: Tensor) => ops.silu(x)],
    ['sigmoid', (x: Tensor) => ops.sigmoid(x)],
    ['tanh', (x: Tensor) => ops.tanh(x)],
  ])('%s', (_, activate) => {
    const { x, weight } = make();
    const y = activate(ops.linear(x, weight));
    expect(fused({ x, weight, y }, ['y'])).toEqual(['y = batchedMatmul(x, weight) | activation()']);
  });

  it('the gradient of an activation', () => {
    const { graph, x, weight } = make();
    const hidden = ops.gelu(x);
    const y = ops.linear(hidden, weight);
    const dy = graph.input('dy', y.shape);
    const [dx] = gradients([y], [dy], [x]);
    expect(fused({ x, weight, hidden, y, dy, dx: dx! }, ['dx'])).toEqual([
      'hidden = gelu(x)',
      'y = batchedMatmul(hidden, weight)',
      'dx = batchedMatmul(dy, weight) | gradient(x)',
    ]);
  });

  it.each([
    ['x + other', (h: Tensor, other: Tensor) => ops.add(h, other)],
    ['other + x', (h: Tensor, other: Tensor) => ops.add(other, h)],
    ['x - (-1) other', (h: Tensor, other: Tensor) => ops.sub(h, other, { alpha: -1 })],
  ])('a residual: %s', (_, combine) => {
    const { x, weight, other } = make();
    const y = combine(ops.linear(x, weight), other);
    expect(fused({ x, weight, other, y }, ['y'])).toEqual(['y = batchedMatmul(x, weight) | add(other)']);
  });

  it.each([false, true])('a sum of two products, in the later one (operands swapped: %s)', (swapped) => {
    const { x, weight } = make();
    const [first, second] = [ops.linear(x, weight), ops.linear(x, weight)];
    const y = swapped ? ops.add(second, first) : ops.add(first, second);
    expect(fused({ x, weight, first, y }, ['y'])).toEqual([
      'first = batchedMatmul(x, weight)',
      'y = batchedMatmul(x, weight) | add(first)',
    ]);
  });

  it('an activation behind a view', () => {
    const { graph, weight } = make();
    const x = graph.input('x3', [2, 2, 3]);
    const y = ops.relu(ops.linear(x, weight));
    expect(fused({ x, weight, y }, ['y'])).toEqual(['y = batchedMatmul(x, weight) | activation()']);
  });

  it('an activation whose argument is read later too, which is then stored', () => {
    const { x, weight } = make();
    const hidden = ops.linear(x, weight);
    const active = ops.relu(hidden);
    const y = ops.mul(active, hidden);
    expect(fused({ x, weight, hidden, active, y }, ['y'])).toEqual([
      'active, hidden = batchedMatmul(x, weight) | activation()',
      'y = mul(active, hidden)',
    ]);
  });

  it('one epilogue, not two', () => {
    const { x, weight, other } = make();
    const active = ops.relu(ops.linear(x, weight));
    const y = ops.add(active, other);
    expect(fused({ x, weight, other, active, y }, ['y'])).toEqual([
      'active = batchedMatmul(x, weight) | activation()',
      'y = add(active, other)',
    ]);
  });
});

describe('nothing is fused', () => {
  /** Of a linear layer and what reads it. */
  const count = (build: (given: ReturnType<typeof make> & { hidden: Tensor }) => Tensor, keep = false) => {
    const given = make();
    const hidden = ops.linear(given.x, given.weight);
    const y = build({ ...given, hidden });
    const nodes = given.graph.nodes.filter(({ op }) => op.lower);
    const kept = keep ? [y.storage, hidden.storage] : [y.storage];
    const after = fuse(given.graph.nodes, kept).filter(({ op }) => op.lower);
    return [nodes.length, after.length];
  };

  it('unless the value in between is free: it is an output', () => {
    expect(count(({ hidden }) => ops.relu(hidden))).toEqual([2, 1]);
    expect(count(({ hidden }) => ops.relu(hidden), true)).toEqual([2, 2]);
  });

  it('when another node reads the value first', () => {
    expect(count(({ hidden }) => ops.mul(ops.exp(hidden), ops.relu(hidden)))).toEqual([4, 4]);
  });

  it('when another node reads the operand of a sum later', () => {
    expect(count(({ hidden, other }) => ops.mul(ops.add(hidden, other), hidden))).toEqual([3, 3]);
  });

  it.each([
    ['kernels do not know the activation', ({ hidden }) => ops.elu(hidden)],
    ['the sum is scaled', ({ hidden, other }) => ops.add(hidden, other, { alpha: 2 })],
    ['the sum is a difference', ({ hidden, other }) => ops.sub(hidden, other)],
    ['both operands are the value', ({ hidden }) => ops.add(hidden, hidden)],
    ['the other operand broadcasts', ({ hidden, graph }) => ops.add(hidden, graph.input('row', [2]))],
    ['the value broadcasts', ({ hidden, graph }) => ops.add(hidden, graph.input('big', [3, 4, 2]))],
  ] as [string, (given: ReturnType<typeof make> & { hidden: Tensor }) => Tensor][])('when %s', (_, build) => {
    expect(count(build)).toEqual([2, 2]);
  });

  it('when an operand of the producer is overwritten in between', () => {
    const build = ({ hidden, weight }: { hidden: Tensor; weight: Tensor }) => {
      overwrite({ x: weight }, undefined);
      return ops.relu(hidden);
    };
    expect(count(build)).toEqual([3, 3]);
  });

  it('when the type changes', () => {
    const graph = new Graph();
    const half = (name: string, shape: number[]) => graph.input(name, shape, 'f16');
    const hidden = ops.linear(half('x', [4, 3]), half('weight', [2, 3]));
    const same = ops.add(hidden, half('a', [4, 2]));
    expect(fuse(graph.nodes, [same.storage])).toHaveLength(1);
    const wide = new Graph();
    const input = (name: string, shape: number[], dtype: 'f16' | 'f32') => wide.input(name, shape, dtype);
    const product = ops.linear(input('x', [4, 3], 'f16'), input('weight', [2, 3], 'f16'));
    const y = ops.add(product, input('b', [4, 2], 'f32'));
    expect([product.dtype, y.dtype]).toEqual(['f16', 'f32']);
    expect(fuse(wide.nodes, [y.storage])).toHaveLength(2);
  });

  it('with an op that is only named like an activation', () => {
    const given = make();
    const hidden = ops.linear(given.x, given.weight);
    const relu = defineInternal({
      name: 'relu',
      inputs: ['x'],
      outputs: ['y'],
      shape: ({ x }) => ({ y: x.shape }),
      lower() {},
    });
    const { y } = relu({ x: hidden }, undefined);
    expect(fuse(given.graph.nodes, [y.storage])).toHaveLength(2);
  });
});

/** Gradients of a linear layer's weight and bias in one node, graph in and graph out. */
import { describe, expect, it } from 'vitest';
import { describeNodes } from '../../../../e2e/support/graph';
import * as ops from '../../../ops';
import { Graph, type Tensor } from '../../ir/graph';
import { gradients } from '../autodiff';
import { fuse } from './fuse';

type Inputs = Record<'x' | 'weight' | 'bias', Tensor>;

/** The backward nodes for these inputs, after fusion. */
function backward(wanted: (keyof Inputs)[], layer: (inputs: Inputs) => Tensor, biasShape = [2]): string[] {
  const graph = new Graph();
  const x = graph.input('x', [4, 3]);
  const weight = graph.input('weight', [2, 3]);
  const bias = graph.input('bias', biasShape);
  const inputs = { x, weight, bias };
  const y = layer(inputs);
  const forward = graph.nodes.length;
  const dy = graph.input('dy', y.shape);
  const found = gradients(
    [y],
    [dy],
    wanted.map((name) => inputs[name]),
  ) as Tensor[];
  const names = Object.fromEntries(found.map((gradient, i) => [`d${wanted[i]}`, gradient]));
  const recorded = graph.nodes.slice(0, forward);
  const nodes = fuse(
    graph.nodes,
    found.map(({ storage }) => storage),
  );
  return describeNodes(
    nodes.filter((node) => !recorded.includes(node)),
    { ...inputs, dy, ...names },
  );
}

const linear = ({ x, weight, bias }: Inputs) => ops.linear(x, weight, bias);

describe('the product for the weight gives the gradient of the bias', () => {
  it('of a linear layer', () => {
    expect(backward(['x', 'weight', 'bias'], linear)).toEqual([
      'dweight, dbias = linearBackward(dy, x)',
      'dx = batchedMatmul(dy, weight)',
    ]);
  });

  it('of a batch of one', () => {
    const graph = new Graph();
    const [x, weight, bias, dy] = [[1, 3], [2, 3], [2], [1, 2]].map((shape, i) => graph.input(`${i}`, shape));
    const y = ops.linear(x, weight, bias);
    const found = gradients([y], [dy], [weight, bias]) as Tensor[];
    const nodes = fuse(
      graph.nodes,
      found.map(({ storage }) => storage),
    );
    expect(nodes.filter(({ op }) => op.lower).map(({ op }) => op.name)).toEqual([
      'batchedMatmul',
      'linearBackward',
    ]);
  });
});

describe('a sum and a product of their own', () => {
  it('when only one of the two gradients is wanted', () => {
    expect(backward(['weight'], linear)).toEqual(['dweight = batchedMatmul(dy, x)']);
    expect(backward(['bias'], linear)).toEqual(['dbias = sumTo(dy)']);
  });

  it('when the product reads the transpose of the matrix, or the bias is a column or a number', () => {
    const addmm = ({ x, weight, bias }: Inputs) => ops.addmm(bias, x, ops.permute(weight, { dims: [1, 0] }));
    for (const shape of [[2], [4, 1], []])
      expect(
        backward(['bias', 'weight'], addmm, shape).filter((line) => line.includes('linearBackward')),
      ).toEqual([]);
  });

  it('when the products are scaled', () => {
    const addmm = ({ x, weight, bias }: Inputs) =>
      ops.addmm(bias, x, ops.permute(weight, { dims: [1, 0] }), { alpha: 2, beta: 3 });
    expect(backward(['bias', 'weight'], addmm).filter((line) => line.includes('linearBackward'))).toEqual([]);
  });
});

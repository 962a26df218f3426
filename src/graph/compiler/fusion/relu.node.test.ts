/** Relu in the kernels of batch norm and max pooling, graph in and graph out: what is fused, and what keeps it away. */
import { describe, expect, it } from 'vitest';
import { describeNodes } from '../../../../e2e/support/graph';
import * as ops from '../../../ops';
import { Graph, type Tensor } from '../../ir/graph';
import { defineInternal, viewOf } from '../../ir/op';
import { gradients } from '../autodiff';
import { fuse } from './fuse';

type Named = Record<string, Tensor>;

/** Changes its input in place. */
const overwrite = defineInternal({
  name: 'overwrite',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: viewOf(x, x.shape) }),
  lower() {},
});

/** The nodes after fusion; `kept` are outputs. */
function fused(names: Named, kept: readonly Tensor[]): string[] {
  const nodes = fuse(
    kept[0].graph.nodes,
    kept.map(({ storage }) => storage),
  );
  return describeNodes(nodes, names);
}

const SHAPE = [2, 3, 4, 4];

describe('batch norm', () => {
  const make = () => {
    const graph = new Graph({ training: true });
    const [x, r] = ['x', 'r'].map((name) => graph.input(name, SHAPE));
    const statistic = () => graph.external({ buffer: {} as GPUBuffer, offset: 0, size: 12 }, [3]);
    const [mean, variance] = [statistic(), statistic()];
    const dy = graph.input('dy', SHAPE);
    return { graph, x, r, mean, variance, dy };
  };
  type Given = ReturnType<typeof make>;

  it('takes relu', () => {
    const { x } = make();
    const y = ops.relu(ops.batchNorm(x).y);
    expect(fused({ x, y }, [y])).toEqual(['y, t0 = batchNormalize+relu(x)']);
  });

  it('takes relu both ways', () => {
    const { x, dy } = make();
    const y = ops.relu(ops.batchNorm(x).y);
    const [dx] = gradients([y], [dy], [x]);
    expect(fused({ x, y, dy, dx: dx! }, [y, dx!])).toEqual([
      'y, t0 = batchNormalize+relu(x)',
      'dx, t1, t2 = batchNormalizeBackward+relu(x, t0, y, dy)',
    ]);
  });

  it.each([false, true])('takes a residual and relu, and gives its gradient (swapped: %s)', (swapped) => {
    const { x, r, dy } = make();
    const value = ops.batchNorm(x).y;
    const y = ops.relu(swapped ? ops.add(r, value) : ops.add(value, r));
    const [dx, dr] = gradients([y], [dy], [x, r]);
    expect(fused({ x, r, y, dy, dx: dx!, dr: dr! }, [y, dx!, dr!])).toEqual([
      'y, t0 = batchNormalize+relu(x, r)',
      'dx, t1, t2, dr = batchNormalizeBackward+relu+residual(x, t0, y, dy)',
    ]);
  });

  it('takes a residual without a gradient', () => {
    const { x, r, dy } = make();
    const y = ops.relu(ops.add(ops.batchNorm(x).y, r));
    const [dx] = gradients([y], [dy], [x]);
    expect(fused({ x, r, y, dy, dx: dx! }, [y, dx!])).toEqual([
      'y, t0 = batchNormalize+relu(x, r)',
      'dx, t1, t2 = batchNormalizeBackward+relu(x, t0, y, dy)',
    ]);
  });

  it('takes the result of another batch norm, which stays', () => {
    const { x, r } = make();
    const [a, b] = [ops.batchNorm(x).y, ops.batchNorm(r).y];
    const y = ops.relu(ops.add(a, b));
    expect(fused({ x, r, a, b, y }, [y])).toEqual([
      'b, t0 = batchNormalize(r)',
      'y, t1 = batchNormalize+relu(x, b)',
    ]);
  });

  /** Lines with relu in a kernel of batch norm. */
  const count = (build: (given: Given, value: Tensor) => Tensor[]) => {
    const given = make();
    const kept = build(given, ops.batchNorm(given.x).y);
    return fused({}, kept).filter((line) => line.includes('+relu')).length;
  };

  it('takes it in these tests', () => {
    expect(count((_, value) => [ops.relu(value)])).toBe(1);
  });

  it.each([
    ['its result is an output', (_, value) => [ops.relu(value), value]],
    ['its result is read by others', (_, value) => [ops.mul(ops.relu(value), value)]],
    [
      'the sum is an output',
      ({ r }, value) => {
        const sum = ops.add(value, r);
        return [ops.relu(sum), sum];
      },
    ],
    [
      'the sum is read by others',
      ({ r }, value) => {
        const sum = ops.add(value, r);
        return [ops.mul(ops.relu(sum), sum)];
      },
    ],
    ['the sum is scaled', ({ r }, value) => [ops.relu(ops.add(value, r, { alpha: 2 }))]],
    ['the result is added to itself', (_, value) => [ops.relu(ops.add(value, value))]],
    ['the residual broadcasts', ({ graph }, value) => [ops.relu(ops.add(value, graph.input('row', [4])))]],
    [
      'the residual has another shape of the same size',
      ({ graph }, value) => [
        ops.relu(
          ops.reshape(ops.add(ops.reshape(value, { shape: [6, 16] }), graph.input('rows', [6, 16])), {
            shape: SHAPE,
          }),
        ),
      ],
    ],
    [
      'the residual has another type',
      ({ graph }, value) => [ops.relu(ops.add(value, graph.input('half', SHAPE, 'f16')))],
    ],
    ['another activation follows', (_, value) => [ops.silu(value)]],
    [
      'its input is overwritten before the relu',
      ({ x }, value) => {
        overwrite({ x }, undefined);
        return [ops.relu(value)];
      },
    ],
    [
      'the residual is overwritten before the relu',
      ({ r }, value) => {
        const sum = ops.add(value, r);
        overwrite({ x: r }, undefined);
        return [ops.relu(sum)];
      },
    ],
    [
      'the gradient comes past the relu',
      ({ x, dy }, value) => {
        const [dx] = gradients([value], [dy], [x]);
        return [ops.relu(value), dx!];
      },
    ],
    [
      'the gradient behind the relu is an output',
      ({ x, dy }, value) => {
        const [dx, dvalue] = gradients([ops.relu(value)], [dy], [x, value]);
        return [dx!, dvalue!];
      },
    ],
  ] as [string, (given: Given, value: Tensor) => Tensor[]][])('leaves relu alone where %s', (_, build) => {
    expect(count(build)).toBe(0);
  });

  it('stays in place while others use the running statistics that it updates', () => {
    const { x, r, mean, variance } = make();
    const first = ops.batchNorm(x, null, null, mean, variance).y;
    const second = ops.batchNorm(r, null, null, mean, variance).y;
    const [a, b] = [ops.relu(first), ops.relu(second)];
    expect(fused({ x, r, mean, variance, a, b }, [a, b])).toEqual([
      't0, t1, mean, variance = batchNormalize(x, mean, variance)',
      'a = relu(t0)',
      'b, t2, mean, variance = batchNormalize+relu(r, mean, variance)',
    ]);
  });
});

describe('max pooling', () => {
  const make = () => {
    const graph = new Graph();
    const x = graph.input('x', SHAPE);
    const dy = graph.input('dy', [2, 3, 2, 2]);
    return { graph, x, dy, value: ops.relu(x) };
  };
  const pool = (x: Tensor) => ops.maxPool2d(x, { kernelSize: 2 });

  it('takes relu', () => {
    const { x, value } = make();
    const y = pool(value);
    expect(fused({ x, y }, [y])).toEqual(['y, t0 = maxWindows+relu(x)']);
  });

  it('takes relu both ways', () => {
    const { x, dy, value } = make();
    const y = pool(value);
    const [dx] = gradients([y], [dy], [x]);
    expect(fused({ x, y, dy, dx: dx! }, [y, dx!])).toEqual([
      'y, t0 = maxWindows+relu(x)',
      'dx = maxWindowsBackward(t0, dy)',
    ]);
  });

  it('leaves relu to a batch norm before it', () => {
    const graph = new Graph({ training: true });
    const x = graph.input('x', SHAPE);
    const between = ops.relu(ops.batchNorm(x).y);
    const y = pool(between);
    expect(fused({ x, between, y }, [y])).toEqual([
      'between, t0 = batchNormalize+relu(x)',
      'y, t1 = maxWindows(between)',
    ]);
  });

  it.each([
    ['its result is an output', ({ value }) => [pool(value), value]],
    ['others read its result', ({ value }) => [pool(value), ops.exp(value)]],
    ['two poolings read its result', ({ value }) => [pool(value), pool(value)]],
    [
      'positions are an output',
      ({ value }) => {
        const { y, indices } = ops.maxPool2d(value, {
          kernelSize: 2,
          returnIndices: true,
        }) as unknown as Named;
        return [y, indices];
      },
    ],
    [
      'the gradient of its result is an output',
      ({ x, dy, value }) => {
        const [dx, dvalue] = gradients([pool(value)], [dy], [x, value]);
        return [dx!, dvalue!];
      },
    ],
    [
      'the gradient of its result has another summand',
      ({ x, dy, value, graph }) => {
        const dother = graph.input('dother', SHAPE);
        const [dx] = gradients([pool(value), ops.exp(value)], [dy, dother], [x]);
        return [dx!];
      },
    ],
    [
      'its input is overwritten before the pooling',
      ({ x, value }) => {
        overwrite({ x }, undefined);
        return [pool(value)];
      },
    ],
    ['another activation precedes', ({ x }) => [pool(ops.sigmoid(x))]],
  ] as [string, (given: ReturnType<typeof make>) => Tensor[]][])('leaves relu alone where %s', (_, build) => {
    const kept = build(make());
    expect(fused({}, kept).filter((line) => line.includes('+relu'))).toEqual([]);
  });
});

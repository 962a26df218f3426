/** Gradient accumulation in place, graph in and graph out: what is folded, and what keeps a sum a node of its own. */
import { describe, expect, it } from 'vitest';
import { describeNodes } from '../../../../e2e/support/graph';
import { Graph, type Tensor } from '../../ir/graph';
import { defineInternal } from '../../ir/op';
import { accumulate } from '../autodiff';
import { fuse } from './fuse';

/** y = f(x) with kernels that can add to y, and one whose kernels cannot. */
const adds = defineInternal({
  name: 'adds',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  fusion: { accumulates: ['y'] },
  lower() {},
});
const writes = defineInternal({
  name: 'writes',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower() {},
});
/** Two outputs, of which the second can be added to. */
const pair = defineInternal({
  name: 'pair',
  inputs: ['x'],
  outputs: ['y', 'z'],
  shape: ({ x }) => ({ y: x.shape, z: x.shape }),
  fusion: { accumulates: ['z'] },
  lower() {},
});

const add = (x: Tensor) => adds({ x }, undefined).y;
const write = (x: Tensor) => writes({ x }, undefined).y;
const sum = (a: Tensor, b: Tensor) => accumulate({ a, b }, undefined).y;

/** The nodes of a graph that sums values of x, after fusion. */
function fused(build: (x: Tensor) => { kept: Tensor[] } & Record<string, Tensor | Tensor[]>): string[] {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const { kept, ...names } = build(x);
  const nodes = fuse(
    graph.nodes,
    kept.map(({ storage }) => storage),
  );
  return describeNodes(nodes, { x, ...(names as Record<string, Tensor>) });
}

describe('a sum is folded', () => {
  it('into the kernel that computes the later summand, whichever operand that is', () => {
    for (const swapped of [false, true]) {
      const lines = fused((x) => {
        const [a, b] = [write(x), add(x)];
        const y = swapped ? sum(b, a) : sum(a, b);
        return { y, kept: [y] };
      });
      expect(lines).toEqual(['y = writes(x)', 'y += adds(x)']);
    }
  });

  it('one after the other', () => {
    const lines = fused((x) => {
      const y = sum(sum(sum(add(x), add(x)), add(x)), add(x));
      return { y, kept: [y] };
    });
    expect(lines).toEqual(['y = adds(x)', 'y += adds(x)', 'y += adds(x)', 'y += adds(x)']);
  });

  it('although the earlier summand is read, as long as that happens before', () => {
    const lines = fused((x) => {
      const a = write(x);
      const other = write(a);
      const y = sum(a, add(x));
      return { y, other, kept: [y, other] };
    });
    expect(lines).toEqual(['y = writes(x)', 'other = writes(y)', 'y += adds(x)']);
  });

  it('into one output of several', () => {
    const lines = fused((x) => {
      const a = write(x);
      const { y: first, z } = pair({ x }, undefined);
      const y = sum(a, z);
      return { y, first, kept: [y, first] };
    });
    expect(lines).toEqual(['y = writes(x)', 'first, +y = pair(x)']);
  });

  it('as far as later sums leave its value alone', () => {
    // `middle` is an output: the next sum must not add to its memory.
    const lines = fused((x) => {
      const middle = sum(write(x), add(x));
      const y = sum(middle, add(add(middle)));
      return { middle, y, kept: [middle, y] };
    });
    expect(lines).toEqual([
      'middle = writes(x)',
      'middle += adds(x)',
      't0 = adds(middle)',
      't1 = adds(t0)',
      'y = accumulate(middle, t1)',
    ]);
  });
});

describe('a sum stays', () => {
  const expectSum = (build: Parameters<typeof fused>[0]) =>
    expect(fused(build).filter((line) => line.includes('accumulate'))).toHaveLength(1);

  it('when the kernel of the later summand cannot add', () => {
    expectSum((x) => {
      const y = sum(add(x), write(x));
      return { y, kept: [y] };
    });
  });

  it('when the output is not the one that the kernel adds to', () => {
    expectSum((x) => {
      const y = sum(write(x), pair({ x }, undefined).y);
      return { y, kept: [y] };
    });
  });

  it('when a summand is an output itself', () => {
    for (const which of [0, 1]) {
      expectSum((x) => {
        const summands = [add(x), add(x)];
        const y = sum(summands[0], summands[1]);
        return { y, kept: [y, summands[which]] };
      });
    }
  });

  it('when a summand is an input', () => {
    expectSum((x) => {
      const y = sum(x, add(x));
      return { y, kept: [y] };
    });
  });

  it('when both summands are one tensor, or outputs of one node', () => {
    expectSum((x) => {
      const a = add(x);
      const y = sum(a, a);
      return { y, kept: [y] };
    });
    expectSum((x) => {
      const { y: a, z } = pair({ x }, undefined);
      const y = sum(a, z);
      return { y, kept: [y] };
    });
  });

  it('when the later summand is read by others', () => {
    expectSum((x) => {
      const [a, b] = [write(x), add(x)];
      const other = write(b);
      const y = sum(a, b);
      return { y, other, kept: [y, other] };
    });
  });

  it('when the earlier summand is read after the later one is computed, or by its kernel', () => {
    expectSum((x) => {
      const [a, b] = [write(x), add(x)];
      const y = sum(a, b);
      const other = write(a);
      return { y, other, kept: [y, other] };
    });
    expectSum((x) => {
      const a = write(x);
      const y = sum(a, add(a));
      return { y, kept: [y] };
    });
  });
});

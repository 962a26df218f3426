/** Lowering: which memory a dispatch reads and writes, what is left out, and what is refused. */
import { describe, expect, it } from 'vitest';
import { planningDevice } from '../../gpu/planning';
import type { Kernel } from '../../kernels/kernel';
import * as ops from '../../ops';
import { Graph, type Node, type Tensor } from '../ir/graph';
import { defineInternal, type Lowering } from '../ir/op';
import { complete } from './load-kernels';
import { lower } from './lower';

const kernel = {
  name: 'test_forward',
  file: 'test.forward.wgsl',
  variant: '',
  storage: [
    { name: 'x', binding: 0, access: 'read', type: 'f32' },
    { name: 'y', binding: 1, access: 'read_write', type: 'f32' },
  ],
} as unknown as Kernel<'x', 'y', never>;

/** An op whose lowering is given. */
const made = (lowering: (tensors: { x: Tensor; y: Tensor }, k: Lowering) => void) =>
  defineInternal({
    name: 'test',
    inputs: ['x'],
    outputs: ['y'],
    shape: ({ x }) => ({ y: x.shape }),
    fusion: { accumulates: ['y'] },
    lower: (tensors, _: undefined, k) => lowering(tensors, k),
  });

const plain = made(({ x, y }, k) => k.dispatch(kernel, { x }, { y }, {}, [1, 1, 1]));
const device = planningDevice();

describe('a dispatch', () => {
  it('binds memory by the names in the shader', () => {
    const graph = new Graph();
    const x = graph.input('x', [4]);
    const { y } = plain({ x }, undefined);
    const [dispatch, ...more] = lower(graph.nodes, graph, device);
    expect(more).toEqual([]);
    expect(dispatch).toMatchObject({ kernel, size: [1, 1, 1], constants: {} });
    expect(dispatch.bindings).toEqual({ x: x.storage, y: y.storage });
    expect([dispatch.reads, dispatch.writes]).toEqual([[x.storage], [y.storage]]);
  });

  it('reads what it adds to, and what it is told to wait for', () => {
    const graph = new Graph();
    const [x, other] = [graph.input('x', [4]), graph.input('other', [4])];
    const waits = made(({ x, y }, k) =>
      k.dispatch(kernel, { x }, { y }, {}, [1, 1, 1], { alsoReads: [other] }),
    );
    const { y } = waits({ x }, undefined);
    const adding: Node = { ...graph.nodes[0], accumulate: new Set(['y']) };
    expect(lower([adding], graph, device)[0].reads).toEqual([x.storage, y.storage, other.storage]);
    expect(lower(graph.nodes, graph, device)[0].reads).toEqual([x.storage, other.storage]);
  });

  it('tells its op to add only where the node does', () => {
    const graph = new Graph();
    const told: number[] = [];
    const op = made((_, k) => told.push(k.accumulate('y')));
    op({ x: graph.input('x', [4]) }, undefined);
    lower([graph.nodes[0], { ...graph.nodes[0], accumulate: new Set(['y']) }], graph, device);
    expect(told).toEqual([0, 1]);
  });

  it('is left out when it has no workgroups, and views have none', () => {
    const graph = new Graph();
    const x = graph.input('x', [0]);
    made(({ x, y }, k) => k.dispatch(kernel, { x }, { y }, {}, [0, 1, 1]))({ x }, undefined);
    ops.reshape(x, { shape: [0, 1] });
    expect(lower(graph.nodes, graph, device)).toEqual([]);
  });

  it('has intermediate memory of its own', () => {
    const graph = new Graph();
    const twoSteps = made(({ x, y }, k) => {
      const between = k.scratch([8]);
      k.dispatch(kernel, { x }, { y: between }, {}, [1, 1, 1]);
      k.dispatch(kernel, { x: between }, { y }, {}, [1, 1, 1]);
    });
    twoSteps({ x: graph.input('x', [4]) }, undefined);
    const [first, second] = lower(graph.nodes, graph, device);
    expect(first.bindings.y.size).toBe(32);
    expect(second.bindings.x).toBe(first.bindings.y);
  });
});

describe('lowering refuses', () => {
  it('a kernel without memory for a binding, and memory of another type', () => {
    const graph = new Graph();
    const x = graph.input('x', [4], 'i32');
    made(({ y }, k) => k.dispatch(kernel, {} as { x: Tensor }, { y }, {}, [1, 1, 1]))({ x }, undefined);
    const completed = ({ nodes }: Graph) =>
      lower(nodes, graph, device).map((dispatch) => complete(dispatch, device));
    expect(() => completed(graph)).toThrow('test_forward: binding x is missing');
    const typed = new Graph();
    plain({ x: typed.input('x', [4], 'i32') }, undefined);
    expect(() => completed(typed)).toThrow('test_forward: binding x holds f32, got i32');
  });

  it('float16 on an adapter without it, also where it is only an input', () => {
    const graph = new Graph();
    const half = graph.input('half', [4, 2], 'f16');
    expect(() => lower([], graph, device)).toThrow(/Graph.input: .*float16 \[4, 2\].*shader-f16/);
    ops.exp(half);
    expect(() => lower(graph.nodes, graph, device)).toThrow(/float16.*device.features.f16/);
  });
});

/** Dead-code elimination: what a run is for stays, with all it needs, and nothing else. */
import { describe, expect, it } from 'vitest';
import { planningDevice } from '../../gpu/planning';
import * as ops from '../../ops';
import { Graph, type Tensor } from '../ir/graph';
import { defineInternal, viewOf } from '../ir/op';
import { gradients } from './autodiff';
import { removeDead } from './dead-code';
import { lower } from './lower';

/** Kernels that stay of a graph when these tensors are read after the run. */
function alive(kept: readonly Tensor[], { graph } = kept[0]): string[] {
  const dispatches = lower(graph.nodes, graph, planningDevice());
  const live = removeDead(
    dispatches,
    kept.map(({ storage }) => storage),
  );
  return live.map(({ kernel }) => `${kernel.name} ${kernel.variant}`);
}

describe('a dispatch', () => {
  it('goes when nothing reads its results, with what only it needs', () => {
    const x = new Graph().input('x', [4]);
    const y = ops.exp(x);
    ops.sin(ops.cos(x));
    expect(alive([y])).toEqual(['unary_forward exp']);
  });

  it('stays when a later one that stays needs it, also through a view', () => {
    const x = new Graph().input('x', [4]);
    const y = ops.sin(ops.reshape(ops.exp(x), { shape: [2, 2] }));
    expect(alive([y])).toEqual(['unary_forward exp', 'unary_forward sin']);
  });

  it('goes when only an earlier one could have read it', () => {
    const x = new Graph().input('x', [4]);
    const y = ops.exp(x);
    ops.exp(y);
    expect(alive([y])).toEqual(['unary_forward exp']);
  });

  it('goes when it computes a gradient that is not asked for', () => {
    const graph = new Graph();
    const [a, b, dy] = ['a', 'b', 'dy'].map((name) => graph.input(name, [4]));
    const [da, db] = gradients([ops.mul(a, b)], [dy], [a, b]);
    expect(alive([da!])).toHaveLength(1);
    expect(alive([da!, db!])).toHaveLength(2);
  });

  it('stays when it writes memory that outlives the run', () => {
    const graph = new Graph({ training: true });
    const slice = { buffer: {} as GPUBuffer, offset: 0, size: 12 };
    const [mean, variance] = [graph.external(slice, [3]), graph.external(slice, [3])];
    const x = graph.input('x', [2, 3]);
    ops.batchNorm(x, null, null, mean, variance);
    const kernels = alive([x]);
    expect(kernels.length).toBeGreaterThan(0);
    expect(kernels.every((name) => /batch|channels/.test(name))).toBe(true);
  });

  it('stays when it writes an input in place, but not when it writes a constant', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const c = graph.constant(Float32Array.of(1, 2), [2]);
    const overwrite = defineInternal({
      name: 'overwrite',
      inputs: ['x'],
      outputs: ['y'],
      shape: ({ x }) => ({ y: viewOf(x, x.shape) }),
      lower: ({ x, y }, _: undefined, k) =>
        k.dispatch(inPlace as never, { x } as never, { y } as never, {}, [1, 1, 1]),
    });
    const inPlace = { name: 'in_place', variant: '', storage: [], file: 'in_place' };
    overwrite({ x }, undefined);
    overwrite({ x: c }, undefined);
    const z = ops.exp(graph.input('z', [2]));
    expect(alive([z])).toEqual(['in_place ', 'unary_forward exp']);
  });
});

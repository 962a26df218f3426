/** Running statistics stay as they were where an update is refused. */
import restoreRefused from '../../shaders/optimizer/restore.refused.wgsl';
import { materialize } from '../graph/compiler/autodiff';
import type { Graph, Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import type { Variable } from '../graph/ir/variable';

const restore = defineInternal({
  name: 'restoreRefused',
  inputs: ['x', 'copy', 'scale'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype, viewOf: x } }),
  lower: ({ copy, scale, y }, _: undefined, k) =>
    k.dispatch(restoreRefused, { copy, scale }, { x: y }, { n: y.size }, { threads: y.size }),
});

/**
 * Records copies of the buffers, before anything writes them. The function returned records the way back for those that a
 * node has written.
 * @param variables parameters and buffers
 */
export function keepBuffers(graph: Graph, variables: readonly Variable[]): (scale: Tensor) => void {
  const buffers = [...new Set(variables)].filter(({ trainable, size }) => !trainable && size > 0);
  const kept = buffers.map((variable) => {
    const x = graph.tensor(variable);
    return { x, copy: materialize({ x }, undefined).y };
  });
  return (scale) => {
    const written = new Set(
      graph.nodes.flatMap(({ outputs }) => Object.values(outputs).map(({ storage }) => storage.root)),
    );
    for (const { x, copy } of kept) if (written.has(x.storage.root)) restore({ x, copy, scale }, undefined);
  };
}

/** Gradients of the weight and bias of a normalization: sums over everything but the parameter, in two passes. */
import parametersFinish from '../../../shaders/norm/parameters.finish.wgsl';
import parametersPartial from '../../../shaders/norm/parameters.partial.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { sumsRowsDirectly } from '../../graph/compiler/heuristics';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { type DispatchSize, defineInternal, type Lowering } from '../../graph/ir/op';
import { groupSizeOf } from '../../kernels/constants';
import type { KernelDescription } from '../../kernels/kernel';
import { shapeError } from '../common';
import {
  normalized,
  normalizedBy,
  type ParameterView,
  parameterSums,
  type Statistics,
} from './decomposition';

export type { ParameterView };

/** How the sums over `outer` and `inner` of a view are split among workgroups. */
export interface Chunks {
  /** `columns`: neighbouring threads take neighbouring parameters; `channels`: a workgroup per parameter. */
  kernel: 'columns' | 'channels';
  chunks: number;
  workgroups: DispatchSize;
}

/** Enough workgroups to fill a GPU, none with too little to do; at least one, so that empty sums become 0. */
export function chunksOf(
  { outer, parameters, inner }: ParameterView,
  { columns }: { columns: KernelDescription },
): Chunks {
  if (inner === 1) {
    const across = Math.ceil(parameters / groupSizeOf(columns));
    const chunks = Math.max(1, Math.min(Math.ceil(outer / 16), Math.ceil(256 / across)));
    return { kernel: 'columns', chunks, workgroups: { workgroups: across * chunks } };
  }
  const chunks = Math.max(1, Math.min(Math.ceil((outer * inner) / 2048), Math.ceil(512 / parameters)));
  return { kernel: 'channels', chunks, workgroups: { workgroups: parameters * chunks } };
}

interface SumsAttrs extends ParameterView {
  /** The statistics of element i of x are number i / statsStep % statsCount. */
  statsStep: number;
  statsCount: number;
}

interface Attrs extends SumsAttrs {
  /** Shape of the parameters. */
  shape: Shape;
  /** What `stats` are when they are those of x, for second derivatives; else they are given per parameter. */
  statistics?: Statistics;
}

/**
 * The dispatches for dweight = sum of dy * z, dbias = sum of dy with z = (x - mean) * rstd; `total` gets both,
 * [parameters, 2]. With y, the output of a relu behind the normalization, dy counts only where y is above 0.
 */
export function runParameterSums(
  k: Lowering,
  { x, stats, dy, y }: Record<'x' | 'stats' | 'dy', Tensor> & { y?: Tensor },
  { total, ...writes }: Record<'dweight' | 'dbias', Tensor> & { total?: Tensor },
  { outer, parameters, inner, statsStep, statsCount }: SumsAttrs,
): void {
  const reads = { x, stats, dy, y: y ?? k.emptyBuffer };
  const constants = { RELU: Number(y !== undefined) };
  const from = { outer, parameters, stats_step: statsStep, stats_count: Math.max(1, statsCount) };
  const accumulate = { accumulate_weight: k.accumulate('dweight'), accumulate_bias: k.accumulate('dbias') };
  if (!total && inner === 1 && sumsRowsDirectly(outer, k.device)) {
    if (statsStep === parameters && statsCount === outer && parameters % 4 === 0 && !y) {
      const params = { outer, parameters: parameters / 4, ...accumulate };
      k.dispatch(parametersPartial.rows, { x, stats, dy }, writes, params, { threads: parameters / 4 });
      return;
    }
    const threads = { threads: parameters };
    k.dispatch(parametersPartial.direct, reads, writes, { ...from, ...accumulate }, threads, { constants });
    return;
  }
  const { kernel, chunks, workgroups } = chunksOf({ outer, parameters, inner }, parametersPartial);
  const sums = k.scratch([chunks, parameters, 2]);
  const params = { ...from, chunks };
  if (kernel === 'columns') {
    k.dispatch(parametersPartial.columns, reads, { sums }, params, workgroups, { constants });
  } else
    k.dispatch(parametersPartial.channels, reads, { sums }, { ...params, inner }, workgroups, { constants });
  const finish = { parameters, chunks, ...accumulate };
  const all = { ...writes, total: total ?? k.scratch([parameters, 2]) };
  k.dispatch(parametersFinish, { sums }, all, finish, { threads: parameters });
}

/** The same as an op. */
export const parameterGradients = defineInternal({
  name: 'normParametersBackward',
  inputs: ['x', 'stats', 'dy'],
  outputs: ['dweight', 'dbias'],
  fusion: { accumulates: ['dweight', 'dbias'] },
  shape: (_, { shape }: Attrs) => ({ dweight: shape, dbias: shape }),
  lower: ({ x, stats, dy, dweight, dbias }, attrs: Attrs, k) =>
    runParameterSums(k, { x, stats, dy }, { dweight, dbias }, attrs),
  backward: throughDecomposition(({ x, stats, dy }: Record<'x' | 'stats' | 'dy', Tensor>, attrs: Attrs) => {
    const z = attrs.statistics ? normalized(x, attrs.statistics, attrs) : normalizedBy(x, stats, attrs);
    return parameterSums(z, dy, attrs, attrs.shape);
  }),
});

/** @throws GradloomError unless `parameter` is absent or has the given shape. */
export function checkParameter(op: string, name: string, parameter: Tensor | undefined, shape: Shape): void {
  if (parameter && parameter.shape.join() !== shape.join()) {
    throw shapeError(op, name, parameter, `[${shape.join(', ')}]`);
  }
}

/** Gradients of the weight and bias of a normalization: sums over everything but the parameter, in two passes. */
import parametersFinish from '../../../shaders/norm/parameters.finish.wgsl';
import parametersPartial from '../../../shaders/norm/parameters.partial.wgsl';
import { defineInternal, type Workgroups } from '../../graph/op';
import type { Shape, Tensor } from '../../graph/tensor';
import { grid, shapeError } from '../common';

/** x as [outer, parameters, inner]: a parameter in the middle, such as a channel. */
export interface ParameterView {
  outer: number;
  parameters: number;
  inner: number;
}

/** How the sums over `outer` and `inner` of a view are split among workgroups. */
export interface Chunks {
  /** `columns`: neighbouring threads take neighbouring parameters; `channels`: a workgroup per parameter. */
  kernel: 'columns' | 'channels';
  chunks: number;
  workgroups: Workgroups;
}

/** Enough workgroups to fill a GPU, none with too little to do; at least one, so that empty sums become 0. */
export function chunksOf({ outer, parameters, inner }: ParameterView): Chunks {
  if (inner === 1) {
    const across = Math.ceil(parameters / 64);
    const chunks = Math.max(1, Math.min(Math.ceil(outer / 16), Math.ceil(256 / across)));
    return { kernel: 'columns', chunks, workgroups: grid(across * chunks, 1) };
  }
  const chunks = Math.max(1, Math.min(Math.ceil((outer * inner) / 2048), Math.ceil(512 / parameters)));
  return { kernel: 'channels', chunks, workgroups: grid(parameters * chunks, 1) };
}

interface Attrs extends ParameterView {
  /** The statistics of element i of x are number i / statsStep % statsCount. */
  statsStep: number;
  statsCount: number;
  /** Shape of the parameters. */
  shape: Shape;
}

/** dweight = sum of dy * z, dbias = sum of dy with z = (x - mean) * rstd; `total` holds both, [parameters, 2]. */
export const parameterGradients = defineInternal({
  name: 'normParametersBackward',
  inputs: ['x', 'stats', 'dy'],
  outputs: ['total', 'dweight', 'dbias'],
  accumulates: ['dweight', 'dbias'],
  shape: (_, { parameters, shape }: Attrs) => ({ total: [parameters, 2], dweight: shape, dbias: shape }),
  lower(
    { x, stats, dy, total, dweight, dbias },
    { outer, parameters, inner, statsStep, statsCount }: Attrs,
    k,
  ) {
    const { kernel, chunks, workgroups } = chunksOf({ outer, parameters, inner });
    const sums = k.temp([chunks, parameters, 2]);
    const params = { outer, parameters, chunks, stats_step: statsStep, stats_count: Math.max(1, statsCount) };
    if (kernel === 'columns')
      k.run(parametersPartial.columns, { x, stats, dy }, { sums }, params, workgroups);
    else k.run(parametersPartial.channels, { x, stats, dy }, { sums }, { ...params, inner }, workgroups);
    const finish = {
      parameters,
      chunks,
      accumulate_weight: k.accumulate('dweight'),
      accumulate_bias: k.accumulate('dbias'),
    };
    k.run(parametersFinish, { sums }, { total, dweight, dbias }, finish, grid(parameters, 64));
  },
});

/** @throws GradloomError unless `parameter` is absent or has the given shape. */
export function checkParameter(op: string, name: string, parameter: Tensor | undefined, shape: Shape): void {
  if (parameter && parameter.shape.join() !== shape.join()) {
    throw shapeError(op, name, parameter, `[${shape.join(', ')}]`);
  }
}

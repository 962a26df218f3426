/**
 * Normalization of channels by the statistics of the batch: the internal op behind batchNorm in training. Its kernels
 * can also do what often follows it, the addition of a residual and relu (`ReluVariant`).
 */
import batchBackward from '../../../shaders/norm/batch.backward.wgsl';
import batchForward from '../../../shaders/norm/batch.forward.wgsl';
import channelsBackward from '../../../shaders/norm/channels.backward.wgsl';
import channelsFinish from '../../../shaders/norm/channels.finish.wgsl';
import channelsForward from '../../../shaders/norm/channels.forward.wgsl';
import channelsPartial from '../../../shaders/norm/channels.partial.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { batchNormCandidates } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, inFloat32, type Lowering, type TensorSpec, viewOf } from '../../graph/ir/op';
import { perItem } from '../common';
import { inputGradient, normalized, parameterSums } from './decomposition';
import { chunksOf, type ParameterView, runParameterSums } from './parameters';

/** Running statistics, updated in place. */
export interface Running {
  runningMean: Tensor;
  runningVar: Tensor;
}

/** The running statistics as outputs. */
export const views = ({ runningMean, runningVar }: Running) => ({
  runningMean: viewOf(runningMean, runningMean.shape),
  runningVar: viewOf(runningVar, runningVar.shape),
});

/** How a batch is normalized. */
export interface BatchAttrs extends ParameterView {
  eps: number;
  momentum: number;
  /** max(v, 0) follows; set by the fusion pass. */
  relu?: boolean;
}

/** How the work is done: see `batchNormCandidates`. */
function strategyOf({ outer, inner }: ParameterView, { device }: Lowering) {
  const { LANES } = batchForward.group.constants;
  const candidates = batchNormCandidates(outer * inner, widthOf(inner), LANES, device);
  return device.variants.select('batchNorm', candidates);
}

/** Elements that an invocation of `thread` takes at a time. */
const widthOf = (inner: number) => (inner % 4 === 0 ? 4 : 1);

/** Variant, uniforms and grid of the kernels that take one dispatch. */
function single(strategy: 'thread' | 'group', { outer, parameters: channels, inner }: ParameterView) {
  const floats = outer * inner;
  const width = strategy === 'thread' ? widthOf(inner) : 1;
  return {
    variant: width === 4 ? ('thread4' as const) : strategy,
    params: { channels, inner: inner / width, count: floats / width, floats },
    grid: perItem(channels, strategy),
  };
}

/** `stats` holds (shift, mean - shift, 1 / deviation) and one more number per channel, for the same strategy backward. */
export const batchNormalize = defineInternal({
  name: 'batchNormalize',
  inputs: ['x', 'weight?', 'bias?', 'runningMean?', 'runningVar?', 'residual?'],
  outputs: ['y', 'stats', 'runningMean', 'runningVar'],
  fusion: { relu: { on: 'y', backward: 'batchNormalizeBackward' } },
  shape({ x, runningMean, runningVar }, { parameters }: BatchAttrs) {
    // Absent running statistics are no outputs.
    const running = runningMean && runningVar && views({ runningMean, runningVar });
    return { y: x, stats: inFloat32([parameters, 4]), ...running } as {
      y: Tensor;
      stats: TensorSpec;
    } & ReturnType<typeof views>;
  },
  lower({ x, weight, bias, runningMean, runningVar, residual, y, stats }, attrs: BatchAttrs, k) {
    const { eps, momentum, relu = false, ...view } = attrs;
    const { parameters: channels } = view;
    const strategy = strategyOf(view, k);
    const constants = { RELU: Number(relu), RESIDUAL: Number(residual !== undefined) };
    const parameters = { has_weight: weight !== undefined, has_bias: bias !== undefined };
    const optional = {
      weight: weight ?? k.emptyBuffer,
      bias: bias ?? k.emptyBuffer,
      residual: residual ?? k.emptyBuffer,
    };
    if (strategy !== 'passes') {
      const { variant, params, grid } = single(strategy, view);
      const running = runningMean ?? k.scratch([channels]);
      k.dispatch(
        batchForward[variant],
        { x, ...optional },
        { y, stats, running_mean: running, running_var: runningVar ?? k.scratch([channels]) },
        { ...params, ...parameters, eps, momentum },
        grid,
        { constants },
      );
      return;
    }
    const { kernel, chunks, workgroups } = chunksOf(view, channelsPartial);
    const { outer, inner } = view;
    const moments = k.scratch([chunks, channels, 4]);
    const partial = { outer, channels, chunks };
    if (kernel === 'columns') k.dispatch(channelsPartial.columns, { x }, { moments }, partial, workgroups);
    else k.dispatch(channelsPartial.channels, { x }, { moments }, { ...partial, inner }, workgroups);
    const finish = { channels, inner, chunks, eps };
    if (runningMean) {
      const writes = { stats, running_mean: runningMean, running_var: runningVar };
      k.dispatch(
        channelsFinish.tracked,
        { x, moments },
        writes,
        { ...finish, momentum },
        { threads: channels },
      );
    } else k.dispatch(channelsFinish.untracked, { x, moments }, { stats }, finish, { threads: channels });
    const params = { n: x.size, channels, inner, ...parameters };
    k.dispatch(channelsForward, { x, stats, ...optional }, { y }, params, { threads: x.size }, { constants });
  },
  backward({ x, weight, bias, stats, dy }, attrs) {
    if (!dy) return {};
    const { dx, dweight, dbias } = batchNormalizeBackward(
      { x, weight, stats, y: undefined, dy },
      { ...attrs, residual: false },
    );
    return { x: dx, weight: weight && dweight, bias: bias && dbias };
  },
});

interface BackwardAttrs extends BatchAttrs {
  /** The gradient of a residual is wanted; set by the fusion pass. */
  residual: boolean;
}

/** y is there with relu; dresidual is empty without a residual. */
const batchNormalizeBackward = defineInternal({
  name: 'batchNormalizeBackward',
  inputs: ['x', 'weight?', 'stats', 'y?', 'dy'],
  outputs: ['dx', 'dweight', 'dbias', 'dresidual'],
  fusion: { accumulates: ['dx', 'dweight', 'dbias', 'dresidual'] },
  shape: ({ x }, { parameters, residual }: BackwardAttrs) => ({
    dx: x,
    dweight: [parameters],
    dbias: [parameters],
    dresidual: residual ? x.shape : [0],
  }),
  lower({ x, weight, stats, y, dy, dx, dweight, dbias, dresidual }, attrs: BackwardAttrs, k) {
    const { relu = false, residual, eps, momentum, ...view } = attrs;
    const { outer, parameters: channels, inner } = view;
    const strategy = strategyOf(view, k);
    const constants = {
      RELU: Number(relu),
      RESIDUAL: Number(residual),
      ACCUMULATE_RESIDUAL: k.accumulate('dresidual'),
    };
    const reads = { x, stats, y: y ?? k.emptyBuffer, dy };
    const writes = { dx, dresidual };
    if (strategy !== 'passes') {
      const { variant, params, grid } = single(strategy, view);
      const accumulate = {
        accumulate_weight: k.accumulate('dweight'),
        accumulate_bias: k.accumulate('dbias'),
      };
      k.dispatch(
        batchBackward[variant],
        reads,
        { ...writes, dweight, dbias },
        { ...params, ...accumulate },
        grid,
        { constants: { ...constants, ACCUMULATE_DX: k.accumulate('dx') } },
      );
      return;
    }
    const total = k.scratch([channels, 2]);
    const sums = { ...view, statsStep: inner, statsCount: channels };
    runParameterSums(k, { x, stats, dy, y }, { total, dweight, dbias }, sums);
    const params = {
      n: x.size,
      channels,
      inner,
      has_weight: weight !== undefined,
      batch: true,
      count: outer * inner,
      accumulate: k.accumulate('dx'),
    };
    k.dispatch(
      channelsBackward,
      { ...reads, weight: weight ?? k.emptyBuffer, total },
      writes,
      params,
      { threads: x.size },
      {
        constants,
      },
    );
  },
  backward: throughDecomposition(
    ({ x, weight, dy }: { x: Tensor; weight?: Tensor; dy: Tensor }, attrs: BackwardAttrs) => {
      const { outer, parameters, inner, eps } = attrs;
      const statistics = { shape: [outer, parameters, inner], dims: [0, 2], eps };
      const normalize = (v: Tensor) => normalized(v, statistics, attrs);
      return {
        dx: inputGradient(x, weight, dy, attrs, normalize),
        ...parameterSums(normalize(x), dy, attrs, [parameters]),
      };
    },
  ),
});

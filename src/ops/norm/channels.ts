/** batchNorm and instanceNorm: normalizations with parameters and running statistics per channel. */
import { z } from 'zod';
import channelsBackward from '../../../shaders/norm/channels.backward.wgsl';
import channelsFinish from '../../../shaders/norm/channels.finish.wgsl';
import channelsForward from '../../../shaders/norm/channels.forward.wgsl';
import channelsPartial from '../../../shaders/norm/channels.partial.wgsl';
import channelsRunning from '../../../shaders/norm/channels.running.wgsl';
import instancesRunning from '../../../shaders/norm/instances.running.wgsl';
import { GradloomError } from '../../errors';
import { defineComposite, defineInternal, inFloat32, type TensorSpec, viewOf } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';
import { grid, shapeError } from '../common';
import { checkParameter, chunksOf, type ParameterView, parameterGradients } from './parameters';
import { channelView, rowNorm } from './rows';

/** What holds the running statistics after the op: the same memory, updated in place. */
interface Running {
  runningMean: Tensor;
  runningVar: Tensor;
}

interface StatisticsAttrs extends ParameterView {
  eps: number;
  momentum: number;
}

/** Statistics (shift, mean - shift, 1 / deviation, variance) of each channel of the batch; moves the running ones. */
const batchStatistics = defineInternal({
  name: 'batchStatistics',
  inputs: ['x', 'runningMean?', 'runningVar?'],
  outputs: ['stats', 'runningMean', 'runningVar'],
  shape({ runningMean, runningVar }, { parameters }: StatisticsAttrs) {
    // Absent running statistics are no outputs.
    const running = runningMean && runningVar && views({ runningMean, runningVar });
    return { stats: inFloat32([parameters, 4]), ...running } as { stats: TensorSpec } & ReturnType<
      typeof views
    >;
  },
  lower({ x, runningMean, runningVar, stats }, { eps, momentum, ...view }: StatisticsAttrs, k) {
    const { kernel, chunks, workgroups } = chunksOf(view);
    const { outer, parameters: channels, inner } = view;
    const moments = k.temp([chunks, channels, 4]);
    const partial = { outer, channels, chunks };
    if (kernel === 'columns') k.run(channelsPartial.columns, { x }, { moments }, partial, workgroups);
    else k.run(channelsPartial.channels, { x }, { moments }, { ...partial, inner }, workgroups);
    const finish = { channels, inner, chunks, eps };
    if (runningMean) {
      const writes = { stats, running_mean: runningMean, running_var: runningVar };
      k.run(channelsFinish.tracked, { x, moments }, writes, { ...finish, momentum }, grid(channels, 64));
    } else k.run(channelsFinish.untracked, { x, moments }, { stats }, finish, grid(channels, 64));
  },
});

const views = ({ runningMean, runningVar }: Running) => ({
  runningMean: viewOf(runningMean, runningMean.shape),
  runningVar: viewOf(runningVar, runningVar.shape),
});

/** Statistics of each channel from the running ones. */
const runningStatistics = defineInternal({
  name: 'runningStatistics',
  inputs: ['runningMean', 'runningVar'],
  outputs: ['stats'],
  shape: ({ runningMean }) => ({ stats: inFloat32([runningMean.size, 4]) }),
  lower({ runningMean, runningVar, stats }, { eps }: { eps: number }, k) {
    const channels = runningMean.size;
    const reads = { running_mean: runningMean, running_var: runningVar };
    k.run(channelsRunning, reads, { stats }, { channels, eps }, grid(channels, 64));
  },
});

interface ChannelAttrs extends ParameterView {
  /** The statistics come from x itself, so the gradient goes through them. */
  batch: boolean;
}

/** Normalizes by given statistics per channel. */
const channelNorm = defineInternal({
  name: 'channelNorm',
  inputs: ['x', 'stats', 'weight?', 'bias?'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x }),
  lower({ x, stats, weight, bias, y }, { parameters, inner }: ChannelAttrs, k) {
    const params = {
      n: x.size,
      channels: parameters,
      inner,
      has_weight: weight !== undefined,
      has_bias: bias !== undefined,
    };
    const reads = { x, stats, weight: weight ?? k.none, bias: bias ?? k.none };
    k.run(channelsForward, reads, { y }, params, grid(x.size, 64));
  },
  backward({ x, stats, weight, dy }, attrs) {
    const { outer, parameters, inner, batch } = attrs;
    const view = { outer, parameters, inner, statsStep: inner, statsCount: parameters, shape: [parameters] };
    const { total, dweight, dbias } = parameterGradients({ x, stats, dy }, view);
    const sums = batch ? total : undefined;
    return {
      x: channelNormBackward({ x, stats, weight, total: sums, dy }, attrs).dx,
      weight: dweight,
      bias: dbias,
    };
  },
});

const channelNormBackward = defineInternal({
  name: 'channelNormBackward',
  inputs: ['x', 'stats', 'weight?', 'total?', 'dy'],
  outputs: ['dx'],
  accumulates: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  lower({ x, stats, weight, total, dy, dx }, { outer, parameters, inner, batch }: ChannelAttrs, k) {
    const params = {
      n: x.size,
      channels: parameters,
      inner,
      has_weight: weight !== undefined,
      batch,
      count: outer * inner,
      accumulate: k.accumulate('dx'),
    };
    const reads = { x, stats, weight: weight ?? k.none, total: total ?? k.none, dy };
    k.run(channelsBackward, reads, { dx }, params, grid(x.size, 64));
  },
});

/** Moves running statistics by the mean over the samples of the statistics of instances [N * C, 4]. */
const instanceRunning = defineInternal({
  name: 'instanceRunning',
  inputs: ['stats', 'runningMean', 'runningVar'],
  outputs: ['runningMean', 'runningVar'],
  shape: ({ runningMean, runningVar }) => views({ runningMean, runningVar }),
  lower({ stats, runningMean, runningVar }, { outer, parameters, inner, momentum }: StatisticsAttrs, k) {
    const params = { batch: outer, channels: parameters, count: inner, momentum };
    const writes = { running_mean: runningMean, running_var: runningVar };
    k.run(instancesRunning, { stats }, writes, params, grid(parameters, 64));
  },
});

/** Checks the parameters and running statistics of a normalization per channel; gives the running ones. */
function checkChannels(
  op: string,
  { parameters }: ParameterView,
  inputs: Partial<Record<'weight' | 'bias' | 'runningMean' | 'runningVar', Tensor>>,
): Running | undefined {
  for (const [name, tensor] of Object.entries(inputs)) checkParameter(op, name, tensor, [parameters]);
  const { runningMean, runningVar } = inputs;
  if (runningMean && runningVar) return { runningMean, runningVar };
  if (!runningMean && !runningVar) return undefined;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: runningMean ? 'runningVar' : 'runningMean',
    got: 'missing',
    expected: 'both running statistics or neither',
  });
}

const momentum = z.number().default(0.1);
const eps = z.number().min(0).default(1e-5);

/** Normalization of each channel over batch and space. */
export const batchNorm = defineComposite({
  name: 'batchNorm',
  doc:
    'Normalizes each channel of x [N, C, ...]: y = (x - mean) / sqrt(variance + eps) * weight + bias. In training mean ' +
    'and biased variance are those of the batch, and the running statistics, when given, move in place: ' +
    '(1 - momentum) running + momentum new, with the unbiased variance. In evaluation the running statistics are used.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html',
  inputs: ['x', 'weight?', 'bias?', 'runningMean?', 'runningVar?'],
  outputs: ['y', 'runningMean', 'runningVar'],
  attrs: z.strictObject({ training: z.boolean().optional(), momentum, eps }),
  compose({ x, weight, bias, runningMean, runningVar }, { training, momentum, eps }, graph) {
    const view = channelView('batchNorm', x);
    const running = checkChannels('batchNorm', view, { weight, bias, runningMean, runningVar });
    // Without running statistics evaluation takes those of the batch, as torch.nn.BatchNorm does.
    const batch = (training ?? graph.training) || !running;
    if (batch && view.outer * view.inner === 1) {
      throw shapeError('batchNorm', 'x', x, 'more than one value per channel in training');
    }
    if (!batch) {
      const { stats } = runningStatistics(running, { eps });
      return { y: channelNorm({ x, stats, weight, bias }, { ...view, batch }).y } as Running & { y: Tensor };
    }
    const { stats, ...moved } = batchStatistics({ x, runningMean, runningVar }, { ...view, eps, momentum });
    return { y: channelNorm({ x, stats, weight, bias }, { ...view, batch }).y, ...moved };
  },
});

/** Normalization of each channel of each sample over space. */
export const instanceNorm = defineComposite({
  name: 'instanceNorm',
  doc:
    'Normalizes each channel of each sample of x [N, C, ...]: y = (x - mean) / sqrt(variance + eps) * weight + bias. ' +
    'Running statistics, when given, move in place by the mean over the samples; without `useInputStats` they are used ' +
    'instead of those of x.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html',
  inputs: ['x', 'runningMean?', 'runningVar?', 'weight?', 'bias?'],
  outputs: ['y', 'runningMean', 'runningVar'],
  attrs: z.strictObject({ useInputStats: z.boolean().default(true), momentum, eps }),
  compose({ x, runningMean, runningVar, weight, bias }, { useInputStats, momentum, eps }) {
    const view = channelView('instanceNorm', x);
    const running = checkChannels('instanceNorm', view, { weight, bias, runningMean, runningVar });
    if (!useInputStats) {
      if (!running) {
        throw new GradloomError({
          code: 'argument',
          op: 'instanceNorm',
          argument: 'runningMean',
          got: 'missing',
          expected: 'running statistics when useInputStats is false',
        });
      }
      const { stats } = runningStatistics(running, { eps });
      return { y: channelNorm({ x, stats, weight, bias }, { ...view, batch: false }).y } as Running & {
        y: Tensor;
      };
    }
    if (view.inner === 1)
      throw shapeError('instanceNorm', 'x', x, 'more than one value per channel and sample');
    const rows = { ...view, rows: view.outer * view.parameters, size: view.inner, eps };
    const { y, stats } = rowNorm({ x, weight, bias }, rows);
    const moved = running && instanceRunning({ stats, ...running }, { ...view, eps, momentum });
    return { y, ...moved } as Running & { y: Tensor };
  },
});

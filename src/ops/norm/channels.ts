/** batchNorm and instanceNorm: normalizations with parameters and running statistics per channel. */

import channelsBackward from '../../../shaders/norm/channels.backward.wgsl';
import channelsForward from '../../../shaders/norm/channels.forward.wgsl';
import channelsRunning from '../../../shaders/norm/channels.running.wgsl';
import instancesRunning from '../../../shaders/norm/instances.running.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { GradloomError } from '../../errors';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { defineComposite, defineInternal, inFloat32, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';
import { multAddsPerSample } from '../rules';
import { batchNormalize, type Running, views } from './batch';
import { inputGradient, normalizedBy } from './decomposition';
import { checkParameter, type ParameterView, parameterGradients } from './parameters';
import { channelView, rowNorm } from './rows';

interface InstanceAttrs extends ParameterView {
  momentum: number;
}

/** Statistics of each channel from the running ones. */
const runningStatistics = defineInternal({
  name: 'runningStatistics',
  inputs: ['runningMean', 'runningVar'],
  outputs: ['stats'],
  shape: ({ runningMean }) => ({ stats: inFloat32([runningMean.size, 4]) }),
  lower({ runningMean, runningVar, stats }, { eps }: { eps: number }, k) {
    const channels = runningMean.size;
    const reads = { running_mean: runningMean, running_var: runningVar };
    k.dispatch(channelsRunning, reads, { stats }, { channels, eps }, { threads: channels });
  },
});

/** Normalizes by given statistics per channel, which the gradient does not go through. */
const channelNorm = defineInternal({
  name: 'channelNorm',
  inputs: ['x', 'stats', 'weight?', 'bias?'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x }),
  lower({ x, stats, weight, bias, y }, { parameters, inner }: ParameterView, k) {
    const params = {
      n: x.size,
      channels: parameters,
      inner,
      has_weight: weight !== undefined,
      has_bias: bias !== undefined,
    };
    const reads = {
      x,
      stats,
      weight: weight ?? k.emptyBuffer,
      bias: bias ?? k.emptyBuffer,
      residual: k.emptyBuffer,
    };
    k.dispatch(channelsForward, reads, { y }, params, { threads: x.size });
  },
  backward({ x, stats, weight, bias, dy }, attrs) {
    const { outer, parameters, inner } = attrs;
    const view = { outer, parameters, inner, statsStep: inner, statsCount: parameters, shape: [parameters] };
    const sums = weight || bias ? parameterGradients({ x, stats, dy }, view) : undefined;
    return {
      x: channelNormBackward({ x, stats, weight, dy }, attrs).dx,
      weight: sums?.dweight,
      bias: sums?.dbias,
    };
  },
});

const channelNormBackward = defineInternal({
  name: 'channelNormBackward',
  inputs: ['x', 'stats', 'weight?', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ x }) => ({ dx: x }),
  lower({ x, stats, weight, dy, dx }, { outer, parameters, inner }: ParameterView, k) {
    const params = {
      n: x.size,
      channels: parameters,
      inner,
      has_weight: weight !== undefined,
      batch: false,
      count: outer * inner,
      accumulate: k.accumulate('dx'),
    };
    const reads = { x, stats, weight: weight ?? k.emptyBuffer, total: k.emptyBuffer, dy, y: k.emptyBuffer };
    k.dispatch(channelsBackward, reads, { dx, dresidual: k.scratch([4]) }, params, { threads: x.size });
  },
  backward: throughDecomposition(
    (
      { x, stats, weight, dy }: { x: Tensor; stats: Tensor; weight?: Tensor; dy: Tensor },
      view: ParameterView,
    ) => ({ dx: inputGradient(x, weight, dy, view, (v) => normalizedBy(v, stats, view)) }),
  ),
});

/** Moves running statistics by the mean over the samples of the statistics of instances [N * C, 4]. */
const instanceRunning = defineInternal({
  name: 'instanceRunning',
  inputs: ['stats', 'runningMean', 'runningVar'],
  outputs: ['runningMean', 'runningVar'],
  shape: ({ runningMean, runningVar }) => views({ runningMean, runningVar }),
  lower({ stats, runningMean, runningVar }, { outer, parameters, inner, momentum }: InstanceAttrs, k) {
    const params = { batch: outer, channels: parameters, count: inner, momentum };
    const writes = { running_mean: runningMean, running_var: runningVar };
    let each = stats;
    if (outer > LONGEST_LOOP) {
      // Means over parts of the samples first.
      each = k.scratch([parameters, 4]);
      params.batch = 1;
      const layout = reduceLayout('instanceNorm', [outer, 4 * parameters], [0]);
      reduceBy(k, layout, stats, each, { kernel: reduceForward.sum, finish: 'divide', value: outer });
    }
    k.dispatch(instancesRunning, { stats: each }, writes, params, { threads: parameters });
  },
  backward: notDifferentiable('running statistics are state'),
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
  multAdds: multAddsPerSample,
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
      return { y: channelNorm({ x, stats, weight, bias }, view).y } as Running & { y: Tensor };
    }
    const inputs = { x, weight, bias, runningMean, runningVar, residual: undefined };
    const { stats: _, ...outputs } = batchNormalize(inputs, { ...view, eps, momentum });
    return outputs;
  },
});

/** Normalization of each channel of each sample over space. */
export const instanceNorm = defineComposite({
  name: 'instanceNorm',
  multAdds: multAddsPerSample,
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
      return { y: channelNorm({ x, stats, weight, bias }, view).y } as Running & { y: Tensor };
    }
    if (view.inner === 1)
      throw shapeError('instanceNorm', 'x', x, 'more than one value per channel and sample');
    const rows = { ...view, rows: view.outer * view.parameters, size: view.inner, eps };
    const { y, stats } = rowNorm({ x, weight, bias }, rows);
    const moved = running && instanceRunning({ stats, ...running }, { ...view, momentum });
    return { y, ...moved } as Running & { y: Tensor };
  },
});

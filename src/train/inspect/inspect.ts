/**
 * A look at one training step: statistics and histograms of weights and gradients, activations, dead units, vanishing and
 * exploding values, a timeline of the kernels, the memory plan and the graph as a diagram. The run goes on as if nothing had been looked at.
 */
import { checkCount, checkOptions } from '../../checks';
import type { Tensor } from '../../graph/ir/graph';
import { abs, amax } from '../../ops';
import type { RunRecord } from '../run-record';
import type { TrainingData } from '../types';
import { type Diagrams, diagramsOf } from './diagrams';
import { type Histogram, histogramOf, statisticsOf } from './histogram';
import { compileProbed, type TensorStatistics } from './probes';
import type { PlannedTensor } from './tensors';
import { type ChromeTrace, chromeTrace } from './timeline';

export type Flag = 'nan' | 'infinite' | 'zero' | 'constant' | 'dead units' | 'vanishing' | 'exploding';

export interface InspectedParameter {
  name: string;
  shape: readonly number[];
  weight: TensorStatistics & { histogram: Histogram };
  /** Absent where the loss does not depend on it, or it is frozen. */
  gradient?: TensorStatistics & { histogram: Histogram };
  /** Norm of the gradient by that of the weight. */
  ratio?: number;
  flags: Flag[];
}

export interface InspectedActivation {
  /** Path and class of the module. */
  module: string;
  moduleType?: string;
  op: string;
  shape: readonly number[];
  statistics: TensorStatistics;
  /** Units (channels, or the last dimension) that are 0 for every sample, of all; for ops that cut off at 0. */
  deadUnits?: { dead: number; units: number };
  source?: string;
  flags: Flag[];
}

export interface Inspection extends Diagrams {
  loss: number;
  parameters: InspectedParameter[];
  activations: InspectedActivation[];
  /** The kernels of a whole step, for chrome://tracing or Perfetto; absent where the device has no timestamps. */
  timeline?: ChromeTrace;
  /** Intermediate results of a step, the largest first. */
  memory: PlannedTensor[];
}

export interface InspectOptions {
  /** Default 32. */
  batchSize?: number;
}

/** Ops that give 0 for a half of all numbers. */
const CUT_OFF = ['relu', 'relu6', 'threshold', 'hardtanh', 'hardswish', 'hardshrink', 'softshrink'];
/** Root mean squares beyond which a gradient vanishes or explodes, and the same by the median of all gradients. */
const GRADIENT = { least: 1e-10, most: 1e3, leastShare: 1e-4, mostShare: 1e4 };
const ACTIVATION = { least: 1e-7, most: 1e5 };

/** Looks at a step on the first `batchSize` samples; nothing is changed by it. */
export async function inspect(
  run: RunRecord,
  data: TrainingData,
  options: InspectOptions = {},
): Promise<Inspection> {
  checkOptions('Trainer.inspect', options, ['batchSize']);
  const { batchSize = Math.min(32, data.length) } = options;
  checkCount('Trainer.inspect', 'batchSize', batchSize);
  const { step, model, runner } = run;
  const { device, parts } = step;
  await runner.prepare(data, undefined);
  const state = await step.state();
  const probed = await compileProbed(device, {
    parts,
    models: [['', model]],
    compute: runner.computation(data, batchSize, 'sequential'),
    outputsFor: ({ op, outputs }) => (CUT_OFF.includes(op.name) ? largestOfUnits(outputs.y) : undefined),
  });
  try {
    const values = { seed: parts.counters.seed, index: parts.counters.runs, batchStart: 0, epoch: 0 };
    const statistics = await probed.run(values);
    const activations: InspectedActivation[] = [];
    for (const [i, { node, origin, kind, tensor }] of probed.probes.entries()) {
      if (kind !== 'value' || !node || origin?.phase !== 'forward' || origin.moduleType === undefined)
        continue;
      const output = probed.extra.get(node);
      const units = output === undefined ? undefined : await probed.plan.read(output);
      const deadUnits = units && { dead: units.filter((most) => most === 0).length, units: units.length };
      const { module, moduleType, source } = origin;
      activations.push({
        module,
        moduleType,
        op: node.op.name,
        shape: tensor.shape,
        statistics: statistics[i],
        ...(deadUnits && { deadUnits }),
        ...(source && { source }),
        flags: flagsOf(statistics[i], ACTIVATION, deadUnits?.dead),
      });
    }
    const gradients = new Map<string, Float32Array>();
    for (const [name, { output }] of probed.gradients)
      gradients.set(name, Float32Array.from(await probed.plan.read(output)));
    const [loss] = await probed.plan.read(LOSS);
    const trained = await runner.planOf(data, batchSize, 'sequential');
    const timeline = device.features.timestamps
      ? chromeTrace(
          await trained.profile({ ...step.nextValues(step.updatedBy(trained)), batchStart: 0, slot: 0 }),
        )
      : undefined;
    return {
      loss,
      parameters: parametersOf(state.variables, new Set(parts.names.values()), gradients),
      activations,
      ...(timeline && { timeline }),
      memory: probed.unprobed.tensors,
      ...diagramsOf(probed.unprobed.nodes, probed.unprobed.origins),
    };
  } finally {
    probed.destroy();
    // Running statistics, and the step that was timed.
    await step.load(state);
  }
}

const LOSS = 'loss';

/** The largest magnitude of each unit over the batch: channels of images and sequences of channels, else the last dimension. */
function largestOfUnits(y: Tensor): Tensor {
  const unit = y.rank >= 4 ? 1 : y.rank - 1;
  const dims = y.shape.map((_, i) => i).filter((i) => i !== unit);
  return dims.length === 0 ? abs(y) : amax(abs(y), { dim: dims });
}

function parametersOf(
  variables: Record<string, { shape: readonly number[]; data: Float32Array }>,
  trainable: ReadonlySet<string>,
  gradients: ReadonlyMap<string, Float32Array>,
): InspectedParameter[] {
  const rows = Object.entries(variables).flatMap(([name, { shape, data }]) => {
    if (!trainable.has(name)) return [];
    const gradient = gradients.get(name);
    const weight = { ...statisticsOf(data), histogram: histogramOf(data) };
    const ofGradient = gradient && { ...statisticsOf(gradient), histogram: histogramOf(gradient) };
    const flags: Flag[] = flagsOf(weight, ACTIVATION).filter((flag) => flag === 'nan' || flag === 'infinite');
    const ratio = ofGradient && rms(ofGradient) / rms(weight);
    return [{ name, shape, weight, ...(ofGradient && { gradient: ofGradient }), ratio, flags }];
  });
  const sizes = rows.flatMap(({ gradient }) => (gradient ? [rms(gradient)] : [])).sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  for (const { gradient, flags } of rows) {
    if (!gradient) continue;
    const least = Math.max(GRADIENT.least, GRADIENT.leastShare * median);
    const most = Math.max(Math.min(GRADIENT.most, GRADIENT.mostShare * median), GRADIENT.least);
    for (const flag of flagsOf(gradient, { least, most }))
      if (flag !== 'constant' && !flags.includes(flag)) flags.push(flag);
  }
  return rows;
}

const rms = ({ mean, std }: TensorStatistics) => Math.hypot(mean, std);

function flagsOf(
  statistics: TensorStatistics,
  { least, most }: { least: number; most: number },
  dead = 0,
): Flag[] {
  const { nan, infinite, zeros, size, min, max } = statistics;
  const magnitude = rms(statistics);
  const isZero = zeros === size;
  return [
    ...(nan > 0 ? (['nan'] as const) : []),
    ...(infinite > 0 ? (['infinite'] as const) : []),
    ...(isZero ? (['zero'] as const) : min === max && size > 1 ? (['constant'] as const) : []),
    ...(dead > 0 ? (['dead units'] as const) : []),
    ...(!isZero && magnitude < least ? (['vanishing'] as const) : []),
    ...(magnitude > most ? (['exploding'] as const) : []),
  ];
}

/** Evaluation with metrics: a pass over batches that give loss, counts and the sums of each metric. */
import type { DataLoader } from '../../data/loader';
import type { LoadedBatch } from '../../data/loader/collate';
import { unknownName } from '../../errors';
import type { Device } from '../../gpu/device';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import type { Plan } from '../../graph/runtime/plan';
import type { PlanCache } from '../../graph/runtime/plan-cache';
import type { StepValues } from '../../graph/runtime/step-values';
import { checkLater, keyOf, samplesIn, tensorsOf, writeBatch } from '../batch-inputs';
import type { BatchMetrics } from '../batch-metrics';
import type { DeviceDataset } from '../device-dataset';
import { ignoredIndex, isNamedLoss, type LossFunction, type LossSpec } from '../loss';
import type { BatchTensors, Measured } from '../measured';
import { MetricAverages } from '../metric-averages';
import type { WeightAverages } from '../step-averages';
import type { Evaluation, Metrics, MetricValue, TrainingData } from '../types';
import { metricsOf } from '.';
import { Answers } from './answers';
import type { Accumulator, Metric } from './metric';

export interface MeasureContext {
  device: Device;
  metrics: BatchMetrics;
  seed: number;
  averages?: WeightAverages;
  areSums: boolean;
  plans: PlanCache;
}

/** A batch that a plan of its key computes. */
export interface MeasuredBatch {
  key: string;
  samples: number;
  record(graph: Graph): BatchTensors;
  /** Class indices and tokens of this data were checked; others are when they are written. */
  data?: TrainingData;
  write?(plan: Plan): void;
  values?: StepValues;
}

/** Batches of a data set on the device. */
export async function* residentBatches(
  data: TrainingData,
  onDevice: Pick<DeviceDataset, 'batch' | 'ready'>,
  { key, batchSize }: { key: number; batchSize: number },
): AsyncGenerator<MeasuredBatch> {
  await onDevice.ready;
  for (let start = 0; start < data.length; start += batchSize) {
    const samples = Math.min(batchSize, data.length - start);
    const record = (graph: Graph) => onDevice.batch(graph, samples, 'sequential');
    yield { key: `${key} ${samples}`, samples, record, data, values: { batchStart: start } };
  }
}

/** Batches of a loader, in the order of its first epoch. */
export async function* loadedBatches(data: DataLoader): AsyncGenerator<MeasuredBatch> {
  for await (const batch of data.iterate(0)) yield measured(batch);
}

const measured = (batch: LoadedBatch): MeasuredBatch => ({
  key: `batch ${keyOf(batch)}`,
  samples: samplesIn(batch),
  record: (graph) => tensorsOf(graph, batch),
  write: (plan) => writeBatch(plan, batch),
});

/** Meaning of a plan's outputs. */
interface Recorded {
  /** Outputs of the model that have a loss of their own, `''` where there is one output. */
  parts: { name: string; hasCounts: boolean }[];
  metrics: { name: string; accumulator(): Accumulator }[];
}

const recorded = new WeakMap<Plan, Recorded>();
const functions = new WeakMap<LossFunction, number>();
let functionCount = 0;

/** @throws GradloomError for metrics that are unknown, or not defined for the loss and the data. */
export async function measure(
  { device, metrics, seed, areSums, averages, plans }: MeasureContext,
  batches: AsyncIterable<MeasuredBatch>,
  specs: Metrics,
): Promise<Evaluation> {
  const isNamed = typeof specs === 'object' && !Array.isArray(specs);
  const namedSpecs = isNamed ? (specs as Record<string, readonly string[]>) : undefined;
  const wantedOf = new Map<string, [string, Metric][]>();
  const wanted = (output: string) => {
    const found = wantedOf.get(output) ?? metricsOf(namedSpecs ? (namedSpecs[output] ?? []) : (specs as []));
    wantedOf.set(output, found);
    return found;
  };
  if (!namedSpecs) wanted('');
  const what = specsKey(specs);
  const planOf = ({ key, record, data }: MeasuredBatch) =>
    plans.get(`${key} measured ${averages?.key} ${what}`, async () => {
      const graph = new Graph({ valuesOf: averages?.of });
      const found = metrics.measure(record(graph), data);
      if (!data) checkLater(found, ignoredIndex(metrics.options.loss));
      const { outputs, ...rest } = outputsOf(found, metrics.options.loss, wanted);
      if (namedSpecs) checkOutputs(namedSpecs, found.parts ?? []);
      const plan = await compile(device, graph, { outputs });
      recorded.set(plan, rest);
      return plan;
    });
  const totals = new Map<string, MetricAverages>();
  const sums = new Map<string, Accumulator>();
  for await (const batch of batches) {
    const plan = await planOf(batch);
    batch.write?.(plan);
    plan.run({ seed, ...batch.values });
    const { parts, metrics: measuredOf } = recorded.get(plan)!;
    const read = async (name: string) => Float32Array.from(await plan.read(name));
    const reads = await Promise.all(plan.outputNames.map(async (name) => [name, await read(name)] as const));
    const values = new Map(reads);
    for (const { name, hasCounts } of parts) {
      const [correct, total] = hasCounts ? values.get(`counts ${name}`)! : [Number.NaN, -1];
      const average = totals.get(name) ?? new MetricAverages(areSums);
      totals.set(name, average);
      average.add(
        { loss: values.get(`loss ${name}`)![0], correct, total, gradNorm: Number.NaN },
        batch.samples,
      );
    }
    for (const { name, accumulator } of measuredOf) {
      const sum = sums.get(name) ?? accumulator();
      sums.set(name, sum);
      sum.add(values.get(`metric ${name}`)!, batch.samples);
    }
  }
  const all: [string, MetricValue][] = [...sums].map(([name, sum]) => [name, sum.value()]);
  for (const [name, total] of totals) {
    if (name === '') continue;
    const { loss, accuracy } = total.means();
    all.push([`${name}.loss`, loss]);
    if (accuracy !== undefined) all.push([`${name}.accuracy`, accuracy]);
  }
  const isAsked = namedSpecs !== undefined || (specs as readonly unknown[]).length > 0 || totals.size > 1;
  const means = (totals.get('') ?? new MetricAverages(areSums)).means();
  return { ...means, ...(isAsked && { metrics: Object.fromEntries(all) }) };
}

/** The tensors to read of a batch: loss and counts of the whole and of each output, and the values of metrics. */
function outputsOf(
  found: Measured,
  loss: BatchMetrics['options']['loss'],
  wanted: (output: string) => [string, Metric][],
) {
  const outputs: Record<string, Measured['loss']> = {};
  const result: Recorded = { parts: [], metrics: [] };
  for (const [name, part] of [['', found] as [string, Measured], ...(found.parts ?? [])]) {
    outputs[`loss ${name}`] = part.loss;
    if (part.counts) outputs[`counts ${name}`] = part.counts;
    result.parts.push({ name, hasCounts: part.counts !== undefined });
    // The whole of several outputs has no answers of its own.
    if (name === '' && found.parts) continue;
    const spec = name !== '' && isNamedLoss(loss) ? loss[name] : (loss as LossSpec | LossFunction);
    const answers = new Answers(part.prediction, part.target, spec);
    for (const [metric, record] of wanted(name)) {
      const { values, accumulator } = record(answers, metric);
      const full = name === '' ? metric : `${name}.${metric}`;
      outputs[`metric ${full}`] = values;
      result.metrics.push({ name: full, accumulator });
    }
  }
  return { outputs, ...result };
}

/** @throws GradloomError `argument` for metrics of outputs that have no loss. */
function checkOutputs(specs: Record<string, unknown>, parts: readonly [string, unknown][]): void {
  const names = parts.map(([name]) => name);
  const unknown = Object.keys(specs).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownName('Trainer', 'metrics', unknown, names);
}

/** Metrics in the keys of plans: functions by a number of their own. */
function specsKey(specs: Metrics): string {
  return JSON.stringify(specs, (_, spec) => {
    if (typeof spec !== 'function') return spec;
    if (!functions.has(spec)) functions.set(spec, functionCount++);
    return `function ${functions.get(spec)}`;
  });
}

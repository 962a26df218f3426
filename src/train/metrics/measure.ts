/** Evaluation with metrics: a pass over the data whose batches give loss, counts and the sums of each metric. */
import type { Device } from '../../gpu/device';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import type { Plan } from '../../graph/runtime/plan';
import type { BatchMetrics } from '../batch-metrics';
import type { DeviceDataset } from '../device-dataset';
import { MetricAverages } from '../metric-averages';
import type { WeightAverages } from '../step-averages';
import type { Evaluation, MetricSpec, TrainingData } from '../types';
import { metricsOf } from '.';
import { Answers } from './answers';
import type { Accumulator } from './metric';

interface Context {
  device: Device;
  metrics: BatchMetrics;
  seed: number;
  averages?: WeightAverages;
  areSums: boolean;
}

/** @throws GradloomError for metrics that are unknown, or not defined for the loss and the data. */
export async function measure(
  { device, metrics, seed, areSums, averages }: Context,
  data: TrainingData,
  onDevice: Pick<DeviceDataset, 'batch' | 'ready'>,
  batchSize: number,
  specs: readonly MetricSpec[],
): Promise<Evaluation> {
  const wanted = metricsOf(specs);
  await onDevice.ready;
  const sums = new Map<string, Accumulator>();
  const planOf = (size: number): Promise<Plan> => {
    const graph = new Graph({ valuesOf: averages?.of });
    const { x, y } = onDevice.batch(graph, size, 'sequential');
    const { loss, counts, prediction, target } = metrics.measure(x, y, data);
    const answers = new Answers(prediction, target, metrics.options.loss);
    const outputs = wanted.map(([name, metric], i) => {
      const { values, accumulator } = metric(answers, name);
      if (!sums.has(name)) sums.set(name, accumulator());
      return [`metric ${i}`, values] as const;
    });
    return compile(device, graph, {
      outputs: { loss, ...(counts && { counts }), ...Object.fromEntries(outputs) },
    });
  };
  const plans = new Map<number, Plan>();
  const means = new MetricAverages(areSums);
  try {
    for (let start = 0; start < data.length; start += batchSize) {
      const size = Math.min(batchSize, data.length - start);
      const plan = plans.get(size) ?? (await planOf(size));
      plans.set(size, plan);
      plan.run({ seed, batchStart: start });
      const read = async (name: string) => Float32Array.from(await plan.read(name));
      const [[loss], counts, ...values] = await Promise.all([
        read('loss'),
        plan.outputNames.includes('counts') ? read('counts') : [Number.NaN, 0],
        ...wanted.map((_, i) => read(`metric ${i}`)),
      ]);
      const [correct, total] = counts;
      means.add({ loss, correct, total, gradNorm: Number.NaN }, size);
      wanted.forEach(([name], i) => {
        sums.get(name)!.add(values[i], size);
      });
    }
  } finally {
    for (const plan of plans.values()) plan.destroy();
  }
  const measured = wanted.map(([name]) => [name, sums.get(name)!.value()]);
  return { ...means.means(), metrics: Object.fromEntries(measured) };
}

/** Evaluation of a model on data on the device: mean loss and accuracy, one evaluation after the other. */
import type { DataLoader } from '../data/loader';
import type { Device } from '../gpu/device';
import { Graph } from '../graph/ir/graph';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';
import { PlanCache } from '../graph/runtime/plan-cache';
import type { BatchMetrics } from './batch-metrics';
import type { DeviceDataCache } from './device-data-cache';
import { isLoader } from './fit-data';
import { MetricAverages } from './metric-averages';
import type { MetricHistory } from './metric-history';
import type { Pace } from './pace';
import type { WeightAverages } from './step-averages';
import type { Evaluation, Metrics, TrainingData } from './types';

export class Evaluator {
  private readonly plans = new PlanCache();
  /** The evaluation that runs now; the next one waits for it, because they share a history. */
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly device: Device,
    private readonly data: DeviceDataCache,
    /** Freed with the evaluator. */
    private readonly history: MetricHistory,
    private readonly metrics: BatchMetrics,
    private readonly options: { seed: number; areSums: boolean },
  ) {}

  /** Mean loss, accuracy and metrics over all samples, in evaluation mode. A loader's own batches are taken. */
  evaluate(
    data: TrainingData | DataLoader,
    batchSize: number,
    { metrics, averages, pace }: { metrics?: Metrics; averages?: WeightAverages; pace?: Pace } = {},
  ): Promise<Evaluation> {
    const run = () =>
      metrics || isLoader(data)
        ? this.measure(data, batchSize, metrics ?? [], averages)
        : this.run(data, batchSize, averages, pace);
    const result = this.running.then(run);
    this.running = result.catch(() => {});
    return result;
  }

  /** Destroys the plans of a data set, by its key. */
  drop(key: number): void {
    this.plans.drop((plan) => plan.startsWith(`${key} `));
  }

  /** Frees all that the evaluator holds, when the evaluation under way has ended. */
  async dispose(): Promise<void> {
    await this.running;
    this.plans.clear();
    this.history.destroy();
  }

  /** Metrics and loaders are code that a page without them does not wait for. */
  private async measure(
    data: TrainingData | DataLoader,
    batchSize: number,
    specs: Metrics,
    averages?: WeightAverages,
  ): Promise<Evaluation> {
    const { measure, residentBatches, loadedBatches } = await import('./metrics/measure');
    const { device, metrics, options, plans } = this;
    if (isLoader(data)) await metrics.readyForNamed();
    const batches = isLoader(data)
      ? loadedBatches(data)
      : residentBatches(data, this.data.get(data), { key: this.data.keyOf(data), batchSize });
    return measure({ device, metrics, averages, plans, ...options }, batches, specs);
  }

  private async run(
    data: TrainingData,
    batchSize: number,
    averages?: WeightAverages,
    pace?: Pace,
  ): Promise<Evaluation> {
    const onDevice = this.data.get(data);
    await onDevice.ready;
    const count = Math.ceil(data.length / batchSize);
    const sizeOf = (step: number) => Math.min(batchSize, data.length - step * batchSize);
    const plans = new Map<number, Plan>();
    for (const size of new Set([sizeOf(0), sizeOf(count - 1)])) {
      const plan = await this.plans.get(`${this.data.keyOf(data)} ${size} ${averages?.key}`, async () => {
        const graph = new Graph({ valuesOf: averages?.of });
        const { x, y } = onDevice.batch(graph, size, 'sequential');
        this.history.record(this.metrics.record({ x, y }, data));
        return compile(this.device, graph);
      });
      plans.set(size, plan);
    }
    const means = new MetricAverages(this.options.areSums);
    const values = { seed: this.options.seed, batchStart: 0 };
    await this.history.run({
      count,
      stepOf: (step) => {
        values.batchStart = step * batchSize;
        return { plan: plans.get(sizeOf(step))!, values };
      },
      onMetrics: (step, metrics) => means.add(metrics, sizeOf(step)),
      pace,
    });
    return means.means();
  }
}

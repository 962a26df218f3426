/** Steps of a training step on batches that are gathered from data on the device. */
import { GradloomError } from '../errors';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { Plan } from '../graph/runtime/plan';
import type { Augmenter } from './augment/augmenter';
import type { BatchMetrics } from './batch-metrics';
import type { DeviceDataCache } from './device-data-cache';
import type { Order } from './device-dataset';
import type { MetricHistory, OnMetrics } from './metric-history';
import type { Pace } from './pace';
import type { RateOf } from './rates';
import type { RunControl } from './run-control';
import type { StreamRun } from './stream-runner';
import type { TrainStep } from './train-step';
import type { TrainingData } from './types';

/** The batch of a step: its first sample and its size. */
export interface BatchRange {
  start: number;
  size: number;
  /** Whole passes through the data before it. */
  cycle?: number;
}

export interface BatchRun {
  data: TrainingData;
  /** Seed and epoch of the order; the data's own order without it. */
  shuffle?: { seed: number; epoch: number };
  /** Augments the batches of an epoch, by the number of which it draws. */
  augment?: { augmenter: Augmenter; epoch: number };
  /** The steps from `from` to before `count` are run. */
  from?: number;
  count: number;
  batchAt(step: number): BatchRange;
  /** Called before a step is submitted, when all before it are. */
  beforeStep?(step: number, samples: number): void;
  onMetrics: OnMetrics;
  /** Called when the last step is submitted, before its metrics are there. */
  onSubmitted?(): void;
  /** Called when the steps before this one are submitted, and this one waits because the page is hidden. */
  onPause?(step: number): void;
  signal?: AbortSignal;
  control?: RunControl;
}

export class BatchRunner {
  /** Rates in place of those of the schedule, by the number of the step. */
  rateAt: ((step: number) => number) | undefined;
  /** Factor on all rates, below 1 after training went back from a divergence. */
  rateFactor = 1;
  /** Whether steps whose gradients are no finite numbers update nothing. */
  skipsNonfinite = false;
  /** Of steps beside a page. */
  pace: Pace | undefined;

  constructor(
    private readonly step: TrainStep,
    private readonly data: DeviceDataCache,
    private readonly history: MetricHistory,
    readonly metrics: BatchMetrics,
  ) {}

  /** Begins `work` when no step is submitted in part. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.pace ? this.pace.between(work) : work();
  }

  /** The plan of a step on batches of this size. */
  async planOf(data: TrainingData, batchSize: number, order: Order, augmenter?: Augmenter): Promise<Plan> {
    const { skipsNonfinite } = this;
    return this.step.planWith(
      `data ${this.data.keyOf(data)} ${order} ${batchSize} ${augmenter?.key ?? ''}${skipsNonfinite ? ' skips' : ''}`,
      this.computation(data, batchSize, order, augmenter),
      (outputs) => this.history.record(outputs as { loss: Tensor }),
      { skipsNonfinite },
    );
  }

  /** Records loss and metrics of a batch of this size. */
  computation(
    data: TrainingData,
    batchSize: number,
    order: Order,
    augmenter?: Augmenter,
  ): (graph: Graph) => Record<string, Tensor> {
    const onDevice = this.data.get(data);
    return (graph) => {
      const { x, y } = augmenter
        ? augmenter.batch(graph, onDevice, batchSize, order)
        : onDevice.batch(graph, batchSize, order);
      return this.metrics.record({ x, y }, data);
    };
  }

  /** Resolves when the data is on the device, in an order. */
  async prepare(data: TrainingData, shuffle: BatchRun['shuffle']): Promise<void> {
    const onDevice = this.data.get(data);
    await Promise.all([onDevice.ready, shuffle && onDevice.shuffle(shuffle.seed, shuffle.epoch)]);
  }

  /** Steps on the batches of a loader, whose code is loaded by then. */
  async stream(run: StreamRun): Promise<number> {
    const { runStream } = await import('./stream-runner');
    const { step, history, metrics, pace, skipsNonfinite } = this;
    return runStream({ step, history, metrics, pace, skipsNonfinite, rateOf: () => this.rateOf() }, run);
  }

  /** The rate of the next step, of parameters in no group. */
  get learningRate(): number {
    const { step, rateFactor } = this;
    return rateFactor * (this.rateAt?.(step.steps) ?? step.learningRate);
  }

  /** The rate of a group where there is one in place of the schedule: groups keep their ratio to the optimizer's own. */
  private rateOf(): RateOf | undefined {
    if (!this.rateAt && this.rateFactor === 1) return undefined;
    return this.step.rateOf(this.learningRate);
  }

  /** Returns the number of the step after the last one that ran. */
  async run({ data, shuffle, augment, from = 0, count, batchAt, ...run }: BatchRun): Promise<number> {
    if (from >= count) return from;
    const order = shuffle ? 'shuffled' : 'sequential';
    const sizes = [...new Set([batchAt(from).size, batchAt(count - 1).size])];
    const planOf = (size: number) =>
      this.planOf(data, size, order, augment?.augmenter).catch((error) => {
        throw size === 1 && sizes.length > 1 ? lastBatchError(error, data, sizes[0]) : error;
      });
    const plans = () => Promise.all(sizes.map(planOf));
    const [made] = await Promise.all([
      // Again, because a plan that updates fewer parameters than others makes these invalid.
      plans().then(plans),
      this.prepare(data, shuffle),
    ]);
    const ran = await this.history.run({
      count: count - from,
      stepOf: (index) => {
        const range = batchAt(from + index);
        const { start, size } = range;
        run.beforeStep?.(from + index, size);
        const plan = made[sizes.indexOf(size)];
        const updated = this.step.updatedBy(plan);
        const values = this.step.nextValues(updated, this.rateOf());
        values.batchStart = start;
        values.epoch = epochOf(augment, range);
        return { plan, values };
      },
      onMetrics: (index, metrics) => run.onMetrics(from + index, metrics),
      signal: run.signal,
      control: run.control,
      onSubmitted: run.onSubmitted,
      pace: this.pace,
      onPause: (index) => run.onPause?.(from + index),
    });
    return from + ran;
  }
}

/** The epoch of augmentation, with the passes within an epoch in the upper half. */
export const epochOf = (augment: BatchRun['augment'], { cycle = 0 }: BatchRange): number =>
  augment ? augment.epoch + cycle * 2 ** 16 : 0;

/** Names the batch of one that a batch norm refuses. */
function lastBatchError(error: unknown, { name, length }: TrainingData, batchSize: number): unknown {
  if (!(error instanceof GradloomError) || error.code !== 'shape' || error.op !== 'batchNorm') return error;
  return new GradloomError({
    code: 'shape',
    op: 'Trainer.fit',
    argument: `the last batch of ${name}`,
    got: `1 sample (${length} in batches of ${batchSize}), of which batchNorm has no statistics`,
    expected: error.expected,
    fix: 'Leave it out with dropLast: true, or choose another batchSize',
    cause: error,
  });
}

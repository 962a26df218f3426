/** Loss and accuracy of a batch, recorded. */
import type { DataLoader } from '../data/loader';
import { formatShape, GradloomError } from '../errors';
import { type Graph, Tensor } from '../graph/ir/graph';
import { asModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { add, correctAndTotal } from '../ops';
import { loadAccuracy } from './accuracy';
import type { CountRight } from './accuracy-counts';
import { isLoader } from './fit-data';
import { checkLabels, classifies } from './labels';
import {
  ignoredIndex,
  isNamedLoss,
  type LossFunction,
  type LossSpec,
  loadLoss,
  severalTensorsOf,
  totalLoss,
} from './loss';
import { asLossTakes, type BatchTensors, type Measured } from './measured';
import type { NamedBatches } from './named-batches';
import { checkTokens } from './tokens';
import type { TrainerOptions, TrainingData } from './types';

export class BatchMetrics {
  private lossFunction: LossFunction | undefined;
  private named: NamedBatches | undefined;
  private penalty: ((graph: Graph) => Tensor) | undefined;
  private readonly loaded: Promise<void>;
  /** Where targets are no class indices. */
  private countRight: CountRight | undefined;
  /** Targets with this index do not count. */
  private readonly ignoreIndex: number;

  /** @throws GradloomError for unknown losses, by `readyFor`. */
  constructor(
    private readonly model: Module,
    readonly options: Pick<TrainerOptions, 'loss' | 'lossWeights' | 'regularization' | 'classesLast'>,
  ) {
    const { loss, regularization } = options;
    const isNamed = isNamedLoss(loss) || severalTensorsOf(loss) !== undefined || options.lossWeights;
    const losses = isNamed
      ? this.readyForNamed()
      : loadLoss(loss as LossSpec | LossFunction).then((found) => {
          this.lossFunction = found;
        });
    this.loaded = regularization === undefined ? losses : losses.then(() => this.loadPenalty(regularization));
    this.loaded.catch(() => {}); // whoever needs the loss hears of it
    this.ignoreIndex = ignoredIndex(loss);
  }

  /** Resolves when the modules of loss and accuracy are loaded; metrics of batches of `data` may be recorded then. */
  async readyFor(...data: (TrainingData | DataLoader | undefined)[]): Promise<void> {
    await this.loaded;
    if (data.some((one) => one && isLoader(one))) await this.readyForNamed();
    const { loss } = this.options;
    if (!this.lossFunction) return;
    for (const one of data)
      if (one && !isLoader(one)) this.countRight ??= await loadAccuracy(loss as LossSpec | LossFunction, one);
  }

  /** As `readyFor`, for batches with names or weights. */
  async readyForNamed(): Promise<void> {
    const { NamedBatches } = await import('./named-batches');
    this.named ??= await NamedBatches.load(this.model, this.options);
  }

  private async loadPenalty(given: NonNullable<TrainerOptions['regularization']>): Promise<void> {
    this.penalty = (await import('./penalty')).penaltyOf(this.model, given);
  }

  /** Loss of a batch and, where predictions are right or wrong, how many are correct of how many targets that count. */
  record(
    batch: BatchTensors,
    data?: TrainingData,
    check?: (measured: Measured) => void,
  ): { loss: Tensor } | { loss: Tensor; counts: Tensor } {
    const found = this.measure(batch, data);
    check?.(found);
    const { counts } = found;
    const { graph } = found.loss;
    const loss = this.penalty && graph.training ? add(found.loss, this.penalty(graph)) : found.loss;
    return counts ? { loss, counts } : { loss };
  }

  /** As `record`, with output and target as the loss takes them. */
  measure(batch: BatchTensors, data?: TrainingData): Measured {
    const { lossFunction } = this;
    const { x, y: targets } = batch;
    if (!data || !lossFunction || !(x instanceof Tensor && targets instanceof Tensor))
      return this.named ? this.named.measure(batch) : this.measureOne(x as Tensor, targets as Tensor);
    return this.measureOne(x, targets, data);
  }

  private measureOne(x: Tensor, targets: Tensor, data?: TrainingData): Measured {
    const { classesLast } = this.options;
    const loss = this.options.loss as LossSpec | LossFunction;
    const take = (output: Tensor) => asLossTakes(loss, output, targets, classesLast, this.model.classesLast);
    const outputs = asModelOutput(this.model.forward(x));
    const [prediction, target] = take(outputs.prediction);
    if (data) {
      checkLabels(data, prediction, target, this.ignoreIndex);
      checkTokens(data, prediction.graph);
    }
    const total = totalLoss(outputs, (output) => this.lossFunction!(...take(output)));
    if (total.size !== 1) {
      throw new GradloomError({
        code: 'shape',
        op: 'Trainer',
        argument: 'loss',
        got: formatShape(total.shape),
        expected: 'one number per batch',
        fix: "Use reduction 'mean' or 'sum'",
      });
    }
    const parts = { loss: total, prediction, target };
    if (classifies(prediction, target))
      return { ...parts, counts: correctAndTotal(prediction, target, this.ignoreIndex) };
    return { ...parts, counts: this.countRight?.(prediction, target) };
  }
}

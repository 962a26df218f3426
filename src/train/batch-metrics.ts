/** Loss and accuracy of a batch, recorded. */
import { formatShape, GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { asModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { correctAndTotal } from '../ops';
import { loadAccuracy } from './accuracy';
import type { CountRight } from './accuracy-counts';
import { checkLabels, classifies, scoresAndLabels } from './labels';
import { ignoredIndex, type LossFunction, loadLoss, totalLoss } from './loss';
import { fittedTarget } from './targets';
import { checkTokens } from './tokens';
import type { TrainerOptions, TrainingData } from './types';

export interface Measured {
  loss: Tensor;
  counts: Tensor | undefined;
  prediction: Tensor;
  target: Tensor;
}

export class BatchMetrics {
  private lossFunction!: LossFunction;
  private readonly loaded: Promise<void>;
  /** Where targets are no class indices. */
  private countRight: CountRight | undefined;
  /** Targets with this index do not count. */
  private readonly ignoreIndex: number;

  /** @throws GradloomError for unknown losses, by `readyFor`. */
  constructor(
    private readonly model: Module,
    readonly options: Pick<TrainerOptions, 'loss' | 'classesLast'>,
  ) {
    this.loaded = loadLoss(options.loss).then((found) => {
      this.lossFunction = found;
    });
    this.loaded.catch(() => {}); // whoever needs the loss hears of it
    this.ignoreIndex = ignoredIndex(options.loss);
  }

  /** Resolves when the modules of loss and accuracy are loaded; metrics of batches of `data` may be recorded then. */
  async readyFor(...data: (TrainingData | undefined)[]): Promise<void> {
    await this.loaded;
    for (const one of data) if (one) this.countRight ??= await loadAccuracy(this.options.loss, one);
  }

  /** Loss of a batch and, where predictions are right or wrong, how many are correct of how many targets that count. */
  record(
    x: Tensor,
    targets: Tensor,
    data?: TrainingData,
  ): { loss: Tensor } | { loss: Tensor; counts: Tensor } {
    const { loss, counts } = this.measure(x, targets, data);
    return counts ? { loss, counts } : { loss };
  }

  /** As `record`, with output and target as the loss takes them. */
  measure(x: Tensor, targets: Tensor, data?: TrainingData): Measured {
    const asLossTakes = (output: Tensor): [Tensor, Tensor] => {
      const { classesLast, loss } = this.options;
      const [y, labels] = scoresAndLabels(output, targets, classesLast, this.model.classesLast);
      return [y, fittedTarget(loss, y, labels)];
    };
    const outputs = asModelOutput(this.model.forward(x));
    const [prediction, target] = asLossTakes(outputs.prediction);
    if (data) {
      checkLabels(data, prediction, target, this.ignoreIndex);
      checkTokens(data, prediction.graph);
    }
    const loss = totalLoss(outputs, (output) => this.lossFunction(...asLossTakes(output)));
    if (loss.size !== 1) {
      throw new GradloomError({
        code: 'shape',
        op: 'Trainer',
        argument: 'loss',
        got: formatShape(loss.shape),
        expected: 'one number per batch',
        fix: "Use reduction 'mean' or 'sum'",
      });
    }
    if (classifies(prediction, target)) {
      const counts = correctAndTotal(prediction, target, this.ignoreIndex);
      return { loss, counts, prediction, target };
    }
    return { loss, counts: this.countRight?.(prediction, target), prediction, target };
  }
}

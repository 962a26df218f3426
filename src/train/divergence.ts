/** Notices when training goes to NaN, and puts the weights back to those before. */
import { GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { StepMetrics } from './metric-history';

export class DivergenceWatch {
  private kept = new Map<Variable, Float32Array>();

  /** @param variables parameters and buffers of the model */
  constructor(private readonly variables: readonly Variable[]) {}

  /** Keeps the host values as they are now; downloads put new arrays in their place, so that nothing is copied. */
  keep(): void {
    this.kept = new Map(
      this.variables.flatMap((variable) => (variable.data ? [[variable, variable.data]] : [])),
    );
  }

  /** @throws GradloomError `diverged` for a loss that is no finite number, unless no target of the batch counts. */
  checkLoss(step: number, { loss, correct, total }: StepMetrics): void {
    if (Number.isFinite(loss) || (correct === 0 && total === 0)) return;
    throw this.diverged(`the loss of step ${step + 1}`, loss);
  }

  /** @throws GradloomError `diverged`: the last update has no loss after it that would tell. */
  checkParameters(): void {
    for (const { name, data, trainable, requiresGrad } of this.variables) {
      if (!data || !trainable || !requiresGrad) continue;
      // x - x is 0 for finite numbers only, and sums of it need no branch.
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += data[i] - data[i];
      if (sum === 0) continue;
      throw this.diverged(`a value of ${name}`, data.find((value) => !Number.isFinite(value))!);
    }
  }

  private diverged(argument: string, value: number): GradloomError {
    // Reaches the device, too; a download under way does not overwrite it.
    for (const [variable, data] of this.kept) variable.data = data;
    return new GradloomError({
      code: 'diverged',
      op: 'Trainer.fit',
      argument,
      got: String(value),
      expected: 'a finite number',
      fix: "The weights are those before this epoch. Lower the learning rate, clip gradients (clip: { maxNorm: 1 }) or look for extreme values in the data; make a new Trainer. onNaN: 'ignore' goes on",
    });
  }
}

/** Notices when training goes to NaN, and puts the weights back to those before. */
import { GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { DivergenceReport } from './inspect/first-bad';
import type { StepMetrics } from './metric-history';

/** Training went to NaN or infinity. */
export class DivergedError extends GradloomError {
  /** Where the first bad values came from, where a snapshot from before allowed to look. */
  report?: DivergenceReport;

  /** @param step number within `fit`, from 0, whose loss, or whose update, is no finite number */
  constructor(
    readonly step: number,
    argument: string,
    got: string,
  ) {
    super({
      code: 'diverged',
      op: 'Trainer.fit',
      argument,
      got,
      expected: 'a finite number',
      fix: "The weights are those before this epoch. Lower the learning rate, clip gradients (clip: { maxNorm: 1 }) or look for extreme values in the data; make a new Trainer. onNaN: 'ignore' goes on",
    });
  }
}

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

  /** @throws DivergedError for a loss that is no finite number, unless no target of the batch counts. */
  checkLoss(step: number, { loss, correct, total }: StepMetrics): void {
    if (Number.isFinite(loss) || (correct === 0 && total === 0)) return;
    throw this.diverged(step, `the loss of step ${step + 1}`, loss);
  }

  /** @throws DivergedError: the update of this step, the last one, has no loss after it that would tell. */
  checkParameters(step: number): void {
    for (const { name, data, trainable, requiresGrad } of this.variables) {
      if (!data || !trainable || !requiresGrad) continue;
      // x - x is 0 for finite numbers only, and sums of it need no branch.
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += data[i] - data[i];
      if (sum === 0) continue;
      const found = data.find((value) => !Number.isFinite(value))!;
      throw this.diverged(step, `a value of ${name}`, found);
    }
  }

  /** Puts the weights back to those that were kept; they reach the device, too, and a download under way does not overwrite them. */
  putBack(): void {
    for (const [variable, data] of this.kept) variable.data = data;
  }

  private diverged(step: number, argument: string, value: number): DivergedError {
    this.putBack();
    return new DivergedError(step, argument, String(value));
  }
}

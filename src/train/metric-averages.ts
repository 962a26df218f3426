/** Means of loss and accuracy over all that counts in a run, from the metrics of its batches. */
import type { StepMetrics } from './metric-history';
import type { Evaluation } from './types';

/** Share of correct predictions; nothing where predictions are not right or wrong, or none counts. */
export const accuracyOf = ({
  correct,
  total,
}: Pick<StepMetrics, 'correct' | 'total'>): { accuracy?: number } =>
  correct >= 0 && total > 0 ? { accuracy: correct / total } : {};

/**
 * Sums of metrics. A batch weighs as much as targets count in it, so that padding does not; where targets are not
 * counted, as in regression, as much as it has samples.
 */
export class MetricAverages {
  private weight = 0;
  private loss = 0;
  private correct = 0;

  /** Whether the losses of batches are sums over their samples, which add up. */
  readonly #areSums: boolean;

  /** @param state sums to go on from */
  constructor(areSums = false, state: Readonly<Record<string, number>> = {}) {
    this.#areSums = areSums;
    Object.assign(this, state);
  }

  /** The sums so far. */
  get state(): Record<string, number> {
    return { ...this } as unknown as Record<string, number>;
  }

  add({ loss, correct, total }: StepMetrics, samples: number): void {
    const weight = total < 0 ? samples : total;
    this.correct += correct;
    // The mean over nothing is NaN.
    if (weight === 0) return;
    this.weight += weight;
    this.loss += this.#areSums ? loss : loss * weight;
  }

  means(): Evaluation {
    const { weight, correct } = this;
    return {
      loss: this.#areSums ? this.loss : this.loss / weight,
      ...accuracyOf({ correct, total: weight }),
    };
  }
}

/** Means of a run's figures over all that counts in it, from the figures of its batches. */
import type { Figures } from './runner';
import type { Evaluation } from './types';

/** Share of right answers; nothing where answers are not right or wrong, or none counts. */
export const accuracyOf = ({ right, counted }: Pick<Figures, 'right' | 'counted'>): { accuracy?: number } =>
  right >= 0 && counted > 0 ? { accuracy: right / counted } : {};

/**
 * Sums of figures. A batch weighs as much as answers count in it, so that padding does not; where answers are not
 * counted, as in regression, as much as it has samples.
 */
export class Totals {
  private weight = 0;
  private loss = 0;
  private right = 0;

  add({ loss, right, counted }: Figures, samples: number): void {
    const weight = Number.isNaN(right) ? samples : counted;
    this.right += right;
    // The mean over nothing is NaN.
    if (weight === 0) return;
    this.weight += weight;
    this.loss += loss * weight;
  }

  means(): Evaluation {
    const { weight, right } = this;
    return { loss: this.loss / weight, ...accuracyOf({ right, counted: weight }) };
  }
}

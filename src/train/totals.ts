/** Means of a run's figures over its samples, from the figures of its batches. */
import type { Evaluation } from './types';

/** Sums of figures, weighted by batch size. */
export class Totals {
  private samples = 0;
  private loss = 0;
  private metric = 0;

  add(loss: number, metric: number, size: number): void {
    this.samples += size;
    this.loss += loss * size;
    this.metric += metric * size;
  }

  means(): Evaluation {
    const loss = this.loss / this.samples;
    return Number.isNaN(this.metric) ? { loss } : { loss, accuracy: this.metric / this.samples };
  }
}

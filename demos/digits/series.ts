/**
 * A curve of any number of steps in bounded memory: when it gets long, neighbouring points are merged into their
 * mean, so that a run of hours draws as fast as one of seconds.
 */

/** Weight of the past in the smoothed curve. */
const DECAY = 0.92;

/** One value per step, thinned out as needed. */
export class Series {
  /** The step of each point, ascending. */
  readonly steps: number[] = [];
  /** Mean over the steps that a point stands for. */
  readonly values: number[] = [];
  /** Exponential moving average at each point. */
  readonly smooth: number[] = [];
  private stride = 1;
  private sum = 0;
  private count = 0;
  private average = 0;
  /** Decay to the power of the number of values: corrects the average for its start at zero. */
  private past = 1;

  /** @param limit most points to keep, an even number */
  constructor(private readonly limit = 2000) {}

  /** The moving average now; undefined before the first value. */
  get latest(): number | undefined {
    return this.past === 1 ? undefined : this.average / (1 - this.past);
  }

  add(step: number, value: number): void {
    this.average = DECAY * this.average + (1 - DECAY) * value;
    this.past *= DECAY;
    this.sum += value;
    if (++this.count < this.stride) return;
    this.steps.push(step);
    this.values.push(this.sum / this.count);
    this.smooth.push(this.latest!);
    this.sum = this.count = 0;
    if (this.steps.length >= this.limit) this.halve();
  }

  clear(): void {
    for (const list of [this.steps, this.values, this.smooth]) list.length = 0;
    this.stride = this.past = 1;
    this.sum = this.count = this.average = 0;
  }

  private halve(): void {
    const { steps, values, smooth } = this;
    const half = steps.length / 2;
    for (let i = 0; i < half; i++) {
      steps[i] = steps[2 * i + 1];
      values[i] = (values[2 * i] + values[2 * i + 1]) / 2;
      smooth[i] = smooth[2 * i + 1];
    }
    for (const list of [steps, values, smooth]) list.length = half;
    this.stride *= 2;
  }
}

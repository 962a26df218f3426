/** torch.optim.lr_scheduler.ReduceLROnPlateau: lower rates when a metric gets no better. */
import { parseAttrs } from '../graph/ir/op';
import type * as z from '../schema';
import { scheduleOptions } from './schedule-options';

export type PlateauOptions = z.input<typeof scheduleOptions.reduceLROnPlateau>;

/** Its state in a checkpoint. */
export interface PlateauState {
  best: number;
  badEpochs: number;
  cooldown: number;
  /** How often rates were reduced. */
  reductions: number;
}

export class Plateau {
  private readonly options: z.output<typeof scheduleOptions.reduceLROnPlateau>;
  state: PlateauState;

  /** @throws GradloomError `argument` for unknown options. */
  constructor(options: PlateauOptions = {}) {
    this.options = parseAttrs('reduceLROnPlateau', scheduleOptions.reduceLROnPlateau, options);
    this.state = { best: this.worst, badEpochs: 0, cooldown: 0, reductions: 0 };
  }

  private get worst(): number {
    return this.options.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Name of the metric; undefined for the validation loss, or the loss where there is none. */
  get monitor(): string | undefined {
    return this.options.monitor;
  }

  /** Takes the metric of an epoch. NaN is no better. @returns whether rates are reduced now */
  step(metric: number): boolean {
    const { state, options } = this;
    if (this.isBetter(metric)) {
      state.best = metric;
      state.badEpochs = 0;
    } else state.badEpochs++;
    if (state.cooldown > 0) {
      state.cooldown--;
      state.badEpochs = 0;
    }
    if (state.badEpochs <= options.patience) return false;
    state.reductions++;
    state.cooldown = options.cooldown;
    state.badEpochs = 0;
    return true;
  }

  /** A group's rate after the reductions so far. */
  rate(base: number): number {
    let lr = base;
    for (let i = 0; i < this.state.reductions; i++) lr = this.reduced(lr);
    return lr;
  }

  /** A rate after one reduction. */
  reduced(lr: number): number {
    const { factor, minLr, eps } = this.options;
    const next = Math.max(lr * factor, minLr);
    return lr - next > eps ? next : lr;
  }

  /** The state as JSON can hold it: no metric yet is null. */
  get saved(): object {
    const { best } = this.state;
    return { ...this.state, best: Number.isFinite(best) ? best : null };
  }

  set saved(state: object) {
    const { best } = state as PlateauState;
    this.state = { ...(state as PlateauState), best: best ?? this.worst };
  }

  private isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const { best } = this.state;
    if (thresholdMode === 'abs')
      return mode === 'min' ? metric < best - threshold : metric > best + threshold;
    return mode === 'min' ? metric < best * (1 - threshold) : metric > best * (1 + threshold);
  }
}

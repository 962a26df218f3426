/** The pace of a run beside a page: what it submits at once, and whether it waits while the page is hidden. */
import type { Device } from '../gpu/device';
import type { Plan } from '../graph/runtime/plan';
import type { StepValues } from '../graph/runtime/step-values';
import { Pacer } from './pacer';
import type { PageVisibility } from './types';

/** A step that is to be submitted, and its slot in the history. */
interface PacedStep {
  plan: Plan;
  values: StepValues;
  slot: number;
}

export interface PaceOptions {
  /** Milliseconds of GPU work that may be ahead of the page; false for any. */
  frameBudget: number | false;
  whenHidden: 'continue' | 'pause';
  /** Whether the page is seen; of a page itself unless given. */
  visibility: PageVisibility | undefined;
}

export class Pace {
  private readonly pacer: Pacer;
  private isMidStep = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    device: Device,
    private readonly options: PaceOptions,
  ) {
    const { frameBudget, visibility } = options;
    const budget = frameBudget === false ? Number.POSITIVE_INFINITY : frameBudget;
    this.pacer = new Pacer(device, { budget, isHidden: () => visibility?.hidden ?? false });
  }

  /** Whether the page is hidden and training waits for that to end. */
  get isPaused(): boolean {
    const { whenHidden, visibility } = this.options;
    return whenHidden === 'pause' && (visibility?.hidden ?? false);
  }

  /** Resolves when the page is seen again, or the signal is aborted. */
  resumed(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.isPaused && !signal?.aborted) return;
        stop?.();
        signal?.removeEventListener('abort', check);
        resolve();
      };
      const stop = this.options.visibility?.onChange(check);
      signal?.addEventListener('abort', check);
      check();
    });
  }

  /** Submits a step, in several pieces where it is long. */
  async step(stepOf: () => PacedStep, finish?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    this.isMidStep = true;
    try {
      const { plan, values, slot } = stepOf();
      values.slot = slot;
      await this.pacer.submit(plan, values, finish);
    } finally {
      this.isMidStep = false;
      for (const work of this.waiting.splice(0)) work();
    }
    await this.pacer.breathe();
  }

  breathe(): Promise<void> {
    return this.pacer.breathe();
  }

  /** Begins `work` when no step is submitted in part: at once, or right after the present one. */
  between<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isMidStep) return work();
    return new Promise((resolve, reject) => {
      this.waiting.push(() => work().then(resolve, reject));
    });
  }
}

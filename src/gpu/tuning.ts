/**
 * What the tuner found out on this adapter, and what it has yet to measure. Measuring happens between other work, one
 * piece at a time; what it finds is used by the plans that are compiled afterwards, and remembered.
 */
import type { AdapterStore } from './adapter-store';
import type { Variants } from './variants';

/** Milliseconds without a new plan before measuring begins, and between two measurements. */
const DELAY = 500;
const PAUSE = 10;

/** Finds the fastest variant; undefined when it cannot be told. */
export type Measure = () => Promise<string | undefined>;

export class Tuning {
  private readonly waiting = new Map<string, Measure>();
  private readonly found: Record<string, string> = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  private constructor(
    private readonly variants: Variants,
    private readonly adapter: string,
    private readonly store: AdapterStore | undefined,
  ) {}

  /** Takes over what was found on this adapter before. */
  static async open(variants: Variants, adapter: string, store?: AdapterStore): Promise<Tuning> {
    const tuning = new Tuning(variants, adapter, store);
    for (const [key, variant] of Object.entries((await store?.load(adapter)) ?? {}))
      tuning.take(key, variant);
    return tuning;
  }

  /** What is known, by key of the work. */
  get results(): Readonly<Record<string, string>> {
    return this.found;
  }

  isKnown(key: string): boolean {
    return key in this.found || this.waiting.has(key);
  }

  /** Puts a measurement into the queue. */
  add(key: string, measure: Measure): void {
    this.waiting.set(key, measure);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.finish(), DELAY);
    // Node need not stay awake for this.
    (this.timer as { unref?: () => void }).unref?.();
  }

  /** Measures at once all that is waiting; resolves when it is done. */
  finish(): Promise<void> {
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Measures nothing any more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private async drain(): Promise<void> {
    let isNew = false;
    for (const [key, measure] of this.waiting) {
      // What cannot be measured (no memory left, device lost) stays with its default.
      const variant = await measure().catch(() => undefined);
      if (this.stopped) return;
      this.waiting.delete(key);
      if (variant !== undefined) {
        this.take(key, variant);
        isNew = true;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    if (isNew) await this.store?.save(this.adapter, this.found);
  }

  private take(key: string, variant: string): void {
    this.found[key] = variant;
    this.variants.prefer(key, variant);
  }
}

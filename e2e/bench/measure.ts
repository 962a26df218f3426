/** Measures one library on one workload, in a page or in Node; the host calls the phases in order. */
import { Counters, type Counts } from './counters';
import type { Phases } from './hosts';
import type { Library } from './libraries';
import { type Session, Unsupported } from './libraries/session';
import { type Summary, summarize } from './statistics';
import { makeStart, ROUND, type Workload } from './workloads';

/** Losses at the fences: the number of updates before it, and the loss of the step. */
export type Losses = [updates: number, loss: number][];

/** Milliseconds of a step beyond which a fence costs nothing to speak of, and 20 steps take too long. */
const SLOW_STEP = 500;
const SHORT_ROUND = 4;

export interface Measurement {
  losses: Losses;
  /** Milliseconds per step with a fence after each, and with one after 20. */
  fenced: Summary;
  pipelined: Summary;
  perStep: Counts;
  peakBytes: number;
  /** Milliseconds from the page's start to the end of the first step. */
  firstStep: number;
  /** Milliseconds per step of JavaScript on the main thread; absent where the host cannot tell. */
  script?: number;
}

export class Bench {
  private readonly counters = new Counters().install();
  private session!: Session;
  private readonly losses: Losses = [];
  private steps = 0;
  private slow = false;

  /** Builds the model and runs the first step. Gives its end, or why the library cannot run the workload. */
  async start(
    { backend, load }: Library,
    workload: Workload,
  ): Promise<{ ended: number } | { unsupported: string }> {
    try {
      const { prepare } = await load();
      this.session = await prepare(workload, makeStart(workload), backend);
      await this.run(1);
    } catch (error) {
      if (error instanceof Unsupported) return { unsupported: error.message };
      throw error;
    }
    return { ended: performance.now() };
  }

  /** Steps that nobody times. */
  async warmUp(steps: number): Promise<void> {
    // One by one and together, so that what either way needs is there; the first step ran already.
    for (let i = 0; i < 3; i++) await this.run(1);
    await this.run(steps - 4);
    await this.run(1);
  }

  /** Milliseconds of each of `count` steps, with a fence after each. */
  async fenced(count: number): Promise<Summary> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const from = performance.now();
      await this.run(1);
      times.push(performance.now() - from);
    }
    const summary = summarize(times);
    this.slow = summary.median > SLOW_STEP;
    return summary;
  }

  /** Milliseconds per step in rounds of 20 steps with a fence at their end; one short round where steps are slow. */
  async pipelined(rounds: number): Promise<{ times: Summary; perStep: Counts; steps: number }> {
    const times: number[] = [];
    const before = this.counters.snapshot();
    const size = this.slow ? SHORT_ROUND : ROUND;
    const steps = this.slow ? size : size * rounds;
    for (let done = 0; done < steps; done += size) {
      const from = performance.now();
      await this.run(size);
      times.push((performance.now() - from) / size);
    }
    return { times: summarize(times), perStep: this.counters.perStep(before, steps), steps };
  }

  async finish(): Promise<{ losses: Losses; peakBytes: number }> {
    await this.session.dispose();
    this.counters.remove();
    return { losses: this.losses, peakBytes: this.counters.peakBytes };
  }

  /** The phases for a host in the same place, which cannot tell the time of JavaScript apart. */
  get phases(): Phases {
    return {
      warmUp: (steps) => this.warmUp(steps),
      fenced: (count) => this.fenced(count),
      pipelined: (rounds) => this.pipelined(rounds),
      finish: () => this.finish(),
      script: async () => undefined,
    };
  }

  private async run(count: number): Promise<void> {
    const loss = await this.session.run(count);
    this.steps += count;
    this.losses.push([this.steps - 1, loss]);
  }
}

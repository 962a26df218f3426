/** Measures one library on one workload, in a page or in Node; the host calls the phases in order. */
import { Counters, type Counts } from './counters';
import { libraries } from './libraries';
import { type Session, Unsupported } from './libraries/session';
import { type Summary, summarize } from './statistics';
import { makeStart, ROUND, type Workload } from './workloads';

/** Losses of the step before any update, after ten updates and of the last step. */
export interface Losses {
  before: number;
  early: number;
  end: number;
}

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
  private readonly losses: Losses = { before: Number.NaN, early: Number.NaN, end: Number.NaN };

  /** Builds the model and runs the first step. Gives its end, or why the library cannot run the workload. */
  async start(library: string, workload: Workload): Promise<{ ended: number } | { unsupported: string }> {
    const { backend, load } = libraries[library];
    try {
      const { prepare } = await load();
      this.session = await prepare(workload, makeStart(workload), backend);
      this.losses.before = await this.session.run(1);
    } catch (error) {
      if (error instanceof Unsupported) return { unsupported: error.message };
      throw error;
    }
    return { ended: performance.now() };
  }

  /** Steps that nobody times. */
  async warmUp(steps: number): Promise<void> {
    // One by one and together, so that what either way needs is there; the first step ran already.
    for (let i = 0; i < 3; i++) await this.session.run(1);
    await this.session.run(steps - 4);
    this.losses.early = await this.session.run(1);
  }

  /** Milliseconds of each of `count` steps, with a fence after each. */
  async fenced(count: number): Promise<Summary> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const from = performance.now();
      await this.session.run(1);
      times.push(performance.now() - from);
    }
    return summarize(times);
  }

  /** Milliseconds per step in rounds of 20 steps with a fence at their end. */
  async pipelined(rounds: number): Promise<{ times: Summary; perStep: Counts }> {
    const times: number[] = [];
    const before = this.counters.snapshot();
    for (let i = 0; i < rounds; i++) {
      const from = performance.now();
      this.losses.end = await this.session.run(ROUND);
      times.push((performance.now() - from) / ROUND);
    }
    return { times: summarize(times), perStep: this.counters.perStep(before, rounds * ROUND) };
  }

  async finish(): Promise<{ losses: Losses; peakBytes: number }> {
    await this.session.dispose();
    return { losses: this.losses, peakBytes: this.counters.peakBytes };
  }
}

/**
 * Frame pacing: GPU work reaches the queue in small pieces and never far ahead, so that a page draws beside training. Steps
 * that are longer than a piece are cut between dispatches; what a dispatch costs is learned from when pieces are done.
 */
import type { Device } from '../gpu/device';
import type { Plan } from '../graph/runtime/plan';
import type { StepValues } from '../graph/runtime/step-values';

/** Pieces that are submitted and not done; two, so that the GPU is never idle. */
const PIECES = 2;
/** The page's thread is given back after this time. */
const TASK_MS = 4;
/** What a dispatch is taken to cost before it was measured, in milliseconds. */
const FIRST_GUESS = 0.25;

/** Milliseconds of each dispatch of a plan, as far as they are known. */
type Costs = Float64Array;

/** Dispatches of a plan that were submitted. */
interface Range {
  costs: Costs;
  from: number;
  to: number;
}

class Piece {
  /** Each once, however often it was submitted. */
  readonly ranges: Range[] = [];
  cost = 0;
  isDone = false;
  done: Promise<void> = Promise.resolve();

  add(costs: Costs, from: number, to: number, cost: number): void {
    this.cost += cost;
    const last = this.ranges.at(-1);
    if (last?.costs !== costs || last.from !== from || last.to !== to) this.ranges.push({ costs, from, to });
  }
}

export interface PacerOptions {
  /** Milliseconds of GPU work that may be ahead. */
  budget: number;
  /** Whether nothing is drawn at the moment. */
  isHidden?(): boolean;
  now?(): number;
}

export class Pacer {
  private readonly costs = new WeakMap<Plan, Costs>();
  private open = new Piece();
  private readonly running: Piece[] = [];
  private lastDone = 0;
  private taskBegan: number;
  private readonly now: () => number;

  constructor(
    private readonly device: Device,
    private readonly options: PacerOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.taskBegan = this.now();
  }

  /**
   * Submits one run of a plan, in pieces. Waits in between when enough is ahead.
   * @param finish encodes what belongs to the end of the run
   */
  async submit(plan: Plan, values: StepValues, finish?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    const { gpu } = this.device;
    const costs = this.costsOf(plan);
    let from = 0;
    do {
      const to = this.cut(costs, from, plan.firstUpdate);
      let cost = 0;
      for (let i = from; i < to; i++) cost += costs[i];
      if (this.open.cost > 0 && this.open.cost + cost > this.pieceBudget) await this.close();
      const encoder = gpu.createCommandEncoder();
      plan.encode(encoder, values, { from, to });
      if (to === costs.length) finish?.(encoder);
      gpu.queue.submit([encoder.finish()]);
      if (Number.isFinite(this.pieceBudget)) this.open.add(costs, from, to, cost);
      from = to;
    } while (from < costs.length);
  }

  /** Gives the thread back to the page when this task has taken it for long. */
  async breathe(): Promise<void> {
    if (this.now() - this.taskBegan < TASK_MS) return;
    await nextTask();
    this.taskBegan = this.now();
  }

  private get pieceBudget(): number {
    return this.options.isHidden?.() ? Number.POSITIVE_INFINITY : this.options.budget / PIECES;
  }

  private costsOf(plan: Plan): Costs {
    let costs = this.costs.get(plan);
    if (!costs) {
      costs = new Float64Array(plan.statistics.dispatches).fill(FIRST_GUESS);
      this.costs.set(plan, costs);
    }
    return costs;
  }

  /**
   * The end of the range that begins at `from`. From the first update of parameters on a plan stays whole: nobody sees
   * parameters of which some are updated and others not.
   */
  private cut(costs: Costs, from: number, firstUpdate: number): number {
    const { pieceBudget } = this;
    let to = from;
    for (let cost = 0; to < Math.min(firstUpdate, costs.length); to++) {
      cost += costs[to];
      if (cost > pieceBudget && to > from) return to;
    }
    if (from >= firstUpdate || to === costs.length) return costs.length;
    let rest = 0;
    for (let i = from; i < costs.length; i++) rest += costs[i];
    return rest <= pieceBudget ? costs.length : to;
  }

  /** Ends the open piece, and waits until few are running. */
  private async close(): Promise<void> {
    const piece = this.open;
    this.open = new Piece();
    const submitted = this.now();
    piece.done = this.device.gpu.queue.onSubmittedWorkDone().then(
      () => this.learn(piece, submitted),
      () => {}, // the run hears of a lost device itself
    );
    this.running.push(piece);
    while (this.running.length >= PIECES) {
      const { isDone, done } = this.running[0];
      if (!isDone) {
        await done;
        this.taskBegan = this.now();
      }
      this.running.shift();
    }
    await this.breathe();
  }

  private learn(piece: Piece, submitted: number): void {
    const now = this.now();
    const measured = now - Math.max(submitted, this.lastDone);
    this.lastDone = now;
    piece.isDone = true;
    // Towards what was measured by half the way, on a scale of ratios; one late message changes little.
    const ratio = Math.sqrt(Math.max(1 / 16, Math.min(16, measured / piece.cost)));
    for (const { costs, from, to } of piece.ranges) {
      for (let i = from; i < to; i++) costs[i] = Math.max(1e-4, costs[i] * ratio);
    }
  }
}

/** Resolves in another task: input and drawing come between. Not throttled in hidden pages, as timers are. */
function nextTask(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?(): Promise<void> } };
  if (scheduler?.yield) return scheduler.yield();
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Pacing on a simulated GPU, whose clock goes on when everybody waits. */
import { expect, it } from 'vitest';
import type { Device } from '../gpu/device';
import type { Plan } from '../graph/runtime/plan';
import { Pacer } from './pacer';

/** A GPU that takes `costs[i]` milliseconds for the dispatch i of its plans. */
class SimulatedGpu {
  now = 0;
  /** When all that was submitted is done. */
  private busyUntil = 0;
  private pending = 0;
  private readonly markers: { at: number; resolve(): void }[] = [];
  /** Work ahead after each submit, milliseconds of each submit, and time without work. */
  readonly ahead: number[] = [];
  readonly pieces: number[] = [];
  idle = 0;

  readonly device = {
    gpu: {
      createCommandEncoder: () => ({ finish: () => undefined }),
      queue: {
        submit: () => {
          this.idle += Math.max(0, this.now - this.busyUntil);
          this.busyUntil = Math.max(this.busyUntil, this.now) + this.pending;
          this.pieces.push(this.pending);
          this.ahead.push(this.busyUntil - this.now);
          this.pending = 0;
        },
        onSubmittedWorkDone: () =>
          new Promise<void>((resolve) => this.markers.push({ at: this.busyUntil, resolve })),
      },
    },
  } as unknown as Device;

  plan(costs: readonly number[], firstUpdate = costs.length): Plan {
    return {
      firstUpdate,
      statistics: { dispatches: costs.length },
      encode: (_encoder: unknown, _values: unknown, { from, to }: { from: number; to: number }) => {
        for (let i = from; i < to; i++) this.pending += costs[i];
      },
    } as unknown as Plan;
  }

  async run(work: Promise<unknown>): Promise<void> {
    let isOver = false;
    void work.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(setImmediate);
      const marker = this.markers.shift();
      if (!marker) continue;
      this.now = Math.max(this.now, marker.at);
      marker.resolve();
    }
  }
}

async function simulate(
  costs: readonly number[],
  { steps = 60, firstUpdate = costs.length, hidden = false } = {},
) {
  const gpu = new SimulatedGpu();
  const options = { budget: 8, isHidden: () => hidden, now: () => gpu.now };
  const pacer = new Pacer(gpu.device, options);
  const plan = gpu.plan(costs, firstUpdate);
  let finished = 0;
  const run = async () => {
    for (let i = 0; i < steps; i++) await pacer.submit(plan, {}, () => finished++);
  };
  await gpu.run(run());
  expect(finished).toBe(steps);
  expect(gpu.pieces.reduce((a, b) => a + b)).toBeCloseTo(steps * costs.reduce((a, b) => a + b), 6);
  const later = <T>(list: readonly T[]) => list.slice(Math.floor(list.length / 2));
  const used = 1 - gpu.idle / gpu.now;
  return { most: Math.max(...later(gpu.ahead)), submits: later(gpu.pieces), used };
}

it('keeps at most the budget ahead, and the GPU busy', async () => {
  // Steps of 0.4, 6, 60 and 300 ms, with equal and with very unequal dispatches.
  const plans = [[0.1, 0.2, 0.1], [1, 2, 3], Array(100).fill(0.6), [...Array(99).fill(0.5), 250.5]];
  for (const costs of plans.slice(0, 3)) {
    const { most, used } = await simulate(costs);
    expect(most).toBeLessThanOrEqual(10);
    expect(most).toBeGreaterThan(3);
    expect(used).toBeGreaterThan(0.95);
  }
  // One dispatch cannot be cut; the others keep to the budget.
  const { submits } = await simulate(plans[3]);
  expect(submits.filter((ms) => ms > 8).every((ms) => ms === 250.5)).toBe(true);
});

it('does not cut where parameters are being updated', async () => {
  const { submits } = await simulate(Array(20).fill(3), { firstUpdate: 15 });
  expect(submits).toContain(15);
  expect(Math.max(...submits)).toBe(15);
});

it('submits whole steps while the page is hidden', async () => {
  const { submits } = await simulate(Array(20).fill(3), { hidden: true });
  expect(new Set(submits)).toEqual(new Set([60]));
});

/** A bounded cache of plans: the least recently used plan is destroyed when there are too many. */
import type { Plan } from './plan';

/** Most plans that a cache keeps unless it is told otherwise. */
const CAPACITY = 16;

export class PlanCache {
  /** In the order of their last use. */
  private readonly plans = new Map<string, Promise<Plan>>();

  constructor(private readonly capacity = CAPACITY) {}

  /**
   * The plan for this key; made when it is not there, or its GPU was lost. A plan that could not be made is tried again next
   * time.
   */
  get(key: string, make: () => Promise<Plan>): Promise<Plan> {
    const known = this.plans.get(key)?.then((found) => {
      if (!found.isDead) return found;
      found.destroy();
      return make();
    });
    const plan = known ?? make();
    this.plans.delete(key);
    this.plans.set(key, plan);
    plan.catch(() => {
      if (this.plans.get(key) === plan) this.plans.delete(key);
    });
    if (this.plans.size > this.capacity) this.evict(this.plans.keys().next().value!);
    return plan;
  }

  /** Destroys the plans whose keys fit. */
  drop(fits: (key: string) => boolean): void {
    for (const key of [...this.plans.keys()]) if (fits(key)) this.evict(key);
  }

  /** Destroys all plans. */
  clear(): void {
    this.drop(() => true);
  }

  get size(): number {
    return this.plans.size;
  }

  private evict(key: string): void {
    const plan = this.plans.get(key)!;
    this.plans.delete(key);
    plan.then((made) => made.destroy()).catch(() => {});
  }
}

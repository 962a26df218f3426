/**
 * Sends events to Node a few times a second instead of once per step: each message costs both sides more than a
 * small model's step does.
 */
import type { TrainEvent } from '../protocol';

export class EventQueue {
  private waiting: TrainEvent[] = [];
  private timer?: ReturnType<typeof setTimeout>;

  /**
   * @param send delivers events, in order
   * @param intervalMs the longest that an event waits
   */
  constructor(
    private readonly send: (events: TrainEvent[]) => Promise<void>,
    private readonly intervalMs = 200,
  ) {}

  push(event: TrainEvent): void {
    this.waiting.push(event);
    this.timer ??= setTimeout(() => void this.flush(), this.intervalMs);
  }

  /** Sends what is waiting; resolves when it has arrived. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = this.waiting;
    this.waiting = [];
    if (events.length > 0) await this.send(events);
  }
}

/** What all views of a session have in common. */
import { LitElement } from 'lit';
import { type MessageKey, type Messages, messagesFor, translate } from '../locales';
import type { Change, PlaygroundSession } from '../session';
import { theme } from './theme';

/** A view hears of these changes of its session; steps at most once in a frame. */
export abstract class SessionView extends LitElement {
  static override styles: any = [theme];
  static override properties: any = {
    session: { attribute: false },
    messages: { attribute: false },
    locked: { type: Boolean },
  };
  declare session: PlaygroundSession | undefined;
  declare messages: Messages;
  /** Whether controls are shown but cannot be changed. */
  declare locked: boolean;
  private unfollow: (() => void) | undefined;
  private followed: PlaygroundSession | undefined;

  constructor() {
    super();
    this.messages = messagesFor('en');
    this.locked = false;
  }

  /** Whether the view shows anything of a change. */
  protected hears(_change: Change): boolean {
    return true;
  }

  /** A change that the view hears of, before it renders. */
  protected changed(_change: Change): void {}

  protected t(key: MessageKey, values?: Record<string, string | number>): string {
    return translate(this.messages, key, values);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unfollow?.();
    this.unfollow = undefined;
    this.followed = undefined;
  }

  override willUpdate(): void {
    this.follow();
  }

  private follow(): void {
    const { session } = this;
    if (!this.isConnected || session === this.followed) return;
    this.unfollow?.();
    this.followed = session;
    this.unfollow = session?.subscribe((change) => {
      if (!this.hears(change)) return;
      this.changed(change);
      this.requestUpdate();
    });
    if (session) this.changed('model');
  }
}

/** Longest rest after work that took long. */
const MOST_WAIT_MS = 2500;

/**
 * Calls the work again and again, never twice at once, while it is wanted; each time no sooner than `every` milliseconds
 * after the last, and later after work that takes long: training comes first.
 */
export class Refresher {
  private wanted = false;
  private busy = false;
  private last = 0;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly every: number,
  ) {}

  /** Asks for it once more. */
  ask(): void {
    this.wanted = true;
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.wanted) {
        this.wanted = false;
        const wait = this.last + this.every - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        this.last = performance.now();
        // An engine that was closed, or has another model by now, answers with an error: the next time it is right.
        await this.work().catch(() => {});
        this.last += Math.min(MOST_WAIT_MS, 2 * (performance.now() - this.last));
      }
    } finally {
      this.busy = false;
    }
  }
}

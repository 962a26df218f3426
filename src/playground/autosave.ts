/** Keeps a session's run in the browser, so that a page goes on where it was when it is opened again. */
import { type CheckpointStore, opfsStore } from '../train';
import { packRun, unpackRun } from './link';
import type { PlaygroundSession } from './session';

const FILE = 'run';
const EVERY_MS = 10_000;

export class SessionAutosave {
  private readonly store: CheckpointStore;
  private last = 0;
  private saving: Promise<void> = Promise.resolve();
  private readonly unfollow: () => void;
  private readonly onHide = () => {
    if (document.visibilityState === 'hidden') void this.save();
  };

  /** @param name tells playgrounds of one origin apart */
  constructor(
    private readonly session: PlaygroundSession,
    name: string,
    store?: CheckpointStore,
  ) {
    this.store = store ?? opfsStore(`gradloom-playground-${name.replace(/\W/g, '_')}`);
    this.unfollow = session.subscribe((change) => {
      const isPaused = change === 'phase' && session.phase === 'ready';
      if (isPaused || (change === 'test' && performance.now() - this.last > EVERY_MS)) void this.save();
    });
    document.addEventListener('visibilitychange', this.onHide);
  }

  /** Opens what was kept; false where nothing was, or nothing that can be used. */
  async restore(): Promise<boolean> {
    try {
      if (!(await this.store.list()).includes(FILE)) return false;
      const { state, checkpoint } = unpackRun(await this.store.read(FILE));
      await this.session.open(state, { checkpoint });
      return true;
    } catch {
      return false;
    }
  }

  /** Storage that is full or forbidden keeps nothing, and disturbs nothing. */
  save(): Promise<void> {
    this.last = performance.now();
    this.saving = this.saving
      .then(async () => {
        if (!this.session.opened || this.session.steps === 0) return;
        await this.store.write(FILE, packRun(await this.session.shared(true)));
      })
      .catch(() => {});
    return this.saving;
  }

  stop(): void {
    this.unfollow();
    document.removeEventListener('visibilitychange', this.onHide);
  }
}

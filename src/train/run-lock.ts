/** One run of a trainer at a time, and none after it was disposed of. */
import { GradloomError } from '../errors';

export class RunLock {
  private running = false;
  private disposed = false;

  /** One run at a time: two would mix up the step count and the history. */
  async exclusively<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.running) {
      throw usageError(
        method,
        'called while another call is still running',
        'one call at a time',
        'Await the earlier call first',
      );
    }
    this.running = true;
    try {
      return await work();
    } finally {
      this.running = false;
    }
  }

  checkUsable(method: string): void {
    if (!this.disposed) return;
    throw usageError(method, 'called after dispose()', 'a trainer before dispose()', 'Make a new Trainer');
  }

  /** Lets nothing begin any more; false where that was so already. @throws GradloomError while a run goes on. */
  dispose(): boolean {
    if (this.disposed) return false;
    if (this.running)
      throw usageError('dispose', 'called while fit runs', 'a trainer at rest', 'Abort fit first');
    this.disposed = true;
    return true;
  }
}

const usageError = (method: string, got: string, expected: string, fix: string) =>
  new GradloomError({ code: 'argument', op: `Trainer.${method}`, got, expected, fix });

/**
 * Kernel families with more than one implementation: which variant is used on this device, and which are in
 * quarantine because they gave wrong results on it.
 */
import { GradloomError } from '../errors';

export class Variants {
  private readonly quarantined = new Set<string>();
  private readonly listeners = new Set<(family: string, candidates: readonly string[]) => void>();
  private forced: { family: string; variant: string } | undefined;

  /**
   * The first of `candidates`, best first, that is not in quarantine. All that are right for the work at hand belong
   * into the list, however slow: the last one may be the only one left.
   * @throws GradloomError `unsupported` when none is left.
   */
  choose<V extends string>(family: string, candidates: readonly V[]): V {
    for (const listener of this.listeners) listener(family, candidates);
    const { forced } = this;
    const isForced = (variant: string) => forced?.family === family && forced.variant === variant;
    const chosen =
      candidates.find(isForced) ?? candidates.find((variant) => !this.isQuarantined(family, variant));
    if (chosen === undefined) {
      throw new GradloomError({
        code: 'unsupported',
        op: family,
        got: `every variant (${candidates.join(', ')}) gives wrong results on this adapter`,
        fix: 'Update the graphics driver or use another browser',
      });
    }
    return chosen;
  }

  /** Uses one variant of one family for what `work` compiles: how the self-check sees every variant. */
  async using<R>(family: string, variant: string, work: () => Promise<R>): Promise<R> {
    this.forced = { family, variant };
    try {
      return await work();
    } finally {
      this.forced = undefined;
    }
  }

  /** Excludes a variant on this device. */
  quarantine(family: string, variant: string): void {
    this.quarantined.add(`${family}/${variant}`);
  }

  isQuarantined(family: string, variant: string): boolean {
    return this.quarantined.has(`${family}/${variant}`);
  }

  /** Everything in quarantine, as `family/variant`. */
  get excluded(): string[] {
    return [...this.quarantined];
  }

  /** Calls `listener` with the candidates of every choice until the returned function is called. */
  observe(listener: (family: string, candidates: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

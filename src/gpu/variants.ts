/**
 * Kernel families with more than one implementation: which variant is used on this device, and which are in
 * quarantine because they gave wrong results on it.
 */
import { GradloomError } from '../errors';

/** A choice that was made for one piece of work, such as a node of a graph. */
export interface VariantChoice {
  /** Names the work with its shapes, and the family. */
  key: string;
  family: string;
  /** What could be chosen, the default first. */
  candidates: readonly string[];
}

export class Variants {
  private readonly quarantined = new Set<string>();
  private readonly preferred = new Map<string, string>();
  private readonly listeners = new Set<(family: string, candidates: readonly string[]) => void>();
  private forced: { family: string; variant: string } | undefined;
  private forcedKey: { key: string; variant: string } | undefined;
  private scope: { work: string; choices: VariantChoice[] } | undefined;

  /**
   * The variant that was found to be the fastest for the work at hand, else the first of `candidates`, best first,
   * that is not in quarantine. All that are right for the work at hand belong into the list, however slow: the last
   * one may be the only one left.
   * @throws GradloomError `unsupported` when none is left.
   */
  choose<V extends string>(family: string, candidates: readonly V[]): V {
    for (const listener of this.listeners) listener(family, candidates);
    const key = this.note(family, candidates);
    const { forced, forcedKey } = this;
    const isForced = (variant: string) =>
      (forced?.family === family && forced.variant === variant) ||
      (forcedKey?.key === key && forcedKey?.variant === variant);
    const isAllowed = (variant: string) => !this.isQuarantined(family, variant);
    const preferred = key && this.preferred.get(key);
    const chosen =
      candidates.find(isForced) ??
      candidates.find((variant) => variant === preferred && isAllowed(variant)) ??
      candidates.find(isAllowed);
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

  /** Runs `lower`, which chooses for the work of this name, and tells the choices that it made. */
  during(work: string, lower: () => void): VariantChoice[] {
    const choices: VariantChoice[] = [];
    this.scope = { work, choices };
    try {
      lower();
    } finally {
      this.scope = undefined;
    }
    return choices;
  }

  /** Uses this variant for this work from now on, unless it is in quarantine. */
  prefer(key: string, variant: string): void {
    this.preferred.set(key, variant);
  }

  /** Uses one variant for one piece of work while `lower` runs. */
  forcing<R>(choice: { key: string; variant: string } | undefined, lower: () => R): R {
    this.forcedKey = choice;
    try {
      return lower();
    } finally {
      this.forcedKey = undefined;
    }
  }

  /** Whether `forcing` is at work. */
  get isForcing(): boolean {
    return this.forcedKey !== undefined;
  }

  /** Uses one variant of one family for what `work` lowers or compiles: how the self-check sees every variant. */
  using<R>(family: string, variant: string, work: () => R): R {
    this.forced = { family, variant };
    const release = () => {
      this.forced = undefined;
    };
    try {
      const result = work();
      if (result instanceof Promise) return result.finally(release) as R;
      release();
      return result;
    } catch (error) {
      release();
      throw error;
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

  /** Keeps a choice; a family that is asked several times for the same work is told apart by the number of the call. */
  private note(family: string, candidates: readonly string[]): string | undefined {
    if (!this.scope) return undefined;
    const { work, choices } = this.scope;
    const call = choices.filter((choice) => choice.family === family).length;
    const key = `${work} ${family}${call > 0 ? ` ${call}` : ''}`;
    choices.push({ key, family, candidates });
    return key;
  }
}

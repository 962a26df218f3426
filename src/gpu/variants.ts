/**
 * Variant selection for kernel families with more than one implementation; variants that gave wrong results on this
 * device are disabled.
 */
import { GradloomError } from '../errors';

/** One selection among variants, made for one node of a graph. */
export interface VariantSelection {
  /** Names the work with its shapes, and the family. */
  key: string;
  family: string;
  /** What could be chosen, the default first. */
  candidates: readonly string[];
}

export class Variants {
  private readonly disabledVariants = new Set<string>();
  private readonly preferred = new Map<string, string>();
  private readonly listeners = new Set<(family: string, candidates: readonly string[]) => void>();
  private familyOverride: { family: string; variant: string } | undefined;
  private keyOverride: { key: string; variant: string } | undefined;
  private scope: { work: string; choices: VariantSelection[] } | undefined;

  /**
   * The tuned variant for this work, else the first of `candidates` that is not disabled. List every correct variant,
   * fastest first: any of them may be disabled.
   * @throws GradloomError `unsupported` when none is left.
   */
  select<V extends string>(family: string, candidates: readonly V[]): V {
    for (const listener of this.listeners) listener(family, candidates);
    const key = this.note(family, candidates);
    const { familyOverride, keyOverride } = this;
    const isOverride = (variant: string) =>
      (familyOverride?.family === family && familyOverride.variant === variant) ||
      (keyOverride?.key === key && keyOverride?.variant === variant);
    const isAllowed = (variant: string) => !this.isDisabled(family, variant);
    const preferred = key && this.preferred.get(key);
    const chosen =
      candidates.find(isOverride) ??
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

  /** Runs `lower` and returns the selections it made for the work of this name. */
  recordSelections(work: string, lower: () => void): VariantSelection[] {
    const choices: VariantSelection[] = [];
    this.scope = { work, choices };
    try {
      lower();
    } finally {
      this.scope = undefined;
    }
    return choices;
  }

  /** Uses this variant for this work from now on, unless it is disabled. */
  prefer(key: string, variant: string): void {
    this.preferred.set(key, variant);
  }

  /** Uses one variant for one piece of work while `lower` runs. */
  withOverride<R>(choice: { key: string; variant: string } | undefined, lower: () => R): R {
    this.keyOverride = choice;
    try {
      return lower();
    } finally {
      this.keyOverride = undefined;
    }
  }

  /** Whether `withOverride` runs. */
  get hasOverride(): boolean {
    return this.keyOverride !== undefined;
  }

  /** Uses one variant of one family for what `work` lowers or compiles: how the self-check sees every variant. */
  withVariant<R>(family: string, variant: string, work: () => R): R {
    this.familyOverride = { family, variant };
    const release = () => {
      this.familyOverride = undefined;
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
  disable(family: string, variant: string): void {
    this.disabledVariants.add(`${family}/${variant}`);
  }

  isDisabled(family: string, variant: string): boolean {
    return this.disabledVariants.has(`${family}/${variant}`);
  }

  /** Everything disabled, as `family/variant`. */
  get excluded(): string[] {
    return [...this.disabledVariants];
  }

  /** Calls `listener` with the candidates of every choice until the returned function is called. */
  observe(listener: (family: string, candidates: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Records a selection; repeated selections of a family for the same work are numbered. */
  private note(family: string, candidates: readonly string[]): string | undefined {
    if (!this.scope) return undefined;
    const { work, choices } = this.scope;
    const call = choices.filter((choice) => choice.family === family).length;
    const key = `${work} ${family}${call > 0 ? ` ${call}` : ''}`;
    choices.push({ key, family, candidates });
    return key;
  }
}

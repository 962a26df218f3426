/**
 * Hyperparameter search: trials in turn on one device, by grid, at random, or by successive halving.
 * Source: Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization", 2012; Jamieson and Talwalkar, "Non-stochastic
 * Best Arm Identification and Hyperparameter Optimization", 2016.
 */
import { checkCount, checkOptions, checkSeed } from '../checks';
import { GradloomError, showValue } from '../errors';
import { Random } from '../random';
import { checkSpace, drawSettings, gridSettings, type SearchSpace, type Settings } from './space';

export type SearchStrategy =
  /** All combinations; of a range `points` values from end to end. */
  | { type: 'grid'; points?: number }
  | { type: 'random'; trials: number }
  /**
   * `trials` random settings with a budget of `minBudget`; the best 1 / `factor` of them go on to `factor` times as much, and
   * so on up to `maxBudget`.
   */
  | { type: 'successiveHalving'; trials: number; minBudget?: number; maxBudget: number; factor?: number };

/** What a trial is told. */
export interface TrialContext {
  /** From 0; the same trial has the same settings in every run of a search. */
  trial: number;
  /** How long to train, such as epochs in all, where the strategy has budgets. */
  budget: number | undefined;
  /** What the same settings returned as `state` with their smaller budget; undefined after a resumption. */
  state: unknown;
  signal: AbortSignal | undefined;
}

/** What a trial found: its value, and what else belongs into the table. */
export type TrialResult = number | { value: number; metrics?: Record<string, number>; state?: unknown };

export interface Trial {
  trial: number;
  settings: Settings;
  budget?: number;
  /** Absent where the trial failed. */
  value?: number;
  metrics?: Record<string, number>;
  /** Why the trial failed: it diverged, or had no memory. */
  error?: string;
  seconds: number;
}

/** Where the results of a search are kept, as one text. */
export interface SearchStore {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

export interface SearchOptions {
  space: SearchSpace;
  strategy: SearchStrategy;
  /** Trains with the settings and measures. */
  trial(settings: Settings, context: TrialContext): TrialResult | Promise<TrialResult>;
  /** Whether small values are better (default) or large ones. */
  goal?: 'min' | 'max';
  /** Of the random settings. Default 0. */
  seed?: number;
  /** Keeps results after every trial; a search that is called again with it goes on behind them. */
  store?: SearchStore;
  /** What else the results belong to, such as a name of data and model: a store with results of anything else is refused. */
  about?: unknown;
  onTrial?(trial: Trial): unknown;
  /** Ends the search; the trial under way does not count. */
  signal?: AbortSignal;
}

export interface SearchOutcome {
  /** The best trial; with budgets among those of the largest. */
  best: Trial;
  /** All, the best first; with budgets the largest first. */
  trials: Trial[];
  aborted: boolean;
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'search', argument, got, expected, fix });

/** What a trial may fail with: the search goes on. */
const FAILURES: readonly string[] = ['diverged', 'out-of-memory'];

/**
 * Searches the best settings of a space. The same seed gives the same settings.
 * @throws GradloomError `argument`: a space, strategy or option that is none, results of another search in the store; `diverged`
 * when every trial failed. Other errors of a trial end the search; results so far are in the store.
 */
export async function search(options: SearchOptions): Promise<SearchOutcome> {
  checkOptions('search', options ?? null, [
    'space',
    'strategy',
    'trial',
    'goal',
    'seed',
    'store',
    'about',
    'onTrial',
    'signal',
  ]);
  const { space, strategy, goal = 'min', seed = 0, about = null, signal } = options;
  checkSpace(space);
  checkStrategy(strategy);
  checkSeed('search', seed);
  if (goal !== 'min' && goal !== 'max') throw fail('goal', showValue(goal), "'min' or 'max'");
  if (typeof options.trial !== 'function')
    throw fail('trial', showValue(options.trial), 'a function of the settings');
  const log = await SearchLog.open(options.store, { space, strategy, goal, seed, about });
  const better = (a: Trial, b: Trial) => (b.budget ?? 0) - (a.budget ?? 0) || compare(a, b, goal);
  const states = new Map<number, unknown>();
  let rung = settingsOf(space, strategy, seed).map((settings, trial) => ({ trial, settings }));
  rungs: for (const { budget, survivors } of rungsOf(strategy, rung.length)) {
    const done: Trial[] = [];
    for (const { trial, settings } of rung) {
      const known = log.find(trial, budget);
      if (!known && signal?.aborted) break rungs;
      const result = known ?? (await runTrial(options, { trial, settings, budget }, states));
      if (!known && signal?.aborted) break rungs;
      if (!known) {
        await log.add(result);
        await options.onTrial?.(result);
      }
      done.push(result);
    }
    rung = done.sort((a, b) => compare(a, b, goal)).slice(0, survivors);
    for (const trial of states.keys()) if (!rung.some((one) => one.trial === trial)) states.delete(trial);
  }
  const trials = [...log.trials].sort(better);
  const [best] = trials;
  const aborted = signal?.aborted ?? false;
  if (best?.value !== undefined) return { best, trials, aborted };
  if (aborted && !best) throw fail('signal', 'aborted before the first trial', 'at least one trial');
  throw new GradloomError({
    ...{
      code: 'diverged',
      op: 'search',
      argument: 'trial',
      got: `${trials.length} trials that failed: ${best.error}`,
    },
    expected: 'at least one with a finite value',
    fix: 'Search smaller learning rates or models',
  });
}

/** Better trials first, failed ones last, equal ones in their order. */
function compare(a: Trial, b: Trial, goal: 'min' | 'max'): number {
  const worst = Number.POSITIVE_INFINITY;
  const [x, y] = [a, b].map(({ value }) => (value === undefined ? worst : goal === 'min' ? value : -value));
  return x === y ? a.trial - b.trial : x - y;
}

async function runTrial(
  { trial: run, signal }: SearchOptions,
  { trial, settings, budget }: { trial: number; settings: Settings; budget: number | undefined },
  states: Map<number, unknown>,
): Promise<Trial> {
  const start = performance.now();
  const record = (outcome: Pick<Trial, 'value' | 'metrics' | 'error'>): Trial => ({
    trial,
    settings,
    ...(budget !== undefined && { budget }),
    ...outcome,
    seconds: (performance.now() - start) / 1000,
  });
  try {
    const result = await run({ ...settings }, { trial, budget, state: states.get(trial), signal });
    const { value, metrics, state } = typeof result === 'number' ? { value: result } : (result ?? {});
    if (typeof value !== 'number')
      throw fail('trial', `${showValue(result)} returned`, 'a number, or { value }');
    if (state !== undefined) states.set(trial, state);
    if (!Number.isFinite(value)) return record({ error: `its value is ${value}` });
    return record({ value, ...(metrics && { metrics }) });
  } catch (error) {
    if (!(error instanceof GradloomError) || !FAILURES.includes(error.code)) throw error;
    return record({ error: error.message });
  }
}

function settingsOf(space: SearchSpace, strategy: SearchStrategy, seed: number): Settings[] {
  if (strategy.type === 'grid') return gridSettings(space, strategy.points);
  return Array.from({ length: strategy.trials }, (_, i) =>
    drawSettings(space, new Random(seed, `search.${i}`)),
  );
}

/** Budgets, and how many trials go on after each. */
function rungsOf(
  strategy: SearchStrategy,
  trials: number,
): { budget: number | undefined; survivors: number }[] {
  if (strategy.type !== 'successiveHalving') return [{ budget: undefined, survivors: trials }];
  const { minBudget = 1, maxBudget, factor = 3 } = strategy;
  const rungs: { budget: number; survivors: number }[] = [];
  let count = trials;
  for (let budget = minBudget; ; budget = Math.min(budget * factor, maxBudget)) {
    count = Math.max(1, Math.floor(count / factor));
    rungs.push({ budget, survivors: count });
    if (budget >= maxBudget) return rungs;
  }
}

function checkStrategy(strategy: unknown): asserts strategy is SearchStrategy {
  const { type, ...options } = (strategy ?? {}) as Record<string, unknown>;
  const known: Record<string, string[]> = {
    grid: ['points'],
    random: ['trials'],
    successiveHalving: ['trials', 'minBudget', 'maxBudget', 'factor'],
  };
  if (typeof type !== 'string' || !Object.hasOwn(known, type))
    throw fail('strategy', showValue(strategy), `{ type } with one of ${Object.keys(known).join(', ')}`);
  checkOptions(`search ${type}`, options, known[type]);
  for (const [name, value] of Object.entries({
    ...options,
    ...(type !== 'grid' && { trials: options.trials }),
    ...(type === 'successiveHalving' && { maxBudget: options.maxBudget }),
  })) {
    if (value !== undefined || name === 'trials' || name === 'maxBudget')
      checkCount(`search ${type}`, name, value);
  }
  const {
    minBudget = 1,
    maxBudget,
    factor = 3,
  } = options as { minBudget?: number; maxBudget: number; factor?: number };
  if (type !== 'successiveHalving') return;
  if (maxBudget < minBudget)
    throw fail('strategy.maxBudget', String(maxBudget), `at least minBudget ${minBudget}`);
  if (factor < 2) throw fail('strategy.factor', String(factor), 'a whole number from 2');
}

/** Results so far, kept in a store. */
class SearchLog {
  readonly trials: Trial[] = [];

  private constructor(
    private readonly store: SearchStore | undefined,
    private readonly about: object,
  ) {}

  /** @throws GradloomError `data` for a text that is no log, `argument` for the log of another search. */
  static async open(store: SearchStore | undefined, about: object): Promise<SearchLog> {
    const log = new SearchLog(store, about);
    const text = await store?.read();
    if (text === undefined) return log;
    const place = { op: 'search', argument: 'store' };
    let kept: { search?: object; trials?: Trial[] };
    try {
      kept = JSON.parse(text);
    } catch (cause) {
      throw new GradloomError({
        ...place,
        code: 'data',
        got: 'a text that is no JSON',
        expected: 'what a search has written',
        cause,
      });
    }
    if (!Array.isArray(kept?.trials) || typeof kept.search !== 'object')
      throw new GradloomError({
        ...place,
        code: 'data',
        got: showValue(kept),
        expected: 'what a search has written',
      });
    for (const [name, value] of Object.entries(about)) {
      const before = JSON.stringify((kept.search as Record<string, unknown>)[name]);
      if (before !== JSON.stringify(value)) {
        const fix = 'Use another store, or the same space, strategy, goal and seed';
        throw fail(
          'store',
          `the results of a search with ${name} ${before?.slice(0, 200)}`,
          JSON.stringify(value).slice(0, 200),
          fix,
        );
      }
    }
    log.trials.push(...kept.trials);
    return log;
  }

  find(trial: number, budget: number | undefined): Trial | undefined {
    return this.trials.find((one) => one.trial === trial && one.budget === budget);
  }

  async add(trial: Trial): Promise<void> {
    this.trials.push(trial);
    await this.store?.write(JSON.stringify({ search: this.about, trials: this.trials }));
  }
}

/** The trials as a table of text, a line each. */
export function formatTrials(trials: readonly Trial[]): string {
  const names = (pick: (trial: Trial) => object | undefined) => [
    ...new Set(trials.flatMap((one) => Object.keys(pick(one) ?? {}))),
  ];
  const settings = names((trial) => trial.settings);
  const metrics = names((trial) => trial.metrics);
  const hasBudget = trials.some(({ budget }) => budget !== undefined);
  const show = (value: unknown): string =>
    typeof value === 'number'
      ? String(Number(value.toPrecision(4)))
      : typeof value === 'string'
        ? value
        : (JSON.stringify(value) ?? '');
  const header = ['trial', ...settings, ...(hasBudget ? ['budget'] : []), 'value', ...metrics, 'seconds'];
  const rows = trials.map((one) => [
    String(one.trial),
    ...settings.map((name) => show(one.settings[name])),
    ...(hasBudget ? [show(one.budget)] : []),
    one.error ? 'failed' : show(one.value),
    ...metrics.map((name) => show(one.metrics?.[name])),
    one.seconds.toFixed(1),
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [header, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i])).join('  ')).join('\n');
}

/** One optimizer at work: its parameters, their gradients and state on the device, and the recording of their update. */
import { GradloomError, nearest } from '../errors';
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import { Variable } from '../graph/ir/variable';
import type { UpdateValues } from '../graph/runtime/step-values';
import { Module } from '../nn/module';
import { type ClipOptions, checkClip, gradNormFactor } from '../optim/clip';
import type { Optimizer, OptimizerSpec } from '../optim/optimizer';
import { OptimizerState } from '../optim/optimizer-state';
import { ownOptimizer, parameterGroups } from '../optim/parameter-groups';

/** Modules and parameters. */
export type ParameterSource = Module | Variable | readonly (Module | Variable)[];

/** Parameters with the optimizer that updates them. */
export interface StepOptimizer {
  parameters: ParameterSource;
  optimizer: OptimizerSpec | Optimizer;
  clip?: ClipOptions;
}

/** The learning rate of a group, from its own one. */
export type RateOf = (ownRate: number, updater: Updater) => number;

/** State of the parameters that began to be trained at the same time: bias corrections count from there. */
interface Cohort {
  state: OptimizerState;
  updates: number;
}

/** What a checkpoint keeps of a cohort beside its tensors. */
export interface CohortProgress {
  parameters: string[];
  updates: number;
}

export class Updater {
  /** Parameters and buffers with all their names. */
  readonly variables: readonly [string, Variable][];
  /** Trainable parameters by name, frozen ones too. */
  readonly named: ReadonlyMap<string, Variable>;
  private readonly cohorts: Cohort[] = [];
  private readonly optimizer: OptimizerSpec | Optimizer;
  private readonly clip: ClipOptions;

  /** Allocates state for the parameters, which are placed. @throws GradloomError `argument` when none can be trained. */
  constructor(
    private readonly device: Device,
    readonly name: string,
    { parameters, optimizer, clip = {} }: StepOptimizer,
  ) {
    this.variables = namedVariables(sourcesOf(name, parameters));
    this.named = firstNames(this.variables);
    this.optimizer = optimizer;
    const { learningRate, type } = ownOptimizer(optimizer);
    this.learningRate = learningRate;
    this.type = type;
    this.clip = checkClip(clip);
    if (!this.extend() && this.named.size === 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'TrainStep',
        argument: 'parameters',
        got: 'no parameters that can be trained',
        expected: 'a module or variables with at least one parameter',
      });
    }
  }

  /** Allocates state for parameters that were unfrozen meanwhile; true if there were any. */
  extend(): boolean {
    const known = new Set(this.cohorts.flatMap(({ state }) => state.parameters));
    const added = new Set([...this.named.values()].filter((v) => v.requiresGrad && !known.has(v)));
    return added.size > 0 && this.addCohort(added);
  }

  private addCohort(added: ReadonlySet<Variable>): boolean {
    const groups = parameterGroups(this.optimizer, this.named)
      .map(({ optimizer, parameters }) => ({ optimizer, parameters: parameters.filter((v) => added.has(v)) }))
      .filter(({ parameters }) => parameters.length > 0);
    if (groups.length === 0) return false;
    this.cohorts.push({ state: new OptimizerState(this.device, groups), updates: 0 });
    return true;
  }

  /** Which parameters began to be trained at the same time, by name, and their updates since then. */
  get progress(): CohortProgress[] {
    const names = this.parameterNames();
    return this.cohorts.map(({ state, updates }) => ({
      parameters: state.parameters.map((variable) => names.get(variable)!),
      updates,
    }));
  }

  /** Names of what is kept of each parameter between steps, by parameter; those that a group freezes are not there. */
  get layout(): Map<string, readonly string[]> {
    const names = this.parameterNames();
    return new Map(
      parameterGroups(this.optimizer, this.named).flatMap(({ optimizer, parameters }) =>
        parameters.map((variable) => [names.get(variable)!, optimizer.stateNames] as const),
      ),
    );
  }

  /**
   * Takes the progress of an updater whose parameters are in the `layout` here; state that has to be laid out anew for it is zero.
   * @returns whether any was
   */
  takeProgress(progress: readonly CohortProgress[]): boolean {
    const sameParameters = ({ parameters }: CohortProgress, i: number) =>
      [...parameters].sort().join('\n') === [...(progress[i]?.parameters ?? [])].sort().join('\n');
    const now = this.progress;
    const isSame = now.length === progress.length && now.every(sameParameters);
    if (!isSame) {
      this.destroy();
      this.cohorts.length = 0;
      for (const { parameters } of progress) {
        this.addCohort(new Set(parameters.map((name) => this.named.get(name)!)));
      }
    }
    this.cohorts.forEach((cohort, i) => {
      cohort.updates = progress[i].updates;
    });
    return !isSame;
  }

  private parameterNames(): Map<Variable, string> {
    return new Map([...this.named].map(([name, variable]) => [variable, name]));
  }

  /** Parameters that are differentiated: those that no group and no flag freezes. */
  get parameters(): Variable[] {
    return this.cohorts.flatMap(({ state }) => state.parameters.filter((v) => v.requiresGrad));
  }

  /** Number of step structs: one per group. */
  get slots(): number {
    return this.cohorts.reduce((sum, { state }) => sum + state.groups.length, 0);
  }

  /** The kind of optimizer: `adam`. */
  readonly type: string;

  /** The optimizer's own learning rate, which a rate given for it takes the place of; groups keep their ratio to it. */
  readonly learningRate: number;

  /** Resolves when the GPU has the memory for all state. */
  get ready(): Promise<unknown> {
    return Promise.all(this.cohorts.map(({ state }) => state.ready));
  }

  /** Where the gradient of a variable lies. */
  gradientSlice(variable: Variable): BufferSlice | undefined {
    for (const { state } of this.cohorts) {
      const slice = state.gradients.slice(variable);
      if (slice) return slice;
    }
    return undefined;
  }

  /** Where one kind of state of a variable lies. */
  stateSlice(name: string, variable: Variable): BufferSlice | undefined {
    for (const { state } of this.cohorts) {
      const slice = state.slice(name, variable);
      if (slice) return slice;
    }
    return undefined;
  }

  /**
   * Records clipping and the update of the parameters in `used`; returns the total norm of their gradients before clipping,
   * where they are clipped by norm.
   * @param after gradients that must be complete before
   * @param firstSlot the step struct of the first group
   */
  record(graph: Graph, used: ReadonlySet<Variable>, after: Tensor[], firstSlot: number): Tensor | undefined {
    const runs = this.cohorts.flatMap(({ state }) => state.gradientRuns(graph, used));
    if (runs.length === 0) return undefined;
    const { maxNorm, value } = this.clip;
    const clipped = maxNorm === undefined ? undefined : gradNormFactor(runs, maxNorm, after);
    const scale = clipped?.scale ?? graph.constant(new Float32Array([1, 0, 0, 0]), [4]);
    let slot = firstSlot;
    for (const { state } of this.cohorts) {
      state.update(graph, used, { scale, clipValue: value, after, firstSlot: slot });
      slot += state.groups.length;
    }
    return clipped?.norm;
  }

  /** Counts an update and gives the values of its step structs. */
  nextValues(rateOf: RateOf): UpdateValues[] {
    return this.cohorts.flatMap((cohort) => {
      const number = cohort.updates++;
      return cohort.state.groups.map(({ optimizer }) => {
        const learningRate = rateOf(optimizer.learningRate, this);
        return { learningRate, derived: optimizer.derive(number, learningRate) };
      });
    });
  }

  clearGradients(encoder: GPUCommandEncoder): void {
    for (const { state } of this.cohorts) state.clearGradients(encoder);
  }

  destroy(): void {
    for (const { state } of this.cohorts) state.destroy();
  }
}

/**
 * The modules and variables that an optimizer names.
 * @throws GradloomError `argument` for anything else.
 */
export function sourcesOf(name: string, source: ParameterSource): readonly (Module | Variable)[] {
  const list = Array.isArray(source) ? source : [source];
  const wrong = list.findIndex((item) => !(item instanceof Module || item instanceof Variable));
  if (wrong < 0) return list;
  const got = list[wrong] === undefined ? 'missing' : `a ${typeof list[wrong]}`;
  throw new GradloomError({
    code: 'argument',
    op: 'TrainStep',
    argument: `parameters of ${name}${Array.isArray(source) ? `[${wrong}]` : ''}`,
    got,
    expected: 'a module, a parameter, or a list of these',
    fix: 'parameters: model',
  });
}

/**
 * Variables by name: those of a module by its own names (tied ones with each), with the position before it where there are
 * several modules and variables.
 */
function namedVariables(list: readonly (Module | Variable)[]): [string, Variable][] {
  const taken = new Map<string, Variable>();
  return list.flatMap((item, i): [string, Variable][] => {
    if (item instanceof Module) return [...item.namedVariables(list.length > 1 ? String(i) : '')];
    const name = item.name || `parameter${i}`;
    const unique = (taken.get(name) ?? item) === item ? name : `${i}.${name}`;
    taken.set(unique, item);
    return [[unique, item]];
  });
}

/** Trainable parameters by their first names. */
function firstNames(all: readonly [string, Variable][]): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const seen = new Set<Variable>();
  for (const [name, variable] of all) {
    if (!variable.trainable || seen.has(variable)) continue;
    seen.add(variable);
    named.set(name, variable);
  }
  return named;
}

/** A learning rate in place of the optimizers' own: for all, or by optimizer name. Other groups keep their ratio to it. */
export type LearningRate = number | Record<string, number>;

/** @throws GradloomError `argument` for names that are no optimizer's and rates that are no numbers from 0. */
export function rateOf(lr: LearningRate | undefined, updaters: readonly Updater[]): RateOf {
  if (lr === undefined) return (ownRate) => ownRate;
  const names = updaters.map(({ name }) => name);
  const given = typeof lr === 'object' ? lr : Object.fromEntries(names.map((name) => [name, lr]));
  for (const [name, rate] of Object.entries(given)) {
    if (names.includes(name) && rate >= 0 && rate < Number.POSITIVE_INFINITY) continue;
    const near = nearest(name, names);
    throw new GradloomError({
      code: 'argument',
      op: 'TrainStep',
      argument: 'lr',
      got: `${JSON.stringify(name)}: ${rate}`,
      expected: `a finite number from 0 for ${names.join(', ')}`,
      fix: near && !names.includes(name) ? `Did you mean ${near}?` : undefined,
    });
  }
  return (ownRate, { name, learningRate }) => {
    if (!(name in given)) return ownRate;
    return learningRate === 0 ? given[name] : (ownRate * given[name]) / learningRate;
  };
}

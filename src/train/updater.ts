/** One optimizer at work: its parameters, their gradients and state on the device, and the recording of their update. */
import { GradloomError } from '../errors';
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { UpdateValues } from '../graph/runtime/step-values';
import { AVERAGE, type Average, type AverageOptions, averageOf } from '../optim/average';
import { type ClipOptions, checkClip, gradNormFactor } from '../optim/clip';
import type { Optimizer, OptimizerSpec } from '../optim/optimizer';
import { OptimizerState } from '../optim/optimizer-state';
import { ownOptimizer, parameterGroups } from '../optim/parameter-groups';
import { firstNames, namedVariables, type ParameterSource, sourcesOf } from './parameter-sources';
import { noMomentum, type RateOf, ScheduledRates, type StepSchedule } from './rates';

/** Parameters with the optimizer that updates them. */
export interface StepOptimizer extends AverageOptions {
  parameters: ParameterSource;
  optimizer: OptimizerSpec | Optimizer;
  /** Rates by the number of the update; those that `run` and `apply` are given take their place. */
  schedule?: StepSchedule;
  clip?: ClipOptions;
}

/** How updates are recorded. */
export interface UpdateRecord {
  /** Gradients that must be complete before. */
  after: Tensor[];
  /** The step struct of the first group. */
  firstSlot: number;
  /** Whether nothing is updated where the gradients are no finite numbers. */
  skipsNonfinite?: boolean;
}

/**
 * Parameters that have had the same updates: as in PyTorch, bias corrections and the like count the updates of each
 * parameter, not those of the optimizer. Where a plan updates a part of them, they part.
 */
interface Cohort {
  readonly state: OptimizerState;
  readonly members: Set<Variable>;
  /** The step struct of the first group of the state; plans have one struct per group. */
  readonly firstSlot: number;
  updates: number;
  /** Numbers that each group's optimizer keeps from update to update. */
  memory: Record<string, number>[];
  /** Whether a plan has been recorded that updates all members. */
  recorded: boolean;
}

/** Gradients and state of parameters that began to be trained at the same time, and how often these were averaged. */
interface Memory {
  readonly state: OptimizerState;
  readonly ready: Promise<unknown>;
  averaged: number;
}

/** What a checkpoint keeps of a cohort beside its tensors. */
export interface CohortProgress {
  parameters: string[];
  updates: number;
  /** Numbers that the optimizers of its groups keep. */
  memory: Record<string, number>[];
  /** Which cohorts share arenas, which decides the order in which gradients are summed up for clipping. */
  arena: number;
  /** How often the weights of its arena were averaged. */
  averaged?: number;
}

export class Updater {
  /** Parameters and buffers with all their names. */
  readonly variables: readonly [string, Variable][];
  /** Trainable parameters by name, frozen ones too. */
  readonly named: ReadonlyMap<string, Variable>;
  /** Gradients and state of the parameters that began to be trained at the same time. */
  private readonly memories: Memory[] = [];
  private readonly cohorts: Cohort[] = [];
  private splits = 0;
  /** How often memory was laid out anew. */
  private layouts = 0;
  readonly rates: ScheduledRates;
  private readonly optimizer: OptimizerSpec | Optimizer;
  /** The optimizer of the parameters that no group lists. */
  readonly own: Optimizer;
  readonly clip: ClipOptions;
  /** The average of the weights that is kept, and what records it. */
  private readonly average: Average | undefined;
  private recordAverage: typeof import('../optim/rules/average').recordAverage | undefined;

  /** Allocates state for the parameters, which are placed. @throws GradloomError `argument` when none can be trained. */
  constructor(
    private readonly device: Device,
    readonly name: string,
    { parameters, optimizer, schedule, clip = {}, ema, swa }: StepOptimizer,
  ) {
    this.rates = new ScheduledRates(schedule);
    this.variables = namedVariables(sourcesOf(name, parameters));
    this.named = firstNames(this.variables);
    this.optimizer = optimizer;
    this.own = ownOptimizer(optimizer, this.rates);
    this.learningRate = this.own.learningRate;
    this.type = this.own.type;
    if (this.rates.cyclesMomentum && this.own.momentum === undefined) throw noMomentum(this.type);
    this.clip = checkClip(clip);
    this.average = averageOf({ ema, swa });
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

  /** Parts from the others what was frozen meanwhile, and allocates state for what was unfrozen; true if there was any. */
  extend(): boolean {
    this.part(({ requiresGrad }) => requiresGrad);
    const known = new Set(this.memories.flatMap(({ state }) => state.parameters));
    const added = new Set([...this.named.values()].filter((v) => v.requiresGrad && !known.has(v)));
    return added.size > 0 && this.allocate(added);
  }

  /** Allocates gradients and state for parameters that get the same updates from now on; false if no group has them. */
  private allocate(added: ReadonlySet<Variable>): boolean {
    const groups = parameterGroups(this.optimizer, this.named, this.rates)
      .map(({ optimizer, parameters }) => ({ optimizer, parameters: parameters.filter((v) => added.has(v)) }))
      .filter(({ parameters }) => parameters.length > 0);
    if (groups.length === 0) return false;
    const state = new OptimizerState(this.device, groups, this.average && [AVERAGE]);
    const loading = Promise.all([...groups.map(({ optimizer }) => optimizer.load?.()), this.loadAverage()]);
    const ready = Promise.all([state.ready, loading]);
    ready.catch(() => {}); // whoever needs memory and kernels hears of it
    this.memories.push({ state, ready, averaged: 0 });
    this.addCohort({ state, members: new Set(state.parameters), updates: 0, memory: groups.map(() => ({})) });
    return true;
  }

  private async loadAverage(): Promise<void> {
    if (this.average) this.recordAverage ??= (await import('../optim/rules/average')).recordAverage;
  }

  /** Which parameters have had the same updates, by name, and how many. */
  get progress(): CohortProgress[] {
    const names = this.parameterNames();
    return this.cohorts.map(({ state, members, updates, memory }) => {
      const arena = this.memories.findIndex((other) => other.state === state);
      return {
        parameters: [...members].map((variable) => names.get(variable)!),
        updates,
        memory: memory.map((numbers) => ({ ...numbers })),
        arena,
        ...(this.average && { averaged: this.memories[arena].averaged }),
      };
    });
  }

  /** Names of what is kept of each parameter between steps, by parameter; those that a group freezes are not there. */
  get layout(): Map<string, readonly string[]> {
    const names = this.parameterNames();
    const more = this.average ? [AVERAGE] : [];
    return new Map(
      parameterGroups(this.optimizer, this.named, this.rates).flatMap(({ optimizer, parameters }) =>
        parameters.map((variable) => [names.get(variable)!, [...optimizer.stateNames, ...more]] as const),
      ),
    );
  }

  /** Number of groups that have some of these parameters. */
  groupCount(names: ReadonlySet<string>): number {
    const variables = new Set([...names].map((name) => this.named.get(name)));
    return parameterGroups(this.optimizer, this.named, this.rates).filter(({ parameters }) =>
      parameters.some((variable) => variables.has(variable)),
    ).length;
  }

  /**
   * Takes the progress of an updater whose parameters are in the `layout` here; state that has to be laid out anew for it is zero.
   * @returns whether any was
   */
  takeProgress(progress: readonly CohortProgress[]): boolean {
    const keyOf = ({ parameters, arena }: CohortProgress) => [arena, ...[...parameters].sort()].join('\n');
    const isSame = this.progress.map(keyOf).join('\n\n') === progress.map(keyOf).join('\n\n');
    if (!isSame) this.layOut(progress);
    this.cohorts.forEach((cohort, i) => {
      cohort.updates = progress[i].updates;
      cohort.memory = progress[i].memory.map((numbers) => ({ ...numbers }));
      const memory = this.memories.find(({ state }) => state === cohort.state)!;
      memory.averaged = progress[i].averaged ?? 0;
    });
    return !isSame;
  }

  /** Allocates anew what cohorts like these have. */
  private layOut(progress: readonly CohortProgress[]): void {
    const members = ({ parameters }: CohortProgress) => parameters.map((name) => this.named.get(name)!);
    this.destroy();
    this.layouts++;
    this.memories.length = 0;
    for (const arena of new Set(progress.map((cohort) => cohort.arena)))
      this.allocate(new Set(progress.filter((cohort) => cohort.arena === arena).flatMap(members)));
    this.cohorts.length = 0;
    const arenas = [...new Set(progress.map(({ arena }) => arena))];
    for (const cohort of progress) {
      const { state } = this.memories[arenas.indexOf(cohort.arena)];
      this.addCohort({ state, members: new Set(members(cohort)), updates: 0, memory: [] });
    }
  }

  private parameterNames(): Map<Variable, string> {
    return new Map([...this.named].map(([name, variable]) => [variable, name]));
  }

  /** Parameters that are differentiated: those that no group and no flag freezes. */
  get parameters(): Variable[] {
    return this.memories.flatMap(({ state }) => state.parameters.filter((v) => v.requiresGrad));
  }

  /** Bytes of gradients and optimizer state. */
  get bytes(): { gradients: number; state: number } {
    const all = this.memories.map(({ state }) => state.bytes);
    const sum = (kind: 'gradients' | 'state') => all.reduce((total, bytes) => total + bytes[kind], 0);
    return { gradients: sum('gradients'), state: sum('state') };
  }

  /** Number of step structs: one per group and cohort, and one per average. */
  get slots(): number {
    return this.cohortSlots + (this.average ? this.memories.length : 0);
  }

  private get cohortSlots(): number {
    const last = this.cohorts.at(-1);
    return last ? last.firstSlot + last.state.groups.length : 0;
  }

  /** Tells apart where averages lie: for the keys of plans that read them. */
  get averageKey(): string {
    return `${this.layouts} ${this.memories.map(({ averaged }) => Number(averaged > 0))}`;
  }

  get keepsAverage(): boolean {
    return this.average !== undefined;
  }

  /** Where the average of a variable lies, once there is one. */
  averageSlice(variable: Variable): BufferSlice | undefined {
    const { averaged, state } =
      this.memories.find((memory) => memory.state.gradients.slice(variable)) ?? ({} as Partial<Memory>);
    return averaged ? state!.slice(AVERAGE, variable) : undefined;
  }

  /** The kind of optimizer: `adam`. */
  readonly type: string;

  /** The optimizer's own learning rate, which a rate given for it takes the place of; groups keep their ratio to it. */
  readonly learningRate: number;

  /** Resolves when the GPU has the memory for all state, and the schedule and the optimizers' kernels are loaded. */
  get ready(): Promise<unknown> {
    return Promise.all([this.rates.ready, ...this.memories.map(({ ready }) => ready)]);
  }

  /** Where the gradient of a variable lies. */
  gradientSlice(variable: Variable): BufferSlice | undefined {
    for (const { state } of this.memories) {
      const slice = state.gradients.slice(variable);
      if (slice) return slice;
    }
    return undefined;
  }

  /** Where one kind of state of a variable lies. */
  stateSlice(name: string, variable: Variable): BufferSlice | undefined {
    for (const { state } of this.memories) {
      const slice = state.slice(name, variable);
      if (slice) return slice;
    }
    return undefined;
  }

  /**
   * Records clipping and the update of the parameters in `used`; returns the total norm of their gradients before clipping,
   * and `scale`, which says whether the update is refused, where they are clipped by norm or `skipsNonfinite`.
   */
  record(
    graph: Graph,
    used: ReadonlySet<Variable>,
    { after, firstSlot, skipsNonfinite = false }: UpdateRecord,
  ): { norm: Tensor; scale: Tensor } | undefined {
    const runs = this.memories.flatMap(({ state }) => state.gradientRuns(graph, used));
    if (runs.length === 0) return undefined;
    const { value } = this.clip;
    const clip = skipsNonfinite
      ? { maxNorm: Number.POSITIVE_INFINITY, ...this.clip, errorIfNonfinite: true }
      : this.clip;
    const clipped = clip.maxNorm === undefined ? undefined : gradNormFactor(runs, clip, after);
    const scale = clipped?.scale ?? graph.constant(new Float32Array([1, 0, 0, 0]), [4]);
    this.part((variable) => used.has(variable));
    for (const cohort of this.cohorts) {
      const { state, members } = cohort;
      if (!isUpdated(cohort, used)) continue;
      cohort.recorded = true;
      const slot = firstSlot + cohort.firstSlot;
      state.update(graph, members, { scale, clipValue: value, after, firstSlot: slot });
    }
    this.memories.forEach(({ state }, i) => {
      const stepSlot = firstSlot + this.cohortSlots + i;
      if (this.average)
        state.average(graph, AVERAGE, (memory) => this.recordAverage!({ ...memory, scale, stepSlot }));
    });
    return clipped;
  }

  /**
   * Counts an update of the parameters in `used` and gives the values of all step structs.
   * @param index number of the step, from 0, by which the schedule goes where there is no `rateOf`
   */
  nextValues(used: ReadonlySet<Variable>, index: number, rateOf?: RateOf): UpdateValues[] {
    const updates = this.cohorts.flatMap((cohort) => {
      if (!isUpdated(cohort, used)) return cohort.state.groups.map(() => UNUSED);
      const number = cohort.updates++;
      return cohort.state.groups.map(({ optimizer }, g) => {
        const { lr, momentum } = this.rates.of(optimizer, index, rateOf && ((own) => rateOf(own, this)));
        const derived = optimizer.derive(number, lr, { momentum, memory: cohort.memory[g] });
        return { learningRate: lr, derived };
      });
    });
    const { average } = this;
    if (!average) return updates;
    const averages = this.memories.map((memory): UpdateValues => {
      const weight = average.weightAt(index, memory.averaged);
      if (weight > 0) memory.averaged++;
      return { learningRate: 0, derived: [weight] };
    });
    return [...updates, ...averages];
  }

  /** How often plans became invalid because parameters that they update together have parted. */
  get generation(): number {
    return this.splits;
  }

  /** Parts the cohorts of which some members are updated and others are not. */
  private part(isUsed: (variable: Variable) => boolean): void {
    for (const { state, members, updates, memory, recorded } of [...this.cohorts]) {
      const idle = [...members].filter((variable) => !isUsed(variable));
      if (idle.length === 0 || idle.length === members.size) continue;
      if (recorded) this.splits++;
      for (const variable of idle) members.delete(variable);
      const copies = memory.map((numbers) => ({ ...numbers }));
      this.addCohort({ state, members: new Set(idle), updates, memory: copies });
    }
  }

  private addCohort(cohort: Omit<Cohort, 'firstSlot' | 'recorded'>): void {
    this.cohorts.push({ ...cohort, firstSlot: this.cohortSlots, recorded: false });
  }

  clearGradients(encoder: GPUCommandEncoder): void {
    for (const { state } of this.memories) state.clearGradients(encoder);
  }

  destroy(): void {
    for (const { state } of this.memories) state.destroy();
  }
}

/** Values of step structs that no kernel of a plan reads. */
const UNUSED: UpdateValues = { learningRate: 0, derived: [] };

/** Whether the members are among `used`: all are or none is. */
function isUpdated({ members }: Cohort, used: ReadonlySet<Variable>): boolean {
  for (const variable of members) return used.has(variable);
  return false;
}

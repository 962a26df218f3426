/**
 * A compiled training step: a loss function over named inputs, its gradients, and one or several optimizers that update
 * parameters in place. What `Trainer.fit` loops over, and the way to write a loop of one's own.
 */

import { checkOptions, checkSeed } from '../checks';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { Plan } from '../graph/runtime/plan';
import { PlanCache } from '../graph/runtime/plan-cache';
import type { StepValues } from '../graph/runtime/step-values';
import { type Placement, VariableStore } from '../graph/runtime/variable-store';
import type { StateDict } from '../io/state-dict';
import { Module } from '../nn/module';
import { place } from '../nn/place';
import { checkDevice } from './arguments';
import { OtherBuffers } from './other-buffers';
import { sourcesOf } from './parameter-sources';
import { type LearningRate, type RateOf, rateOf, type ScheduledRates } from './rates';
import { averagedState, averagesOf, type WeightAverages } from './step-averages';
import { compileStep, compileUpdates, layoutKey, type Mode, type StepCode } from './step-compiler';
import { argumentError, checkMode, disposed, gradientsWait, lostState, usageError } from './step-errors';
import { readGradients } from './step-gradients';
import {
  type ApplyOptions,
  type Batch,
  hostBatch,
  optimizersOf,
  type RunOptions,
  type StepEvaluateOptions,
  type StepFunction,
  type TrainStepOptions,
} from './step-options';
import { readOutputs, type StepOutputs } from './step-outputs';
import { refusal } from './step-refusal';
import type { StepParts, StepState } from './step-state';
import { Updater } from './updater';

export class TrainStep {
  private readonly updaters: Updater[] = [];
  private readonly placements: Placement[] = [];
  private readonly held = new Set<Variable>();
  private readonly names = new Map<Variable, string>();
  /** Parameters and buffers with all their names. */
  private readonly variables: [string, Variable][] = [];
  private readonly others = new OtherBuffers();
  private readonly plans = new PlanCache();
  private seed: number;
  /** The plan whose outputs are the latest, and the parameters whose gradients wait for `apply`. */
  private latest: Plan | undefined;
  private readonly gradientsOf = new WeakMap<Plan, ReadonlySet<Variable>>();
  /** Reused from step to step. */
  private readonly values: StepValues = {};
  private readonly pending = new Set<Variable>();
  /** The end of the queue of calls. */
  private last: Promise<unknown> = Promise.resolve();
  private generation: number;
  private runs = 0;
  private updates = 0;
  private disposed = false;

  /**
   * Places the parameters on the device, initialized from the seed where they have no values yet, and allocates
   * gradients and optimizer state.
   * @throws GradloomError `argument` for unknown options, and when there is nothing to train; `out-of-memory` with the
   * bytes needed and allowed.
   */
  constructor(
    readonly device: Device,
    private readonly fn: StepFunction,
    options: TrainStepOptions,
  ) {
    checkDevice('TrainStep', device);
    this.generation = device.generation;
    const entries = optimizersOf(options);
    this.seed = options.seed ?? 0;
    checkSeed('TrainStep', this.seed);
    if (typeof fn !== 'function') throw argumentError('fn', String(fn), 'a function of the inputs');
    try {
      for (const source of entries.flatMap(([name, { parameters }]) => sourcesOf(name, parameters))) {
        const isModule = source instanceof Module;
        this.hold(
          isModule ? place(device, source, { seed: this.seed }) : VariableStore.of(device).place([source]),
        );
      }
      for (const [name, optimizer] of entries) {
        const updater = new Updater(device, name, optimizer);
        this.updaters.push(updater);
        const prefix = entries.length > 1 ? `${name}.` : '';
        for (const [key, variable] of updater.named) this.names.set(variable, prefix + key);
        for (const [key, variable] of updater.variables) this.variables.push([prefix + key, variable]);
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Number of updates so far. */
  get steps(): number {
    return this.updates;
  }

  /** The learning rate of the next step, where neither `run` nor `apply` is given one: that of the first optimizer. */
  get learningRate(): number {
    return this.rates.of(this.updaters[0].own, this.updates).lr;
  }

  /** Rates of all groups for one in place of their own. */
  rateOf(lr: LearningRate | undefined): RateOf | undefined {
    return rateOf(lr, this.updaters);
  }

  /** The rates of the first optimizer. */
  get rates(): ScheduledRates {
    return this.updaters[0].rates;
  }

  /**
   * One whole step on a batch: loss, gradients, clipping, update. Resolves when the step is submitted to the GPU, which
   * may still be at work; `read` waits for its results. Calls take effect in the order in which they are made.
   * @throws GradloomError `argument` while gradients wait for `apply`, which the step would overwrite.
   */
  run(batch: Batch, options: RunOptions = {}): Promise<void> {
    return this.inOrder('run', async () => {
      checkOptions('TrainStep.run', options, ['lr']);
      const rate = this.rateOf(options.lr);
      if (this.pending.size > 0) throw gradientsWait();
      const plan = await this.planFor('run', batch);
      const refuse = refusal(this.updaters, () => this.updates--);
      plan.run(this.nextValues(this.updatedBy(plan), rate));
      this.latest = plan;
      await refuse?.(plan);
    });
  }

  /**
   * Adds the gradients of a batch to those that wait for `apply`, without updating anything: micro-batches of a larger
   * batch.
   */
  accumulate(batch: Batch): Promise<void> {
    return this.inOrder('accumulate', async () => {
      const plan = await this.planFor('accumulate', batch);
      const encoder = this.device.gpu.createCommandEncoder();
      if (this.pending.size === 0) for (const updater of this.updaters) updater.clearGradients(encoder);
      plan.encode(encoder, { seed: this.seed, index: this.runs++ });
      this.device.gpu.queue.submit([encoder.finish()]);
      for (const variable of this.updatedBy(plan)) this.pending.add(variable);
      this.latest = plan;
    });
  }

  /**
   * Updates the parameters with the accumulated gradients; the next `accumulate` starts anew.
   * @throws GradloomError `argument` when no gradients were accumulated.
   */
  apply(options: ApplyOptions = {}): Promise<void> {
    return this.inOrder('apply', async () => {
      checkOptions('TrainStep.apply', options, ['lr', 'scale']);
      const { lr, scale = 1 } = options;
      const rate = this.rateOf(lr);
      if (!Number.isFinite(scale)) throw argumentError('scale', String(scale), 'a finite number');
      if (this.pending.size === 0)
        throw usageError('apply', 'no gradients', 'a call of accumulate before it');
      const used = new Set(this.pending);
      const names = [...used].map((variable) => this.names.get(variable)).sort();
      const plan = await this.plans.get(`apply ${names}${this.stateKey()}`, () =>
        compileUpdates(this.device, this.updaters, used),
      );
      const refuse = refusal(this.updaters, () => this.updates--);
      const values = this.nextValues(used, rate);
      // Updates draw no random numbers; the next batch has this number still to come.
      this.runs--;
      plan.run({ ...values, gradientScale: scale });
      this.pending.clear();
      await refuse?.(plan);
    });
  }

  /** Forgets gradients that wait for `apply`. */
  discardGradients(): Promise<void> {
    return this.inOrder('discardGradients', async () => this.pending.clear());
  }

  /** Loss and metrics of a batch in evaluation mode; nothing is changed. */
  evaluate(batch: Batch, options: StepEvaluateOptions = {}): Promise<StepOutputs> {
    return this.readInOrder('evaluate', async () => {
      checkOptions('TrainStep.evaluate', options, ['averaged']);
      const averages = options.averaged ? this.averages('TrainStep.evaluate') : undefined;
      const plan = await this.planFor('evaluate', batch, averages);
      plan.run({ seed: this.seed });
      return plan;
    });
  }

  /**
   * Loss and metrics of the last `run` or `accumulate`, by the names that the loss function gave them: numbers, or values
   * with a shape where there are several. After a `run` that clips by norm also `gradNorm`, the total norm of the gradients
   * before clipping (`name.gradNorm` with several optimizers).
   */
  read(): Promise<StepOutputs> {
    return this.readInOrder('read', async () => {
      if (this.latest) return this.latest;
      throw usageError('read', 'a step that has not run', 'a call of run or accumulate before it');
    });
  }

  /** Gradients of the last `run` or of the accumulation so far, before clipping, by parameter name. */
  gradients(): Promise<StateDict> {
    if (this.disposed) return Promise.reject(disposed('gradients'));
    return readGradients(this.device, this.updaters, this.names);
  }

  /** The averages of the weights (`ema`, `swa`). @throws GradloomError `argument` where none are kept. */
  averages(op = 'TrainStep.averages'): WeightAverages {
    return averagesOf(op, this.updaters);
  }

  /** Parameters and buffers by name, with the averages of the weights (`ema`, `swa`) in their place. */
  async averagedState(): Promise<StateDict> {
    return (await this.inOrder('averagedState', async () => ({ taken: averagedState(this.parts) }))).taken;
  }

  /** Brings the host copies of all parameters and buffers up to date. */
  async download(): Promise<void> {
    await Promise.all(this.placements.map((placement) => placement.download()));
  }

  /**
   * The whole state after the calls made before, on the host: values, optimizer state, gradients that wait, counters. With it
   * another step of the same model and optimizers goes on bit by bit. The copies do not keep later calls waiting.
   */
  async state(): Promise<StepState> {
    const { captureStep } = await import('./step-state');
    return (await this.inOrder('state', async () => ({ taken: captureStep(this.checked().parts) }))).taken;
  }

  /**
   * Goes on from a `state`, of this step or one like it, instead of the present.
   * @throws GradloomError `argument` naming what does not fit; nothing is changed then.
   */
  async load(state: StepState): Promise<void> {
    const { applyStep, checkStep } = await import('./step-state');
    return this.inOrder('load', async () => {
      checkStep(this.parts, state);
      this.take(state, applyStep(this.parts, state));
    });
  }

  /** Resolves when the GPU has the memory for parameters and state; rejects with `out-of-memory`. */
  get ready(): Promise<unknown> {
    return Promise.all([...this.placements, ...this.updaters].map(({ ready }) => ready));
  }

  /** Parts of the step's state. */
  get parts(): StepParts {
    const { device, updaters, variables, pending, names, seed, runs, updates } = this;
    const counters = { seed, runs, updates };
    return { device, updaters, variables, others: this.others.known, pending, names, counters };
  }

  /** Counters and all else that `applyStep` left to do. */
  take(state: StepState, { pending, isLaidOutAnew }: { pending: Variable[]; isLaidOutAnew: boolean }): void {
    if (isLaidOutAnew) this.plans.clear();
    this.generation = this.device.generation;
    const { seed, runs, updates } = state;
    Object.assign(this, { seed, runs, updates });
    this.others.load(state.others);
    this.latest = undefined;
    this.pending.clear();
    for (const variable of pending) this.pending.add(variable);
  }

  /** The plan for a batch of these shapes (a whole step unless `mode` says otherwise): dispatches, bytes, profiles. */
  async plan(batch: Batch, mode: Mode = 'run'): Promise<Plan> {
    checkMode(mode);
    return this.inOrder('plan', () => this.planFor(mode, batch));
  }

  /** Downloads the values and frees all that the step holds; parameters stay on the device while others use them. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.last;
    try {
      await this.download();
    } catch (error) {
      // With a lost device its values are gone; the host keeps those of the last download.
      if (!(error instanceof GradloomError) || !['device-lost', 'aborted'].includes(error.code)) throw error;
    } finally {
      this.free();
    }
  }

  /**
   * The plan of a whole step whose inputs come from elsewhere than the host, such as a data set on the device.
   * @param compute records loss and metrics
   * @param after records what becomes of them; they are no outputs of the plan
   */
  planWith(
    key: string,
    compute: (graph: Graph) => Record<string, Tensor>,
    after: (outputs: Record<string, Tensor>) => void,
    options?: Pick<StepCode, 'skipsNonfinite'>,
  ): Promise<Plan> {
    const code: StepCode = { mode: 'run', compute, after, ...options };
    return this.plans.get(key + this.stateKey(), () => this.compileMode(code));
  }

  /** The parameters that a plan of this step differentiates, and updates in a whole step. */
  updatedBy(plan: Plan): ReadonlySet<Variable> {
    return this.gradientsOf.get(plan) ?? new Set();
  }

  /** Destroys the plans whose keys (of `planWith`) fit. */
  dropPlans(fits: (key: string) => boolean): void {
    this.plans.drop(fits);
  }

  /**
   * Counts a step that updates the parameters `updated` and gives its values; the record is reused.
   * @param rateOf gives the learning rate for a group's own one, in place of the schedule
   */
  nextValues(updated: ReadonlySet<Variable>, rateOf?: RateOf): StepValues {
    const { values } = this;
    values.seed = this.seed;
    values.index = this.runs++;
    const number = this.updates++;
    const [first, ...more] = this.updaters.flatMap((updater) => updater.nextValues(updated, number, rateOf));
    Object.assign(values, first);
    values.more = more;
    return values;
  }

  /** Runs `work` when the calls before it have taken effect, so that inputs, steps and reads do not mix. */
  private inOrder<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.disposed) return Promise.reject(disposed(method));
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  /** Reads outputs in order without keeping later calls waiting for the GPU. */
  private async readInOrder(method: string, planOf: () => Promise<Plan>): Promise<StepOutputs> {
    return (await this.inOrder(method, async () => ({ values: readOutputs(await planOf()) }))).values;
  }

  /** Keeps variables on the device until the step is disposed of. */
  private hold(placement: Placement): void {
    this.placements.push(placement);
    for (const variable of placement.variables) this.held.add(variable);
  }

  /** The plan for a batch, with its inputs written. */
  private async planFor(mode: Mode, batch: Batch, averages?: WeightAverages): Promise<Plan> {
    const { hosts, key } = hostBatch(`TrainStep.${mode}`, batch);
    const plan = await this.plans.get(`${mode} ${key} ${averages?.key}${this.stateKey()}`, () =>
      this.compileMode({
        mode,
        averages,
        compute: (graph) => {
          const inputs = hosts.map(([name, { shape, dtype }]) => [name, graph.input(name, shape, dtype)]);
          return this.fn(Object.fromEntries(inputs), graph);
        },
      }),
    );
    for (const [name, { data }] of hosts) plan.write(name, data);
    return plan;
  }

  private async compileMode(code: StepCode): Promise<Plan> {
    await this.ready;
    const { plan, used, variables } = await compileStep(this.device, this.updaters, code);
    // State of other modules, such as running statistics, must not go with a plan that the cache drops.
    const others = variables.filter((variable) => !this.held.has(variable));
    if (others.length > 0) this.hold(VariableStore.of(this.device).place(others));
    this.others.add(others.filter(({ trainable }) => !trainable));
    this.gradientsOf.set(plan, used);
    return plan;
  }

  /** Plan key beside the inputs. */
  private stateKey(): string {
    this.checked();
    return layoutKey(this.updaters, this.names);
  }

  /** @throws GradloomError `device-lost` when the state was lost with its GPU, until one is loaded. */
  checked(): this {
    const { generation, device, updates, pending } = this;
    if (generation !== device.generation && (updates > 0 || pending.size > 0)) throw lostState(updates);
    this.generation = device.generation;
    return this;
  }

  /** Frees all at once, without a download. */
  free(): void {
    this.plans.clear();
    for (const updater of this.updaters) updater.destroy();
    for (const placement of this.placements) placement.release();
  }
}

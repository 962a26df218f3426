/** The whole state of a training step on the host: what another step of the same model needs to go on bit by bit. */
import { formatShape, GradloomError, nearest } from '../errors';
import type { Device } from '../gpu/device';
import type { Variable } from '../graph/ir/variable';
import { VariableStore } from '../graph/runtime/variable-store';
import type { HostTensor, StateDict } from '../io/state-dict';
import type { CohortProgress, Updater } from './updater';

export interface StepState {
  /** Key of the random streams. */
  seed: number;
  /** Batches so far: the number of the next one in every random counter. */
  runs: number;
  /** Updates so far. */
  updates: number;
  /** Parameters and buffers by PyTorch's names, after `name.` where there are several optimizers. */
  variables: StateDict;
  optimizers: Record<string, OptimizerProgress>;
  /** Buffers of modules that belong to no optimizer, in the order in which the loss function met them. */
  others: StateDict;
  /** Gradients that wait for `apply`, by the names of their parameters. */
  gradients: StateDict;
}

export interface OptimizerProgress {
  type: string;
  cohorts: CohortProgress[];
  /** State by parameter and PyTorch's name of it: `conv1.weight/exp_avg`. */
  state: StateDict;
}

/** What a step is made of. */
export interface StepParts {
  device: Device;
  updaters: readonly Updater[];
  /** Parameters and buffers with all their names. */
  variables: readonly [string, Variable][];
  others: readonly Variable[];
  /** Parameters whose gradients wait, and the names of parameters. */
  pending: ReadonlySet<Variable>;
  names: ReadonlyMap<Variable, string>;
  counters: Pick<StepState, 'seed' | 'runs' | 'updates'>;
}

/** Submits the copies of all state at once; resolves when they have arrived. */
export async function captureStep(parts: StepParts): Promise<StepState> {
  const { device, updaters, counters } = parts;
  const store = VariableStore.of(device);
  const optimizers = updaters.map(({ name, type, progress }) => ({ name, type, cohorts: progress }));
  const versions = new Map(parts.variables.map(([, variable]) => [variable, variable.version]));
  const entries = entriesOf(parts);
  const bytes = await device.readback.readAll(entries.map(({ slice }) => slice));
  const taken: Record<Kind, StateDict> = { variables: {}, others: {}, gradients: {}, optimizers: {} };
  entries.forEach(({ kind, key, variable }, i) => {
    const data = new Float32Array(bytes[i]);
    put<HostTensor>(taken[kind], key, { shape: [...variable.shape], data });
    // Host copies are brought up to date by the way; values assigned meanwhile are newer.
    if (kind === 'variables' && versions.get(variable) === variable.version) variable.receive(data);
  });
  // Tied parameters have the same values under each name.
  for (const [name, variable] of parts.variables) {
    if (!Object.hasOwn(taken.variables, name))
      put<HostTensor>(taken.variables, name, taken.variables[firstName(parts, variable)]);
  }
  return {
    ...counters,
    variables: taken.variables,
    others: taken.others,
    gradients: taken.gradients,
    optimizers: Object.fromEntries(
      optimizers.map(({ name, ...rest }) => {
        const prefix = `${name}/`;
        const own = Object.entries(taken.optimizers).filter(([key]) => key.startsWith(prefix));
        const state = Object.fromEntries(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
        return [name, { ...rest, state }];
      }),
    ),
  };

  function entriesOf({ variables, others, pending, names }: StepParts) {
    const list: { kind: Kind; key: string; variable: Variable; slice: GPUSlice }[] = [];
    const seen = new Set<Variable>();
    for (const [key, variable] of variables) {
      if (seen.has(variable)) continue;
      seen.add(variable);
      list.push({ kind: 'variables', key, variable, slice: store.slice(variable) });
    }
    others.forEach((variable, i) => {
      list.push({ kind: 'others', key: `${i}`, variable, slice: store.slice(variable) });
    });
    for (const updater of updaters) {
      const { layout } = updater;
      for (const name of updater.progress.flatMap(({ parameters }) => parameters)) {
        const variable = updater.named.get(name)!;
        for (const state of layout.get(name)!) {
          const slice = updater.stateSlice(state, variable)!;
          list.push({ kind: 'optimizers', key: `${updater.name}/${name}/${state}`, variable, slice });
        }
      }
    }
    for (const variable of pending) {
      const slice = gradientSlice(updaters, variable);
      list.push({ kind: 'gradients', key: names.get(variable)!, variable, slice });
    }
    return list;
  }
}

type Kind = 'variables' | 'others' | 'gradients' | 'optimizers';
type GPUSlice = ReturnType<VariableStore['slice']>;

const gradientSlice = (updaters: readonly Updater[], variable: Variable) =>
  updaters.map((updater) => updater.gradientSlice(variable)).find((slice) => slice !== undefined)!;

/** Sets a property of its own, whatever its name. */
function put<T>(record: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

const firstName = ({ variables }: StepParts, variable: Variable) =>
  variables.find(([, other]) => other === variable)![0];

/**
 * Checks that a state is of this model and these optimizers. Nothing is changed.
 * @throws GradloomError `argument` naming the tensor, what it is and what was expected.
 */
export function checkStep(parts: StepParts, state: StepState): void {
  checkTensors(state.variables, new Map(parts.variables));
  const parameters = new Map([...parts.names].map(([variable, name]) => [name, variable]));
  for (const [name, tensor] of Object.entries(state.gradients)) {
    checkTensor(`gradients of ${name}`, tensor, parameters.get(name));
  }
  const names = parts.updaters.map(({ name }) => name);
  const saved = Object.keys(state.optimizers);
  if ([...names].sort().join() !== [...saved].sort().join())
    throw fail('optimizers', saved.join(', ') || 'none', names.join(', '));
  for (const updater of parts.updaters) checkOptimizer(updater, state.optimizers[updater.name]);
}

function checkOptimizer(updater: Updater, { type, cohorts, state }: OptimizerProgress): void {
  if (type !== updater.type) throw fail('optimizer', `that of ${type}`, updater.type);
  const { layout } = updater;
  const seen = new Set<string>();
  for (const name of cohorts.flatMap(({ parameters }) => parameters)) {
    if (seen.has(name)) throw fail(`optimizer state of ${name}`, 'there twice', 'once per parameter');
    if (!layout.has(name)) {
      throw fail(
        `optimizer state of ${name}`,
        'of no parameter that the optimizer updates',
        'one of its parameters',
      );
    }
    seen.add(name);
  }
  for (const { arena, memory } of cohorts) {
    const names = cohorts.filter((other) => other.arena === arena).flatMap(({ parameters }) => parameters);
    const groups = updater.groupCount(new Set(names));
    if (memory.length !== groups) throw fail('optimizer', `of ${memory.length} groups`, `${groups}`);
  }
  const expected = new Map<string, Variable>();
  for (const name of seen) {
    const variable = updater.named.get(name)!;
    for (const key of layout.get(name)!) expected.set(`${name}/${key}`, variable);
  }
  checkTensors(state, expected, 'optimizer state ');
}

function checkTensors(state: StateDict, expected: ReadonlyMap<string, Variable>, what = ''): void {
  for (const [name, tensor] of Object.entries(state)) {
    const variable = expected.get(name);
    if (variable) checkTensor(what + name, tensor, variable);
    else {
      const near = nearest(name, [...expected.keys()]);
      throw fail(what + name, 'not in the model', 'a name of the model', near && `The nearest is ${near}`);
    }
  }
  const missing = [...expected.keys()].find((name) => !Object.hasOwn(state, name));
  if (missing !== undefined) throw fail(what + missing, 'missing', 'values for all state of the model');
}

function checkTensor(name: string, tensor: StateDict[string], variable: Variable | undefined): void {
  if (!variable) throw fail(name, 'not in the model', 'a name of the model');
  const { shape, data } = tensor;
  if (shape.join() === variable.shape.join() && data.length === variable.size) return;
  throw fail(name, `${formatShape(shape)} with ${data.length} values`, formatShape(variable.shape));
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({
    code: 'argument',
    op: 'checkpoint',
    argument,
    got,
    expected,
    fix: fix ?? 'Is it a checkpoint of another model or optimizer?',
  });

/**
 * Puts a checked state into a step's parameters, buffers and optimizers.
 * @param keep variables whose host values are newer than the state
 * @returns the parameters whose gradients wait, and whether plans have to be compiled anew
 */
export function applyStep(
  { device, updaters, variables, names }: StepParts,
  state: StepState,
  keep: (variable: Variable) => boolean = () => false,
): { pending: Variable[]; isLaidOutAnew: boolean } {
  const { queue } = device.gpu;
  const write = ({ buffer, offset }: GPUSlice, data: Float32Array) => {
    if (data.length > 0) queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>);
  };
  for (const [name, variable] of variables) {
    if (!keep(variable)) variable.data = state.variables[name].data.slice();
  }
  let isLaidOutAnew = false;
  for (const updater of updaters) {
    const { cohorts, state: tensors } = state.optimizers[updater.name];
    if (updater.takeProgress(cohorts)) isLaidOutAnew = true;
    for (const [key, { data }] of Object.entries(tensors)) {
      const at = key.lastIndexOf('/');
      write(updater.stateSlice(key.slice(at + 1), updater.named.get(key.slice(0, at))!)!, data);
    }
  }
  const byName = new Map([...names].map(([variable, name]) => [name, variable]));
  const encoder = device.gpu.createCommandEncoder();
  for (const updater of updaters) updater.clearGradients(encoder);
  queue.submit([encoder.finish()]);
  const pending = Object.entries(state.gradients).map(([name, { data }]) => {
    const variable = byName.get(name)!;
    write(gradientSlice(updaters, variable), data);
    return variable;
  });
  return { pending, isLaidOutAnew };
}

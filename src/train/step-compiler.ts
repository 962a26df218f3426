/** Records whole training steps and compiles them: loss, gradients into their arenas, updates. */
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { Graph, type Storage, type Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { compile } from '../graph/runtime/compile';
import type { Plan } from '../graph/runtime/plan';
import type { WeightAverages } from './step-averages';
import { parameterGradients } from './step-gradients';
import { outputsOf } from './step-outputs';
import type { UpdateRecord, Updater } from './updater';

/** Kind of plan: a whole step, gradient accumulation alone, or loss and metrics alone. */
export type Mode = 'run' | 'accumulate' | 'evaluate';

export interface StepCode {
  mode: Mode;
  /** Averages that are taken in place of the weights. */
  averages?: WeightAverages;
  /** Records loss and metrics. */
  compute(graph: Graph): Tensor | Record<string, Tensor>;
  /** Records what becomes of them; they are no outputs of the plan then. */
  after?(outputs: Record<string, Tensor>): void;
  /** Whether nothing is updated where the gradients are no finite numbers. */
  skipsNonfinite?: boolean;
}

export interface CompiledStep {
  plan: Plan;
  /** Parameters that have a gradient. */
  used: ReadonlySet<Variable>;
  /** All that the graph reads or writes. */
  variables: Variable[];
}

export async function compileStep(
  device: Device,
  updaters: readonly Updater[],
  { mode, averages, compute, after, skipsNonfinite = false }: StepCode,
): Promise<CompiledStep> {
  const { keepBuffers } = skipsNonfinite ? await import('./kept-buffers') : {};
  const graph = new Graph({ training: mode !== 'evaluate', valuesOf: averages?.of });
  const names = updaters.map(({ name }) => name);
  const variables = updaters.flatMap((updater) => updater.variables.map(([, variable]) => variable));
  const restore = keepBuffers?.(graph, variables);
  const outputs = outputsOf(compute(graph), names);
  const placed = new Map<Storage, BufferSlice>();
  const used = new Set<Variable>();
  if (mode !== 'evaluate') {
    const gradients = updaters.flatMap((updater) => {
      const found = parameterGradients(graph, outputs[updater.name], updater.parameters);
      for (const { variable, gradient } of found) {
        placed.set(gradient.storage.root, updater.gradientSlice(variable)!);
        used.add(variable);
      }
      return found.map(({ gradient }) => gradient);
    });
    if (mode === 'run') {
      const options = { after: gradients, skipsNonfinite, restore };
      Object.assign(outputs, recordUpdates(graph, updaters, used, options));
    }
  }
  after?.(outputs);
  const accumulated = mode === 'accumulate' ? new Set(placed.keys()) : undefined;
  const plan = await compile(device, graph, { outputs: after ? {} : outputs, placed, accumulated });
  return { plan, used, variables: [...graph.usedVariables.keys()] };
}

/**
 * What plans depend on beside their inputs: what is frozen, and where step structs lie. Parameters unfrozen since the last
 * call get their state.
 */
export function layoutKey(updaters: readonly Updater[], names: ReadonlyMap<Variable, string>): string {
  for (const updater of updaters) updater.extend();
  const frozen = [...names].flatMap(([variable, name]) => (variable.requiresGrad ? [] : [name]));
  // Step structs of an updater come after those of the updaters before it.
  const layout = updaters.map(({ generation, slots }) => [generation, slots]);
  return ` frozen ${frozen} layout ${layout}`;
}

/** A plan that updates the parameters in `used` with the gradients in the arenas. */
export function compileUpdates(
  device: Device,
  updaters: readonly Updater[],
  used: ReadonlySet<Variable>,
): Promise<Plan> {
  const graph = new Graph({ training: true });
  return compile(device, graph, { outputs: recordUpdates(graph, updaters, used, { after: [] }) });
}

/**
 * Records the updates, and returns the gradient norms. All gradients are computed before the first update: the
 * optimizers of a step see the same parameters.
 */
function recordUpdates(
  graph: Graph,
  updaters: readonly Updater[],
  used: ReadonlySet<Variable>,
  { restore, ...options }: Omit<UpdateRecord, 'firstSlot'> & { restore?(scale: Tensor): void },
): Record<string, Tensor> {
  let slot = 0;
  const norms: Record<string, Tensor> = {};
  for (const updater of updaters) {
    const clipped = updater.record(graph, used, { ...options, firstSlot: slot });
    if (clipped) {
      norms[updaters.length > 1 ? `${updater.name}.gradNorm` : 'gradNorm'] = clipped.norm;
      restore?.(clipped.scale);
    }
    slot += updater.slots;
  }
  return norms;
}

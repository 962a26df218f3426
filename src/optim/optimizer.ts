/**
 * Optimizers: each is one kernel over a run of parameters. An optimizer names the state it keeps per parameter, records
 * its update in a graph, and derives per-step values on the host in float64. Options and state names are known at once;
 * kernels other than those of SGD and Adam are loaded when an optimizer needs them.
 */
import { GradloomError } from '../errors';
import { parseAttrs } from '../graph/ir/op';
import type { Variable } from '../graph/ir/variable';
import type * as z from '../schema';
import {
  checkTogether,
  type OptimizerType,
  type OptionsOf,
  optimizerOptions,
  stateNames,
} from './optimizer-options';
import { rule as adam } from './rules/adam';
import type { UpdateRule } from './rules/rule';
import { rule as sgd } from './rules/sgd';
import { typeNamed } from './type-name';
import type { UpdateContext, UpdateSegment } from './update';

export { type OptimizerType, optimizerOptions } from './optimizer-options';
export type { UpdateContext, UpdateSegment } from './update';

/**
 * An optimizer by name with its options, and groups of parameters with other options:
 * `{ type: 'adamW', lr: 1e-3, groups: [{ params: ['*.bias'], weightDecay: 0 }] }`.
 */
export type OptimizerSpec = {
  [T in OptimizerType]: { type: T; groups?: readonly ParameterGroupSpec[] } & z.input<
    (typeof optimizerOptions)[T]
  >;
}[OptimizerType];

/**
 * Names or globs with `*` of parameters, and the options that differ from the optimizer's own. With a `type` of its own, a
 * group has another optimizer, which takes over none of the options.
 */
export type ParameterGroupSpec = {
  params: readonly string[] | ((name: string, variable: Variable) => boolean);
  /** Neither updated nor differentiated. */
  frozen?: boolean;
} & Record<string, unknown>;

/** How parameters are updated: one fused kernel over a run of them. */
export interface Optimizer {
  readonly type: string;
  readonly learningRate: number;
  /** Momentum or first beta; undefined for optimizers without. */
  readonly momentum?: number;
  /** All options, defaults included; absent for optimizers of one's own. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** PyTorch's names of what is kept per parameter, such as exp_avg. */
  readonly stateNames: readonly string[];
  /** Whether `update` takes no table of blocks: parameters that lie apart are then updated one run at a time. */
  readonly inPlaceOnly?: boolean;
  /** Whether every parameter is a run of its own. */
  readonly perParameter?: boolean;
  /** Loads the kernels; `update` and `derive` may be called when it resolves. Absent where they are there. */
  load?(): Promise<void>;
  /** Records the in-place update of one run. */
  update(segment: UpdateSegment): void;
  /**
   * The values `h0, h1, ...` of lib/step.wgsl for update number `index` (from 0) at this learning rate. Called once per
   * update, in order, where the optimizer keeps numbers in `context.memory`.
   */
  derive(index: number, learningRate: number, context?: UpdateContext): number[];
}

type AnyRule = UpdateRule<unknown>;

/** Rules that a page loads when it names them. */
const LOADERS: Partial<Record<OptimizerType, () => Promise<{ rule: unknown }>>> = {
  adamax: () => import('./rules/adamax'),
  nadam: () => import('./rules/nadam'),
  radam: () => import('./rules/radam'),
  rmsprop: () => import('./rules/rmsprop'),
  adagrad: () => import('./rules/adagrad'),
  adadelta: () => import('./rules/adadelta'),
  asgd: () => import('./rules/asgd'),
  rprop: () => import('./rules/rprop'),
  lion: () => import('./rules/lion'),
  muon: () => import('./rules/muon'),
};

/**
 * Makes an optimizer from its description.
 * @param more.cyclesMomentum a schedule sets its momentum, which it may not have otherwise
 * @throws GradloomError `argument` for unknown types and options.
 */
export function createOptimizer(
  spec: OptimizerSpec,
  { cyclesMomentum = false }: { cyclesMomentum?: boolean } = {},
): Optimizer {
  const { type, groups: _, ...given } = spec;
  const name = typeNamed('optimizer', type, Object.keys(optimizerOptions) as OptimizerType[]);
  const options = parseAttrs<z.ObjectSchema>(name, optimizerOptions[name], given) as unknown as OptionsOf<
    typeof name
  >;
  checkTogether(name, options);
  const { momentum, betas } = options as { momentum?: number; betas?: number[] };
  const settings = name === 'adamW' ? { ...options, decoupledWeightDecay: true } : options;
  const states = (stateNames[name] as (o: unknown, cycles: boolean) => string[])(options, cyclesMomentum);
  let rule = (name === 'sgd' ? sgd : name.startsWith('adam') && !LOADERS[name] ? adam : undefined) as
    | AnyRule
    | undefined;
  const loaded = () => {
    if (rule) return rule;
    throw new GradloomError({
      code: 'argument',
      op: name,
      got: 'an optimizer whose kernels are not loaded yet',
      expected: 'await optimizer.load() before it updates',
    });
  };
  const load = LOADERS[name];
  return {
    type: name,
    learningRate: options.lr,
    momentum: momentum ?? betas?.[0],
    options,
    stateNames: states,
    perParameter: name === 'muon',
    ...(load && {
      load: async () => {
        rule ??= (await load()).rule as AnyRule;
      },
    }),
    derive: (index, lr, context = { memory: {} }) => loaded().derive(settings, index, lr, context),
    update: (segment) => loaded().update(settings, segment),
  };
}

/**
 * Optimizers: each is one kernel over a run of parameters. An optimizer names the state it keeps per parameter, records
 * its update in a graph, and derives per-step values on the host in float64.
 */
import adamStep from '../../shaders/optimizer/adam.step.wgsl';
import sgdStep from '../../shaders/optimizer/sgd.step.wgsl';
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { elementThreads } from '../graph/ir/grid';
import { defineInternal, parseAttrs } from '../graph/ir/op';
import type { Variable } from '../graph/ir/variable';
import * as z from '../schema';
import { typeNamed } from './type-name';

const learningRate = z.number().min(0);
const beta = z.number().min(0).lt(1);

/** Options by optimizer, with torch.optim's names and defaults. */
export const optimizerOptions = {
  /** torch.optim.SGD. */
  sgd: z.strictObject({
    lr: learningRate.default(1e-3),
    momentum: z.number().min(0).default(0),
    dampening: z.number().default(0),
    weightDecay: z.number().min(0).default(0),
    nesterov: z.boolean().default(false),
  }),
  /** torch.optim.Adam. */
  adam: z.strictObject({
    lr: learningRate.default(1e-3),
    betas: z.tuple([beta, beta]).default([0.9, 0.999]),
    eps: z.number().min(0).default(1e-8),
    weightDecay: z.number().min(0).default(0),
  }),
  /** torch.optim.AdamW. */
  adamW: z.strictObject({
    lr: learningRate.default(1e-3),
    betas: z.tuple([beta, beta]).default([0.9, 0.999]),
    eps: z.number().min(0).default(1e-8),
    weightDecay: z.number().min(0).default(1e-2),
  }),
};

export type OptimizerType = keyof typeof optimizerOptions;

/**
 * An optimizer by name with its options, and groups of parameters with other options:
 * `{ type: 'adamW', lr: 1e-3, groups: [{ params: ['*.bias'], weightDecay: 0 }] }`.
 */
export type OptimizerSpec = {
  [T in OptimizerType]: { type: T; groups?: readonly ParameterGroupSpec[] } & z.input<
    (typeof optimizerOptions)[T]
  >;
}[OptimizerType];

/** Names or globs with `*` of parameters, and the options that differ from the optimizer's own. */
export type ParameterGroupSpec = {
  params: readonly string[] | ((name: string, variable: Variable) => boolean);
  /** Neither updated nor differentiated. */
  frozen?: boolean;
} & Record<string, unknown>;

/** A run of parameters in memory with everything that its update touches, in blocks of 64 floats. */
export interface UpdateSegment {
  /** Floats of the run, padding included. */
  size: number;
  parameters: Tensor;
  gradients: Tensor;
  /** One tensor per name in `stateNames`, with the gradients' layout. */
  state: readonly Tensor[];
  /** Blocks of the run, [n, 2] (parameter block, state block); absent where both lie in one piece from 0 on. */
  blocks?: Tensor;
  /** Factor on all gradients, as clipping by norm computes it: element 0. */
  scale: Tensor;
  /** Gradients beyond +-clipValue are clipped. */
  clipValue: number;
  /** The plan's step struct with this group's learning rate and derived values. */
  stepSlot: number;
  /** Gradients of single parameters, which must be complete before the update. */
  after: Tensor[];
}

/** How parameters are updated: one fused kernel over a run of them. */
export interface Optimizer {
  readonly type: string;
  readonly learningRate: number;
  /** PyTorch's names of what is kept per parameter, such as exp_avg. */
  readonly stateNames: readonly string[];
  /** Whether `update` takes no table of blocks: parameters that lie apart are then updated one run at a time. */
  readonly inPlaceOnly?: boolean;
  /** Records the in-place update of one run. */
  update(segment: UpdateSegment): void;
  /** The values `h0, h1, ...` of lib/step.wgsl for update number `index` (from 0) at this learning rate. */
  derive(index: number, learningRate: number): number[];
}

/** Makes an optimizer from its description. @throws GradloomError for unknown types and options. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  const { type, groups: _, ...options } = spec;
  const name = typeNamed('optimizer', type, Object.keys(optimizerOptions) as OptimizerType[]);
  if (name === 'sgd') return sgd(parseAttrs('sgd', optimizerOptions.sgd, options));
  return adam(name, parseAttrs(name, optimizerOptions[name], options));
}

function sgd(options: z.output<typeof optimizerOptions.sgd>): Optimizer {
  if (options.nesterov && (options.momentum === 0 || options.dampening !== 0)) {
    throw new GradloomError({
      code: 'argument',
      op: 'sgd',
      argument: 'nesterov',
      got: 'true',
      expected: 'a momentum and no dampening with it',
    });
  }
  return {
    type: 'sgd',
    learningRate: options.lr,
    stateNames: ['momentum_buffer'],
    derive: (index) => [index === 0 ? 1 : 0],
    update: (segment) => recordUpdate(sgdUpdate, segment, options),
  };
}

function adam(type: 'adam' | 'adamW', options: z.output<typeof optimizerOptions.adam>): Optimizer {
  const [beta1, beta2] = options.betas;
  return {
    type,
    learningRate: options.lr,
    stateNames: ['exp_avg', 'exp_avg_sq'],
    derive: (index, lr) => [lr / (1 - beta1 ** (index + 1)), 1 / Math.sqrt(1 - beta2 ** (index + 1))],
    update: (segment) => recordUpdate(adamUpdate, segment, { ...options, decoupled: type === 'adamW' }),
  };
}

type Update<A> = { options: A; segment: UpdateSegment };

/** Records an update; it happens in place, so the node has no outputs and is kept because it writes variables. */
function recordUpdate<A>(
  op: (inputs: Record<'p' | 'grad' | 'scale' | 'm' | 'v' | 'blocks', Tensor>, attrs: Update<A>) => unknown,
  segment: UpdateSegment,
  options: A,
): void {
  const { parameters: p, gradients: grad, scale, blocks } = segment;
  const [m, v] = segment.state;
  op({ p, grad, scale, m, v, blocks: blocks! }, { options, segment });
}

const sgdUpdate = defineInternal({
  name: 'sgd',
  inputs: ['p', 'grad', 'scale', 'm', 'blocks?'],
  outputs: [],
  shape: () => ({}),
  lower(
    { p, grad, scale, m, blocks },
    { options, segment }: Update<z.output<typeof optimizerOptions.sgd>>,
    k,
  ) {
    const n4 = segment.size / 4;
    const params = {
      n4,
      nesterov: options.nesterov,
      momentum: options.momentum,
      dampening: options.dampening,
      weight_decay: options.weightDecay,
      clip_value: segment.clipValue,
    };
    const launch = [params, elementThreads(n4, k.device), dispatchOptions(segment)] as const;
    if (blocks) k.dispatch(sgdStep.indexed, { grad, scale, blocks }, { p, buf: m }, ...launch);
    else k.dispatch(sgdStep.contiguous, { grad, scale }, { p, buf: m }, ...launch);
  },
});

const adamUpdate = defineInternal({
  name: 'adam',
  inputs: ['p', 'grad', 'scale', 'm', 'v', 'blocks?'],
  outputs: [],
  shape: () => ({}),
  lower(
    { p, grad, scale, m, v, blocks },
    { options, segment }: Update<z.output<typeof optimizerOptions.adam> & { decoupled: boolean }>,
    k,
  ) {
    const n4 = segment.size / 4;
    const [beta1, beta2] = options.betas;
    const params = {
      n4,
      beta1,
      beta2,
      one_minus_beta1: 1 - beta1,
      one_minus_beta2: 1 - beta2,
      eps: options.eps,
      l2: options.decoupled ? 0 : options.weightDecay,
      decay: options.decoupled ? options.weightDecay : 0,
      clip_value: segment.clipValue,
    };
    const launch = [params, elementThreads(n4, k.device), dispatchOptions(segment)] as const;
    if (blocks) k.dispatch(adamStep.indexed, { grad, scale, blocks }, { p, m, v }, ...launch);
    else k.dispatch(adamStep.contiguous, { grad, scale }, { p, m, v }, ...launch);
  },
});

const dispatchOptions = ({ after, stepSlot }: UpdateSegment) => ({ alsoReads: after, stepSlot });

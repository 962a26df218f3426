/**
 * Optimizers: each is one kernel over the whole parameter arena. An optimizer says how many moment arenas it needs,
 * records its update in a graph, and derives per-step values on the host in float64.
 */
import { z } from 'zod';
import adamStep from '../../shaders/optimizer/adam.step.wgsl';
import sgdStep from '../../shaders/optimizer/sgd.step.wgsl';
import { GradloomError, nearest } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { elementGrid } from '../graph/ir/grid';
import { defineInternal, parseAttrs } from '../graph/ir/op';

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

/** An optimizer by name with its options: `{ type: 'adam', lr: 1e-3 }`. */
export type OptimizerSpec = {
  [T in OptimizerType]: { type: T } & z.input<(typeof optimizerOptions)[T]>;
}[OptimizerType];

/** One page of the parameter arena with everything that its update touches. */
export interface OptimizerPage {
  parameters: Tensor;
  gradients: Tensor;
  moments: Tensor[];
  /** Factor on all gradients, as clipping by norm computes it. */
  scale: Tensor;
  /** Gradients of single parameters, which must be complete before the update. */
  after: Tensor[];
}

export interface Optimizer {
  readonly type: OptimizerType;
  readonly learningRate: number;
  /** Number of arenas of state. */
  readonly moments: number;
  /** Records the in-place update of one page. */
  update(page: OptimizerPage, clipValue: number): void;
  /** The values `h0, h1, ...` of lib/step.wgsl for step `index` (from 0) at this learning rate. */
  derive(index: number, learningRate: number): number[];
}

/** Makes an optimizer from its description. @throws GradloomError for unknown types and options. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  const { type, ...options } = spec;
  const name = Object.keys(optimizerOptions).find((key) => key.toLowerCase() === String(type).toLowerCase());
  if (!name) {
    const known = Object.keys(optimizerOptions);
    const near = nearest(String(type), known);
    throw new GradloomError({
      code: 'argument',
      op: 'optimizer',
      argument: 'type',
      got: JSON.stringify(type),
      expected: `one of ${known.join(', ')}`,
      fix: near && `Did you mean ${near}?`,
    });
  }
  if (name === 'sgd') return sgd(parseAttrs('sgd', optimizerOptions.sgd, options));
  return adam(name as 'adam' | 'adamW', parseAttrs(name, optimizerOptions[name as 'adam'], options));
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
    moments: 1,
    derive: (index) => [index === 0 ? 1 : 0],
    update: (page, clipValue) => void sgdUpdate(inputsOf(page), { ...options, clipValue, after: page.after }),
  };
}

function adam(type: 'adam' | 'adamW', options: z.output<typeof optimizerOptions.adam>): Optimizer {
  const [beta1, beta2] = options.betas;
  return {
    type,
    learningRate: options.lr,
    moments: 2,
    derive: (index, lr) => [lr / (1 - beta1 ** (index + 1)), 1 / Math.sqrt(1 - beta2 ** (index + 1))],
    update: (page, clipValue) =>
      void adamUpdate(inputsOf(page), { ...options, type, clipValue, after: page.after }),
  };
}

const inputsOf = ({ parameters, gradients, scale, moments: [m, v] }: OptimizerPage) =>
  ({ p: parameters, grad: gradients, scale, m, v }) as Record<'p' | 'grad' | 'scale' | 'm' | 'v', Tensor>;

/** Updates happen in place, so the nodes have no outputs; the plan keeps them because they write variables. */
const sgdUpdate = defineInternal({
  name: 'sgd',
  inputs: ['p', 'grad', 'scale', 'm'],
  outputs: [],
  shape: () => ({}),
  lower(
    { p, grad, scale, m },
    options: z.output<typeof optimizerOptions.sgd> & { clipValue: number; after: Tensor[] },
    k,
  ) {
    const n4 = p.size / 4;
    const params = {
      n4,
      nesterov: options.nesterov,
      momentum: options.momentum,
      dampening: options.dampening,
      weight_decay: options.weightDecay,
      clip_value: options.clipValue,
    };
    k.dispatch(sgdStep, { grad, scale }, { p, buf: m }, params, elementGrid(n4, k.device), {
      alsoReads: options.after,
    });
  },
});

const adamUpdate = defineInternal({
  name: 'adam',
  inputs: ['p', 'grad', 'scale', 'm', 'v'],
  outputs: [],
  shape: () => ({}),
  lower(
    { p, grad, scale, m, v },
    options: z.output<typeof optimizerOptions.adam> & { type: string; clipValue: number; after: Tensor[] },
    k,
  ) {
    const n4 = p.size / 4;
    const [beta1, beta2] = options.betas;
    const decoupled = options.type === 'adamW';
    const params = {
      n4,
      beta1,
      beta2,
      one_minus_beta1: 1 - beta1,
      one_minus_beta2: 1 - beta2,
      eps: options.eps,
      l2: decoupled ? 0 : options.weightDecay,
      decay: decoupled ? options.weightDecay : 0,
      clip_value: options.clipValue,
    };
    k.dispatch(adamStep, { grad, scale }, { p, m, v }, params, elementGrid(n4, k.device), {
      alsoReads: options.after,
    });
  },
});

/** Options of the optimizers by name, torch.optim's names, defaults and bounds, and the state that each keeps. */
import { GradloomError } from '../errors';
import * as z from '../schema';

const fromZero = z.number().min(0);
const beta = fromZero.lt(1);
const betas = (first = 0.9, second = 0.999) => z.tuple([beta, beta]).default([first, second]);
const eps = fromZero.default(1e-8);
const off = z.boolean().default(false);

/** Options of most optimizers; `maximize` ascends the gradient. */
const common = (lr: number, weightDecay = 0) => ({
  lr: fromZero.default(lr),
  weightDecay: fromZero.default(weightDecay),
  maximize: off,
});
const adam = (weightDecay: number) =>
  z.strictObject({ ...common(1e-3, weightDecay), betas: betas(), eps, amsgrad: off });

/** Options by optimizer, with torch.optim's names and defaults. */
export const optimizerOptions = {
  /** torch.optim.SGD. */
  sgd: z.strictObject({
    ...common(1e-3),
    momentum: fromZero.default(0),
    dampening: z.number().default(0),
    nesterov: off,
  }),
  /** torch.optim.Adam. */
  adam: adam(0),
  /** torch.optim.AdamW. */
  adamW: adam(1e-2),
  /** torch.optim.Adamax. */
  adamax: z.strictObject({ ...common(2e-3), betas: betas(), eps }),
  /** torch.optim.NAdam. */
  nadam: z.strictObject({
    ...common(2e-3),
    betas: betas(),
    eps,
    momentumDecay: fromZero.default(4e-3),
    decoupledWeightDecay: off,
  }),
  /** torch.optim.RAdam. */
  radam: z.strictObject({ ...common(1e-3), betas: betas(), eps, decoupledWeightDecay: off }),
  /** torch.optim.RMSprop. */
  rmsprop: z.strictObject({
    ...common(1e-2),
    alpha: fromZero.default(0.99),
    eps,
    momentum: fromZero.default(0),
    centered: off,
  }),
  /** torch.optim.Adagrad. */
  adagrad: z.strictObject({
    ...common(1e-2),
    lrDecay: fromZero.default(0),
    initialAccumulatorValue: fromZero.default(0),
    eps: fromZero.default(1e-10),
  }),
  /** torch.optim.Adadelta. */
  adadelta: z.strictObject({ ...common(1), rho: fromZero.max(1).default(0.9), eps: fromZero.default(1e-6) }),
  /** torch.optim.ASGD; the averaged parameters are the state `ax`. */
  asgd: z.strictObject({
    ...common(1e-2),
    lambd: z.number().default(1e-4),
    alpha: z.number().default(0.75),
    t0: z.number().default(1e6),
  }),
  /** torch.optim.Rprop. */
  rprop: z.strictObject({
    lr: fromZero.default(1e-2),
    etas: z.tuple([z.number().gt(0).lt(1), z.number().gt(1)]).default([0.5, 1.2]),
    stepSizes: z.tuple([fromZero, fromZero]).default([1e-6, 50]),
    maximize: off,
  }),
  /** Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, with their defaults. */
  lion: z.strictObject({ ...common(1e-4), betas: betas(0.9, 0.99) }),
  /** torch.optim.Muon, in float32, for matrices; all other parameters are updated by `fallback`. */
  muon: z.strictObject({
    lr: fromZero.default(1e-3),
    weightDecay: fromZero.default(0.1),
    momentum: fromZero.default(0.95),
    nesterov: z.boolean().default(true),
    nsCoefficients: z.tuple([z.number(), z.number(), z.number()]).default([3.4445, -4.775, 2.0315]),
    eps: fromZero.default(1e-7),
    nsSteps: z.int().min(0).lt(100).default(5),
    adjustLrFn: z.enum(['original', 'match_rms_adamw']).default('original'),
    maximize: off,
    /** An optimizer's description for parameters that are no matrices. Default AdamW with its defaults. */
    fallback: z.record(z.string(), z.unknown()).optional(),
  }),
};

export type OptimizerType = keyof typeof optimizerOptions;
export type OptionsOf<T extends OptimizerType> = z.output<(typeof optimizerOptions)[T]>;

/** Names of what an optimizer keeps per parameter, PyTorch's, in the order in which its rule takes them. */
export const stateNames: {
  [T in OptimizerType]: (options: OptionsOf<T>, cyclesMomentum: boolean) => string[];
} = {
  sgd: ({ momentum }, cycles) => (momentum > 0 || cycles ? ['momentum_buffer'] : []),
  adam: ({ amsgrad }) => ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])],
  adamW: (options, cycles) => stateNames.adam(options, cycles),
  adamax: () => ['exp_avg', 'exp_inf'],
  nadam: () => ['exp_avg', 'exp_avg_sq'],
  radam: () => ['exp_avg', 'exp_avg_sq'],
  rmsprop: ({ momentum, centered }, cycles) => [
    'square_avg',
    ...(centered ? ['grad_avg'] : []),
    ...(momentum > 0 || cycles ? ['momentum_buffer'] : []),
  ],
  adagrad: () => ['sum'],
  adadelta: () => ['square_avg', 'acc_delta'],
  asgd: () => ['ax'],
  rprop: () => ['prev', 'step_size'],
  lion: () => ['exp_avg'],
  muon: () => ['momentum_buffer'],
};

/** Checks what no single option shows. @throws GradloomError `argument`. */
export function checkTogether<T extends OptimizerType>(type: T, options: OptionsOf<T>): void {
  const {
    nesterov,
    momentum,
    dampening = 0,
    stepSizes,
  } = options as {
    nesterov?: boolean;
    momentum?: number;
    dampening?: number;
    stepSizes?: [number, number];
  };
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: type, argument, got, expected });
  if (type === 'sgd' && nesterov && (momentum === 0 || dampening !== 0))
    throw fail('nesterov', 'true', 'a momentum and no dampening with it');
  if (stepSizes && stepSizes[0] > stepSizes[1])
    throw fail('stepSizes', `[${stepSizes}]`, 'the smallest step size before the largest');
}

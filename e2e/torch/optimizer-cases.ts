/** Every optimizer and every schedule, over one small net. */
import type { OptimizerSpec } from '../../src/optim/optimizer';
import type { ScheduleSpec } from '../../src/optim/schedule';
import { fromSpec } from '../../src/spec';
import { type Case, floats } from './cases';

const net = (options: Case['options']): Case => ({
  model: () =>
    fromSpec([
      { type: 'linear', inFeatures: 5, outFeatures: 8 },
      { type: 'batchNorm1d', numFeatures: 8 },
      { type: 'tanh' },
      { type: 'linear', inFeatures: 8, outFeatures: 3 },
    ]),
  data: floats([5]),
  options,
});

const optimizers: Record<string, OptimizerSpec> = {
  sgd: { type: 'sgd', lr: 0.05 },
  sgd_nesterov: { type: 'sgd', lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  sgd_dampening: { type: 'sgd', lr: 0.05, momentum: 0.8, dampening: 0.3, maximize: true },
  adam: { type: 'adam', lr: 1e-2, weightDecay: 0.01 },
  adam_amsgrad: { type: 'adam', lr: 1e-2, amsgrad: true, betas: [0.8, 0.95] },
  adamW: { type: 'adamW', lr: 1e-2 },
  adamax: { type: 'adamax', lr: 1e-2 },
  nadam: { type: 'nadam', lr: 1e-2 },
  nadam_decoupled: { type: 'nadam', lr: 1e-2, decoupledWeightDecay: true, weightDecay: 0.1, maximize: true },
  radam: { type: 'radam', lr: 1e-2, weightDecay: 0.01 },
  rmsprop: { type: 'rmsprop', lr: 1e-3, momentum: 0.9, centered: true },
  adagrad: { type: 'adagrad', lr: 1e-2, lrDecay: 0.1, initialAccumulatorValue: 0.1 },
  adadelta: { type: 'adadelta', lr: 0.5 },
  asgd: { type: 'asgd', lr: 0.05, t0: 30, lambd: 1e-2 },
  rprop: { type: 'rprop', lr: 1e-3 },
  lion: { type: 'lion', lr: 1e-3, weightDecay: 0.1 },
  muon: { type: 'muon', lr: 1e-2, fallback: { type: 'adamW', lr: 1e-2 } },
  groups: {
    ...{ type: 'adamW', lr: 1e-2, weightDecay: 0.1 },
    groups: [
      { params: ['*.bias'], weightDecay: 0 },
      { params: ['0.*'], lr: 1e-3 },
      { params: ['1.*'], frozen: true },
    ],
  },
};

const adam: OptimizerSpec = { type: 'adam', lr: 1e-2 };
const schedules: Record<string, ScheduleSpec> = {
  constant: { type: 'constant', factor: 0.5 },
  constantLR: { type: 'constantLR', totalIters: 30 },
  lambdaLR: { type: 'lambdaLR', lrLambda: (i) => 1 / (1 + 0.1 * i) },
  multiplicativeLR: { type: 'multiplicativeLR', lrLambda: () => 0.97 },
  stepLR: { type: 'stepLR', stepSize: 13, gamma: 0.5 },
  multiStepLR: { type: 'multiStepLR', milestones: [7, 25, 45], gamma: 0.5 },
  exponentialLR: { type: 'exponentialLR', gamma: 0.97 },
  linearLR: { type: 'linearLR', totalIters: 50 },
  polynomialLR: { type: 'polynomialLR', totalIters: 55, power: 2 },
  cosineAnnealingLR: { type: 'cosineAnnealingLR', tMax: 35, etaMin: 1e-4 },
  cosineAnnealingWarmRestarts: { type: 'cosineAnnealingWarmRestarts', t0: 9, tMult: 2 },
  oneCycleLR: { type: 'oneCycleLR', maxLr: 0.02, totalSteps: 60 },
  cyclicLR: { type: 'cyclicLR', baseLr: 1e-3, maxLr: 1e-2, stepSizeUp: 7, mode: 'triangular2' },
  warmup: { type: 'warmup', warmupSteps: 30 },
  warmupLinear: { type: 'warmupLinear', warmupSteps: 10, totalSteps: 60 },
  warmupCosine: { type: 'warmupCosine', warmupSteps: 25, totalSteps: 60, minLr: 1e-4 },
  sequentialLR: {
    type: 'sequentialLR',
    schedulers: [
      { type: 'warmup', warmupSteps: 10 },
      { type: 'exponentialLR', gamma: 0.95 },
      { type: 'cosineAnnealingLR', tMax: 20 },
    ],
    milestones: [10, 30],
  },
  chainedScheduler: {
    type: 'chainedScheduler',
    schedulers: [
      { type: 'constantLR', totalIters: 25 },
      { type: 'stepLR', stepSize: 10 },
    ],
  },
  reduceLROnPlateau: { type: 'reduceLROnPlateau', patience: 0, factor: 0.5, threshold: 0.5 },
};

export const optimizerCases: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(optimizers).map(([name, optimizer]) => [`optimizer ${name}`, net({ optimizer })]),
  ),
  ...Object.fromEntries(
    Object.entries(schedules).map(([name, schedule]) => [
      `schedule ${name}`,
      net({ optimizer: adam, schedule }),
    ]),
  ),
  'schedule as a function': net({ optimizer: adam, schedule: (i, lr) => lr * 0.98 ** i }),
  'clipping by norm': net({ optimizer: adam, clip: { maxNorm: 0.1, normType: 1 } }),
  'clipping by value': net({ optimizer: { type: 'sgd', lr: 0.1 }, clip: { value: 0.01 } }),
  'sum of losses': net({ optimizer: adam, loss: { type: 'crossEntropy', reduction: 'sum' } }),
  'weights of classes': net({
    optimizer: adam,
    loss: { type: 'crossEntropy', weight: [1, 2, 0.5], labelSmoothing: 0.1 },
  }),
};

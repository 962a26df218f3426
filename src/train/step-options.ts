/** Options of a training step. */
import { checkOptions } from '../checks';
import { type HostValues, hostTensor, type TensorData } from '../data/host-tensor';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { LearningRate } from './rates';
import { argumentError } from './step-errors';
import { SINGLE } from './step-outputs';
import type { StepOptimizer } from './updater';

/** Tensors by name, as the loss function gets them. */
export type StepInputs = Record<string, Tensor>;

/**
 * Computes the loss of a batch: a scalar, or a record with the scalar `loss` (or one per optimizer, under its name) and
 * further tensors to read back as metrics. Runs once per shape of the inputs, on symbolic tensors.
 */
export type StepFunction = (inputs: StepInputs, graph: Graph) => Tensor | Record<string, Tensor>;

export type TrainStepOptions = (StepOptimizer | { optimizers: Record<string, StepOptimizer> }) & {
  /** Of initial values and of random ops such as dropout. Default 0. */
  seed?: number;
};

export interface RunOptions {
  lr?: LearningRate;
}

export interface ApplyOptions extends RunOptions {
  /** Factor on the accumulated gradients, before clipping: 1 / n for the mean over n micro-batches. Default 1. */
  scale?: number;
}

/** A batch by input name. */
export type Batch = Record<string, TensorData>;

export interface StepEvaluateOptions {
  /** Takes the averages of the weights (`ema`, `swa`) in their place. Default false. */
  averaged?: boolean;
}

/**
 * The inputs of a batch as tensors on the host, and a key for their names, types and shapes.
 * @throws GradloomError for what is no batch.
 */
export function hostBatch(op: string, batch: Batch): { hosts: [string, HostValues][]; key: string } {
  checkOptions(op, batch ?? null, Object.keys(batch ?? {}));
  const hosts = Object.entries(batch).map(([name, value]): [string, HostValues] => [
    name,
    hostTensor(value, { op, argument: name }),
  ]);
  const key = hosts.map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`).join(', ');
  return { hosts, key };
}

const OPTIMIZER_OPTIONS: (keyof StepOptimizer)[] = [
  'parameters',
  'optimizer',
  'schedule',
  'clip',
  'ema',
  'swa',
];

/**
 * The optimizers of a step by name.
 * @throws GradloomError `argument` for unknown options, and where there is none.
 */
export function optimizersOf(options: TrainStepOptions): [string, StepOptimizer][] {
  checkOptions('TrainStep', options ?? null, [...OPTIMIZER_OPTIONS, 'optimizers', 'seed']);
  if (!('optimizers' in options)) return [[SINGLE, options]];
  const entries = Object.entries(options.optimizers ?? {});
  if (entries.length === 0) throw argumentError('optimizers', 'none', 'at least one optimizer by name');
  for (const [name, optimizer] of entries)
    checkOptions(`TrainStep optimizers.${name}`, optimizer, OPTIMIZER_OPTIONS);
  return entries;
}

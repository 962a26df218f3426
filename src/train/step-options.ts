/** What users give a training step. */
import type { TensorData } from '../data/host-tensor';
import type { Graph, Tensor } from '../graph/ir/graph';
import type { LearningRate } from './rates';
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

/** Names of the options of one optimizer, and of a step. */
export const OPTIMIZER_OPTIONS: (keyof StepOptimizer)[] = ['parameters', 'optimizer', 'schedule', 'clip'];
export const STEP_OPTIONS = [...OPTIMIZER_OPTIONS, 'optimizers', 'seed'];

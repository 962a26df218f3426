/** GPU memory that a model takes for a batch, from the memory plan that compiling it would make. */
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { schedule } from '../../graph/compiler/schedule';
import { Graph } from '../../graph/ir/graph';
import type { Variable } from '../../graph/ir/variable';
import { ArenaLayout } from '../../graph/runtime/variable-store';
import { asModelOutput } from '../../nn/model-output';
import type { Module } from '../../nn/module';
import { mean } from '../../ops';
import { createOptimizer, type OptimizerSpec } from '../../optim/optimizer';
import { totalLoss } from '../loss';
import { parameterGradients } from '../step-gradients';

/** Bytes. */
export interface MemoryNeeds {
  /** Parameters and buffers such as running statistics. */
  parameters: number;
  /** Intermediate results of a prediction, with its input. */
  forward: number;
  /** Everything that predictions need. */
  inference: number;
  gradients: number;
  /** Optimizer state. */
  optimizer: number;
  /** Intermediate results of a training step, with its input; undefined where the batch is too small to train on. */
  step?: number;
  /** Everything that training needs beside the data set. */
  training?: number;
}

/**
 * Plans a prediction and a training step for inputs `shape` (with the batch). The loss of the step is the mean of what
 * the model gives, whose memory differs from that of other losses by little more than the output's size.
 */
export function memoryNeeds(
  device: Device,
  model: Module,
  shape: readonly number[],
  optimizer: OptimizerSpec,
): MemoryNeeds {
  const variables = model.variables();
  const bytesOf = (list: readonly Variable[]) => new ArenaLayout(list, Number.POSITIVE_INFINITY).bytes;
  const gradients = bytesOf(variables.filter(({ trainable }) => trainable));
  const parameters = gradients + bytesOf(variables.filter(({ trainable }) => !trainable));
  const state = gradients * createOptimizer(optimizer).stateNames.length;
  const forward = planned(device, model, shape, false);
  const step = plannedStep(device, model, shape);
  const fixed = parameters + gradients + state;
  return {
    parameters,
    forward,
    inference: parameters + forward,
    gradients,
    optimizer: state,
    ...(step === undefined ? {} : { step, training: fixed + step }),
  };
}

function plannedStep(device: Device, model: Module, shape: readonly number[]): number | undefined {
  try {
    return planned(device, model, shape, true);
  } catch (error) {
    // Batch norm over a single value per channel is the one thing that works in evaluation only.
    if (error instanceof GradloomError && error.code === 'shape') return undefined;
    throw error;
  }
}

function planned(device: Device, model: Module, shape: readonly number[], training: boolean): number {
  const graph = new Graph({ training });
  const x = graph.input('x', shape);
  const outputs = asModelOutput(model.forward(x));
  const loss = training ? totalLoss(outputs, (output) => mean(output)) : undefined;
  const placed = loss
    ? parameterGradients(graph, loss, model.parameters()).map(({ gradient }) => gradient.storage)
    : [];
  const { memory, owned } = schedule(device, graph, [loss ?? outputs.prediction], placed);
  const buffers = [...memory.buffers, ...[...owned].map(({ size }) => size)];
  return buffers.reduce((sum, bytes) => sum + bytes, 0);
}

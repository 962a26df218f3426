/** Model summary: the table that Keras and torchinfo print, and the memory that a model takes. */
import { checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import type { Device } from '../../gpu/device';
import { planningDevice } from '../../gpu/planning';
import { Graph } from '../../graph/ir/graph';
import * as nn from '../../nn';
import type { Module } from '../../nn/module';
import type { OptimizerSpec } from '../../optim/optimizer';
import { checkModel } from '../arguments';
import { type MemoryNeeds, memoryNeeds } from './memory';
import { multAddsOf } from './mult-adds';
import { receptiveFields } from './receptive-field';
import { type TracedModule, traceModules } from './trace';

/** One module of a model. */
export interface LayerSummary {
  /** Path in the state dict; empty for the model itself. */
  name: string;
  /** Class, such as `Conv2d`. */
  type: string;
  /** 0 for the model itself. */
  depth: number;
  /** With the batch; absent when a prediction does not use the layer, as an auxiliary head. */
  outputShape?: number[];
  /** Trainable values, with those of the layers inside. */
  parameters: number;
  /** Multiply-adds of one sample's prediction, with those of the layers inside. */
  multAdds: number;
  /** Input positions that one output position sees, per spatial dimension. */
  receptiveField?: number[];
}

export interface ModelSummary {
  /** With the batch. */
  inputShape: number[];
  outputShape: number[];
  batchSize: number;
  /** In the order of the model's tree, the model itself first. */
  layers: LayerSummary[];
  /** Trainable values. */
  parameters: number;
  /** Values that are not trained, such as running statistics. */
  buffers: number;
  /** Multiply-adds of one sample's prediction. */
  multAdds: number;
  /** The largest field of any layer, per spatial dimension; absent without convolution or pooling. */
  receptiveField?: number[];
  memory: MemoryNeeds;
}

export interface SummaryOptions {
  /** Default 32. */
  batchSize?: number;
  /** Optimizer whose state counts as memory; default Adam. */
  optimizer?: OptimizerSpec;
  /** The device to plan memory for; by default one with WebGPU's default limits. */
  device?: Device;
}

/**
 * Summarizes a model for inputs of a shape. Nothing is run, and the model needs no values.
 * @param inputShape of one sample, such as `[1, 28, 28]`
 * @throws GradloomError what the model's layers say of the shape; `argument`: a batch size below 1.
 */
export function summary(
  model: Module,
  inputShape: readonly number[],
  options: SummaryOptions = {},
): ModelSummary {
  checkModel('summary', model);
  checkOptions('summary', options, ['batchSize', 'optimizer', 'device']);
  const { batchSize = 32, optimizer = { type: 'adam' }, device = planningDevice() } = options;
  if (!Array.isArray(inputShape)) {
    const expected = 'the shape of one sample, such as [1, 28, 28]';
    const got = showValue(inputShape);
    throw new GradloomError({ code: 'argument', op: 'summary', argument: 'inputShape', got, expected });
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new GradloomError({
      code: 'argument',
      op: 'summary',
      argument: 'batchSize',
      got: String(batchSize),
      expected: 'a whole number from 1',
    });
  }
  const graph = new Graph();
  const x = graph.input('x', [batchSize, ...inputShape]);
  const traced = traceModules(model, x);
  const counts = multAddsOf(graph.calls);
  const fieldOf = receptiveFields(x, graph.calls);
  const layers = traced.map(({ path, depth, module, ranges, output }): LayerSummary => {
    const receptiveField = output && fieldOf(output);
    return {
      name: path,
      type: typeOf(module),
      depth,
      ...(output ? { outputShape: [...output.shape] } : {}),
      parameters: valuesIn(module, true),
      multAdds: total(ranges, counts) / batchSize,
      ...(receptiveField ? { receptiveField } : {}),
    };
  });
  const widest = layers.reduce<number[] | undefined>(
    (most, { receptiveField }) => receptiveField?.map((n, i) => Math.max(n, most?.[i] ?? 0)) ?? most,
    undefined,
  );
  return {
    inputShape: [...x.shape],
    outputShape: layers[0].outputShape ?? [],
    batchSize,
    layers,
    parameters: layers[0].parameters,
    buffers: valuesIn(model, false),
    multAdds: layers[0].multAdds,
    ...(widest ? { receptiveField: widest } : {}),
    memory: memoryNeeds(device, model, x.shape, optimizer),
  };
}

const total = (ranges: TracedModule['ranges'], counts: readonly number[]): number =>
  ranges.reduce((sum, { start, end }) => counts.slice(start, end).reduce((a, b) => a + b, sum), 0);

/** Parameters or buffers of a module, those that are used twice once. */
function valuesIn(module: Module, trainable: boolean): number {
  const variables = new Set([...module.namedVariables()].map(([, variable]) => variable));
  return [...variables].reduce((sum, v) => (v.trainable === trainable ? sum + v.size : sum), 0);
}

/** The name that the module's class has in `nn`, whatever a bundler calls it; models of one's own have their own. */
function typeOf(module: Module): string {
  const name = module.typeName;
  return Object.keys(nn).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

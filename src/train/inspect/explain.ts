/** What a training step takes on the GPU, tensor by tensor, before it is allocated, and what to change where it does not fit. */
import { checkCount, checkOptions } from '../../checks';
import { schedule } from '../../graph/compiler/schedule';
import type { Graph, Tensor } from '../../graph/ir/graph';
import { ArenaLayout } from '../../graph/runtime/variable-store';
import { recomputes } from '../../nn/checkpoint';
import type { Module } from '../../nn/module';
import type { RunRecord } from '../run-record';
import type { TrainingData } from '../types';
import { recordStep } from './probes';
import { type PlannedTensor, plannedTensors } from './tensors';

/** Bytes of a training step. */
export interface MemoryReport {
  batchSize: number;
  parameters: number;
  gradients: number;
  optimizer: number;
  /** Buffers for intermediate results, which tensors share, and inputs. */
  results: number;
  total: number;
  /** The data set, which stays on the device. */
  data: number;
  /** What the device allows in all, where it was given a limit, and for one buffer. */
  limit?: number;
  largestBuffer: number;
  fits: boolean;
  /** The largest first. */
  tensors: PlannedTensor[];
  /** What would take less, the least first. */
  changes: { change: string; total: number }[];
}

export interface ExplainOptions {
  batchSize?: number;
}

/** Plans a step on batches of `data`; nothing is allocated. */
export function explain(run: RunRecord, data: TrainingData, options: ExplainOptions = {}): MemoryReport {
  checkOptions('Trainer.explain', options, ['batchSize']);
  const { batchSize = 32 } = options;
  checkCount('Trainer.explain', 'batchSize', batchSize);
  const { step, model } = run;
  const { updaters } = step.parts;
  const variables = new Set(updaters.flatMap((updater) => updater.variables.map(([, variable]) => variable)));
  const ofUpdaters = updaters.map(({ bytes }) => bytes);
  const fixed = {
    parameters: new ArenaLayout([...variables], Number.POSITIVE_INFINITY).bytes,
    gradients: ofUpdaters.reduce((sum, { gradients }) => sum + gradients, 0),
    optimizer: ofUpdaters.reduce((sum, { state }) => sum + state, 0),
  };
  const rest = fixed.parameters + fixed.gradients + fixed.optimizer;
  const plan = (size: number) => planned(run, data, size);
  const { results, largest, tensors } = plan(batchSize);
  const total = rest + results;
  const dataBytes = 'tokens' in data ? data.tokens.byteLength : data.x.byteLength + data.y.byteLength;
  const { limits, buffers } = step.device;
  const largestBuffer = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const limit = buffers.memoryLimit;
  const changes = [2, 4]
    .filter((parts) => batchSize >= parts)
    .map((parts) => Math.floor(batchSize / parts))
    .map((size) => ({ change: `batchSize: ${size}`, total: rest + plan(size).results }));
  for (const { pattern, modules } of repeatedModules(model)) {
    const undo = modules.map(recomputes);
    try {
      changes.push({ change: `nn.checkpoint(model, '${pattern}')`, total: rest + plan(batchSize).results });
    } finally {
      for (const back of undo) back();
    }
  }
  return {
    batchSize,
    ...fixed,
    results,
    total,
    data: dataBytes,
    ...(Number.isFinite(limit) && { limit }),
    largestBuffer,
    fits: largest <= largestBuffer && total + dataBytes <= limit,
    tensors,
    changes: changes.filter((change) => change.total < total).sort((a, b) => a.total - b.total),
  };
}

/** Schedules a step on inputs of this size. */
function planned(run: RunRecord, data: TrainingData, batchSize: number) {
  const { step, model, runner } = run;
  const { parts, device } = step;
  const compute = (graph: Graph) => {
    const { x, y } = inputsFor(graph, data, batchSize);
    return runner.metrics.record({ x, y }, data);
  };
  const { graph, gradients, origins, outputs } = recordStep({ parts, models: [['', model]], compute });
  const placed = gradients.map(({ gradient }) => gradient.storage);
  const scheduled = schedule(device, graph, Object.values(outputs), placed);
  const sizes = [...scheduled.memory.buffers, ...[...scheduled.owned].map(({ size }) => size)];
  return {
    results: sizes.reduce((sum, size) => sum + size, 0),
    largest: Math.max(0, ...sizes),
    tensors: plannedTensors(graph, scheduled, origins),
  };
}

/** Inputs as batches of the data come. */
function inputsFor(graph: Graph, data: TrainingData, batchSize: number): { x: Tensor; y: Tensor } {
  if ('tokens' in data) {
    const shape = [batchSize, data.blockSize];
    return { x: graph.input('x', shape, 'i32'), y: graph.input('y', shape, 'i32') };
  }
  const dtype = data.y instanceof Int32Array ? 'i32' : 'f32';
  return {
    x: graph.input('x', [batchSize, ...data.xShape]),
    y: graph.input('y', [batchSize, ...data.yShape], dtype),
  };
}

/** Modules that are numbered children of one module, such as the layers of a transformer. */
function repeatedModules(model: Module): { pattern: string; modules: Module[] }[] {
  const groups = new Map<string, Module[]>();
  for (const [name, module] of model.namedModules()) {
    const [, prefix] = /^(.*?)\d+$/.exec(name) ?? [];
    if (prefix === undefined || !(prefix === '' || prefix.endsWith('.'))) continue;
    groups.set(prefix, [...(groups.get(prefix) ?? []), module]);
  }
  return [...groups].flatMap(([prefix, modules]) =>
    modules.length > 1 ? [{ pattern: `${prefix}*`, modules }] : [],
  );
}

/** The graph of one training step: batch, forward, loss, backward, clipping, optimizer and figures. */
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { gradients as differentiate, inputTensors, materialize } from '../graph/compiler/autodiff';
import type { Storage, Tensor } from '../graph/ir/graph';
import { Graph } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { compile, type Plan } from '../graph/runtime/plan';
import type { Arena, VariableStore } from '../graph/runtime/variable-store';
import type { ModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { type ClipOptions, gradNormFactor, NO_CLIP_VALUE } from '../optim/clip';
import type { Optimizer } from '../optim/optimizer';
import type { DeviceData } from './device-dataset';
import type { StepRunner } from './runner';

export interface TrainingStep {
  device: Device;
  model: Module;
  data: DeviceData;
  batchSize: number;
  /** Loss (one number) of the model's output, and (right answers, those that count). */
  loss(output: Tensor | ModelOutput, target: Tensor): { loss: Tensor; total?: Tensor };
  optimizer: Optimizer;
  clip: ClipOptions;
  store: VariableStore;
  gradients: Arena;
  moments: readonly Arena[];
  runner: StepRunner;
}

/** Records and compiles the step. */
export function planTrainingStep(step: TrainingStep): Promise<Plan> {
  const { device, model, store, runner } = step;
  const graph = new Graph({ training: true });
  const { x, y } = step.data.batch(graph, step.batchSize);
  const { loss, total } = step.loss(model.forward(x), y);
  const { placed, tensors } = placeGradients(graph, loss, step.gradients);
  update(graph, step, tensors);
  runner.record(loss, total);
  return compile(device, graph, { store, placed });
}

/** Places the gradients of the parameters that the loss depends on in the gradient arena. */
function placeGradients(graph: Graph, loss: Tensor, arena: Arena) {
  const found = parameterGradients(graph, loss);
  const placed = new Map<Storage, BufferSlice>();
  for (const { variable, gradient } of found) placed.set(gradient.storage.root, arena.slice(variable)!);
  return { placed, tensors: found.map(({ gradient }) => gradient) };
}

/** Records the gradients of the parameters that the loss depends on, each in a storage that nothing else uses. */
export function parameterGradients(graph: Graph, loss: Tensor): { variable: Variable; gradient: Tensor }[] {
  const used = [...graph.usedVariables].filter(([variable]) => variable.trainable);
  const one = graph.constant(new Float32Array([1]), loss.shape);
  const found = differentiate(
    [loss],
    [one],
    used.map(([, tensor]) => tensor),
  );
  const read = new Set<Storage>();
  for (const node of graph.nodes) {
    if (node.op.lower) for (const tensor of inputTensors(node)) read.add(tensor.storage.root);
  }
  const roots = found.map((gradient) => gradient?.storage.root);
  return found.flatMap((gradient, i) => {
    if (!gradient) return [];
    // A gradient that others read too, or that several parameters share, gets a copy of its own.
    const { root } = gradient.storage;
    const shared = read.has(root) || roots.indexOf(root) !== roots.lastIndexOf(root);
    const own = !root.leaf && !shared && root.size === 4 * gradient.size;
    const tensor = own ? gradient : materialize({ x: gradient }, undefined).y;
    return [{ variable: used[i][0], gradient: tensor }];
  });
}

/** Clipping and the optimizer's update, page by page. */
function update(
  graph: Graph,
  { optimizer, clip, store, gradients, moments }: TrainingStep,
  after: Tensor[],
): void {
  const tensor = (buffer: GPUBuffer) =>
    graph.external({ buffer, offset: 0, size: buffer.size }, [buffer.size / 4]);
  const pages = gradients.pages.map(tensor);
  const scale =
    clip.maxNorm === undefined
      ? graph.constant(new Float32Array([1, 0, 0, 0]), [4])
      : gradNormFactor(pages, clip.maxNorm, after);
  store.values.pages.forEach((buffer, i) => {
    const page = {
      parameters: tensor(buffer),
      gradients: pages[i],
      moments: moments.map((arena) => tensor(arena.pages[i])),
      scale,
      after,
    };
    optimizer.update(page, clip.value ?? NO_CLIP_VALUE);
  });
}

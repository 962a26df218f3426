/** Probes: statistics of every tensor of a training step, taken on the GPU while the step runs. */
import combine from '../../../shaders/inspect/statistics.combine.wgsl';
import partial from '../../../shaders/inspect/statistics.partial.wgsl';
import type { Device } from '../../gpu/device';
import { inputTensors } from '../../graph/compiler/autodiff';
import { schedule } from '../../graph/compiler/schedule';
import { Graph, type Node, type Storage, type Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { isFloat, type Variable } from '../../graph/ir/variable';
import { compile } from '../../graph/runtime/compile';
import type { Plan } from '../../graph/runtime/plan';
import type { StepValues } from '../../graph/runtime/step-values';
import type { Module } from '../../nn/module';
import { parameterGradients } from '../step-gradients';
import { outputsOf } from '../step-outputs';
import type { StepParts } from '../step-state';
import { type NodeOrigin, traceOrigins } from './origin';
import { type PlannedTensor, plannedTensors } from './tensors';

/** Of the values of a tensor; ranges and sums are of the finite ones. */
export interface TensorStatistics {
  size: number;
  nan: number;
  infinite: number;
  zeros: number;
  /** NaN where there is no finite value. */
  min: number;
  max: number;
  mean: number;
  /** Of the population. */
  std: number;
  meanMagnitude: number;
}

/** A tensor that is looked at. */
export interface Probe {
  tensor: Tensor;
  /** What it is called: `parameter 0.weight`, `output y of log`. */
  name: string;
  kind: 'input' | 'parameter' | 'value';
  node?: Node;
  origin?: NodeOrigin;
}

const { VALUES } = partial.constants;
/** Workgroups that share the work on a tensor, at most. */
const PARTS = 64;
/** Values that one workgroup takes at least. */
const PART_VALUES = 4096;

/** Writes the statistics of `x` to a slot of the report. */
const statistics = defineInternal({
  name: 'statistics',
  inputs: ['x', 'report'],
  outputs: [],
  shape: () => ({}),
  lower({ x, report }, { slot }: { slot: number }, k) {
    const parts = Math.max(1, Math.min(PARTS, Math.ceil(x.size / PART_VALUES)));
    const partials = k.scratch([parts * VALUES]);
    k.dispatch(partial, { x }, { partials }, { n: x.size, parts }, { workgroups: parts });
    k.dispatch(combine, { partials }, { report }, { parts, slot }, [1, 1, 1]);
  },
});

export interface ProbedStep {
  graph: Graph;
  probes: Probe[];
  plan: Plan;
  /** Runs forward and backward of a step, without updating anything but running statistics. */
  run(values: StepValues): Promise<TensorStatistics[]>;
  /** Outputs of the plan that `outputsFor` asked for, by their nodes. */
  extra: ReadonlyMap<Node, string>;
  /** What the step is without probes. */
  unprobed: { nodes: readonly Node[]; tensors: PlannedTensor[]; origins: ReadonlyMap<Node, NodeOrigin> };
  /** Gradients of the last run, by parameter name. */
  gradients: ReadonlyMap<string, { tensor: Tensor; output: string }>;
  destroy(): void;
}

/** What is recorded: a step's losses, by the names of its optimizers. */
export interface ProbedCode {
  parts: StepParts;
  models: readonly (readonly [prefix: string, model: Module])[];
  compute(graph: Graph): Tensor | Record<string, Tensor>;
  /** Records another output behind a node. */
  outputsFor?(node: Node): Tensor | undefined;
}

/** Records forward and backward of a step and where each node comes from. */
export function recordStep({ parts, models, compute }: ProbedCode) {
  const graph = new Graph({ training: true });
  const names = parts.updaters.map(({ name }) => name);
  const { result, origins } = traceOrigins(graph, models, (markBackward) => {
    const outputs = outputsOf(compute(graph), names);
    markBackward();
    const gradients = parts.updaters.flatMap((updater) =>
      parameterGradients(graph, outputs[updater.name], updater.parameters),
    );
    return { outputs, gradients };
  });
  return { graph, origins, ...result };
}

/** Compiles forward and backward of a step with a probe behind every node. */
export async function compileProbed(device: Device, code: ProbedCode): Promise<ProbedStep> {
  const { graph, gradients, origins, outputs: losses } = recordStep(code);
  const probes = probesOf(graph, code.parts.names, origins);
  const size = 4 * VALUES * Math.max(1, probes.length);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = device.buffers.allocate(size, usage, 'report');
  const slice = { buffer, offset: 0, size };
  try {
    const unprobed = { nodes: [...graph.nodes], origins, tensors: scheduledTensors(device, code) };
    const extra = new Map<Node, Tensor>();
    insertProbes(graph, probes, graph.external(slice, [size / 4]), (node) => {
      const output = code.outputsFor?.(node);
      if (output) extra.set(node, output);
    });
    const numbered = [...extra].map(([node, tensor], i) => ({ node, tensor, output: `extra ${i}` }));
    const named = new Map(
      gradients.map(({ variable, gradient }) => {
        const name = code.parts.names.get(variable)!;
        return [name, { tensor: gradient, output: `gradient ${name}` }] as const;
      }),
    );
    const outputs = [...named.values(), ...numbered].map(({ tensor, output }) => [output, tensor] as const);
    const plan = await compile(device, graph, { outputs: { ...losses, ...Object.fromEntries(outputs) } });
    return {
      graph,
      probes,
      plan,
      extra: new Map(numbered.map(({ node, output }) => [node, output])),
      unprobed,
      gradients: named,
      async run(values) {
        plan.run(values);
        const numbers = new Float32Array(await device.readback.read(slice));
        return probes.map(({ tensor }, i) =>
          statisticsIn(numbers.subarray(i * VALUES, (i + 1) * VALUES), tensor.size),
        );
      },
      destroy() {
        plan.destroy();
        device.buffers.free(buffer);
      },
    };
  } catch (error) {
    device.buffers.free(buffer);
    throw error;
  }
}

/** The memory plan of the step without probes, recorded by itself: scheduling changes a graph. */
function scheduledTensors(device: Device, code: ProbedCode): PlannedTensor[] {
  const { graph, gradients, outputs, origins } = recordStep(code);
  const placed = gradients.map(({ gradient }) => gradient.storage);
  return plannedTensors(graph, schedule(device, graph, Object.values(outputs), placed), origins);
}

/** Inputs and parameters, and what each node computes, in the order of the graph. */
function probesOf(
  graph: Graph,
  names: ReadonlyMap<Variable, string>,
  origins: ReadonlyMap<Node, NodeOrigin>,
): Probe[] {
  const isLookedAt = ({ dtype, size }: Tensor) => isFloat(dtype) && size > 0;
  const leaves: Probe[] = [...graph.inputs].map(([name, tensor]) => ({
    tensor,
    name: `input ${name}`,
    kind: 'input',
  }));
  for (const [variable, tensor] of graph.usedVariables) {
    leaves.push({
      tensor,
      name: `parameter ${names.get(variable) ?? variable.name}`,
      kind: 'parameter',
    });
  }
  const values = graph.nodes.flatMap((node): Probe[] => {
    if (!node.op.lower) return [];
    const origin = origins.get(node);
    return Object.entries(node.outputs).map(([output, tensor]) => ({
      tensor,
      name: `output ${output} of ${node.op.name}`,
      kind: 'value',
      node,
      ...(origin && { origin }),
    }));
  });
  return [...leaves, ...values].filter(({ tensor }) => isLookedAt(tensor));
}

/** Puts each probe right behind the node that computes its tensor, so that memory is free again soon. */
function insertProbes(
  graph: Graph,
  probes: readonly Probe[],
  report: Tensor,
  behind: (node: Node) => void,
): void {
  const recorded = graph.nodes.splice(0);
  const byNode = new Map<Node | undefined, [Probe, number][]>();
  for (const [slot, probe] of probes.entries()) {
    const list = byNode.get(probe.node);
    if (list) list.push([probe, slot]);
    else byNode.set(probe.node, [[probe, slot]]);
  }
  const look = (node: Node | undefined) => {
    for (const [{ tensor }, slot] of byNode.get(node) ?? []) statistics({ x: tensor, report }, { slot });
  };
  look(undefined);
  for (const node of recorded) {
    graph.nodes.push(node);
    look(node);
    behind(node);
  }
}

function statisticsIn(values: Float32Array, size: number): TensorStatistics {
  const [nan, infinite, zeros, min, max, sum, squares, magnitudes] = values;
  const finite = size - nan - infinite;
  const none = finite <= 0;
  const mean = none ? Number.NaN : sum / finite;
  return {
    size,
    nan,
    infinite,
    zeros,
    min: none ? Number.NaN : min,
    max: none ? Number.NaN : max,
    mean,
    std: none ? Number.NaN : Math.sqrt(Math.max(0, squares / finite - mean * mean)),
    meanMagnitude: none ? Number.NaN : magnitudes / finite,
  };
}

/** The tensors whose memory a node reads, by name of the input. */
export function inputsOf(node: Node): [string, Tensor][] {
  return Object.entries(node.inputs).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((tensor, i): [string, Tensor] => [`${name}[${i}]`, tensor])
      : inputTensors(node).includes(value)
        ? [[name, value] as [string, Tensor]]
        : [],
  );
}

/** Probes by the memory they look at. */
export const byStorage = (probes: readonly Probe[]): Map<Storage, number> =>
  new Map(probes.map(({ tensor }, i) => [tensor.storage.root, i]));

/** Runs a small graph once and reads its results: for tests, the harness and checks, not for training. */
import type { Device } from '../../gpu/device';
import { gradients } from '../compiler/autodiff';
import type { Tensor } from '../ir/graph';
import { Graph } from '../ir/graph';
import type { DType } from '../ir/variable';
import { compile } from './compile';

/** A tensor with its values on the host. */
export interface HostTensor {
  shape: readonly number[];
  data: Float32Array | Int32Array;
}

/** Values to compute with: shape, type and data by name. */
export type HostInputs = Record<
  string,
  { shape: readonly number[]; dtype: DType; data: Float32Array | Int32Array }
>;

export interface Evaluation {
  outputs: Record<string, HostTensor>;
  /** Gradients of the inputs named in `wrt`; an input that the outputs do not depend on is absent. */
  gradInputs: Record<string, HostTensor>;
}

export interface RecordOptions {
  training?: boolean;
  /** By output name, or from the output shapes: gradients of sum(outputs * gradOutputs) are computed too. */
  gradOutputs?:
    | Record<string, HostTensor>
    | ((outputs: Record<string, Tensor>) => Record<string, HostTensor>);
  /** Names of the inputs whose gradients are computed. */
  wrt?: readonly string[];
}

/** A recorded computation with what to feed it. */
export interface Recording {
  graph: Graph;
  /** Outputs as `output y`, gradients as `gradient x`. */
  wanted: Record<string, Tensor>;
  feeds: Record<string, Float32Array | Int32Array>;
}

/** Records `compute` on symbolic inputs, and its gradients where they are asked for. */
export function recordGraph(
  inputs: HostInputs,
  compute: (tensors: Record<string, Tensor>, graph: Graph) => Record<string, Tensor>,
  options: RecordOptions = {},
): Recording {
  const graph = new Graph({ training: options.training });
  const tensors: Record<string, Tensor> = {};
  const feeds: Recording['feeds'] = {};
  for (const [name, { shape, dtype, data }] of Object.entries(inputs)) {
    tensors[name] = graph.input(name, shape, dtype);
    feeds[name] = data;
  }
  const outputs = compute(tensors, graph);
  const wanted: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(outputs)) wanted[`output ${name}`] = tensor;
  const { gradOutputs = {} } = options;
  const given = typeof gradOutputs === 'function' ? gradOutputs(outputs) : gradOutputs;
  const targets = Object.keys(given).filter((name) => outputs[name]);
  const wrt = targets.length > 0 ? (options.wrt ?? []) : [];
  if (wrt.length === 0) return { graph, wanted, feeds };
  const feedsOfGradients = targets.map((name) => {
    const key = `gradient of ${name}`;
    feeds[key] = given[name].data;
    return graph.input(key, given[name].shape, outputs[name].dtype === 'f16' ? 'f16' : 'f32');
  });
  const found = gradients(
    targets.map((name) => outputs[name]),
    feedsOfGradients,
    wrt.map((name) => tensors[name]),
  );
  found.forEach((gradient, i) => {
    if (gradient) wanted[`gradient ${wrt[i]}`] = gradient;
  });
  return { graph, wanted, feeds };
}

/** Records `compute` on the inputs, runs it and reads the results. */
export async function runGraph(
  device: Device,
  inputs: HostInputs,
  compute: (tensors: Record<string, Tensor>, graph: Graph) => Record<string, Tensor>,
  options: RecordOptions & { seed?: number } = {},
): Promise<Evaluation> {
  return runRecording(device, recordGraph(inputs, compute, options), options);
}

/** Compiles a recording, runs it once and reads the results. */
export async function runRecording(
  device: Device,
  { graph, wanted, feeds }: Recording,
  options: { seed?: number; isCheck?: boolean } = {},
): Promise<Evaluation> {
  const plan = await compile(device, graph, { outputs: wanted, isCheck: options.isCheck });
  try {
    for (const [name, data] of Object.entries(feeds)) plan.write(name, data);
    plan.run({ seed: options.seed });
    const read = async (prefix: string) => {
      const names = Object.keys(wanted).filter((name) => name.startsWith(prefix));
      const entries = names.map(async (name) => {
        const value: HostTensor = { shape: wanted[name].shape, data: await plan.read(name) };
        return [name.slice(prefix.length), value] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    };
    const [outputs, gradInputs] = await Promise.all([read('output '), read('gradient ')]);
    return { outputs, gradInputs };
  } finally {
    plan.destroy();
  }
}

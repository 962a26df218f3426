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

export interface EvaluateOptions {
  training?: boolean;
  seed?: number;
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

/**
 * Runs `compute` on the inputs. With `gradOutputs` (by output name, or from the output shapes) also the
 * gradients of sum(outputs * gradOutputs) with respect to the inputs in `wrt`.
 */
export async function runGraph(
  device: Device,
  inputs: HostInputs,
  compute: (tensors: Record<string, Tensor>, graph: Graph) => Record<string, Tensor>,
  options: EvaluateOptions & { gradOutputs?: Record<string, HostTensor>; wrt?: readonly string[] } = {},
): Promise<Evaluation> {
  const graph = new Graph({ training: options.training });
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, dtype }] of Object.entries(inputs))
    tensors[name] = graph.input(name, shape, dtype);
  const outputs = compute(tensors, graph);
  const wanted: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(outputs)) wanted[`output ${name}`] = tensor;
  const targets = Object.keys(options.gradOutputs ?? {}).filter((name) => outputs[name]);
  const feeds = targets.map((name) =>
    graph.input(
      `gradient of ${name}`,
      options.gradOutputs![name].shape,
      outputs[name].dtype === 'f16' ? 'f16' : 'f32',
    ),
  );
  const wrt = targets.length ? (options.wrt ?? []) : [];
  if (wrt.length) {
    const found = gradients(
      targets.map((name) => outputs[name]),
      feeds,
      wrt.map((name) => tensors[name]),
    );
    found.forEach((gradient, i) => {
      if (gradient) wanted[`gradient ${wrt[i]}`] = gradient;
    });
  }
  const plan = await compile(device, graph, { outputs: wanted });
  try {
    for (const [name, { data }] of Object.entries(inputs)) plan.write(name, data);
    if (wrt.length) {
      targets.forEach((name) => {
        plan.write(`gradient of ${name}`, options.gradOutputs![name].data);
      });
    }
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

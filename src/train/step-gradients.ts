/** The gradients of a step's losses, each in a storage of its own. */
import type { BufferSlice } from '../gpu/buffers';
import type { Device } from '../gpu/device';
import { gradients as differentiate, inputTensors, materialize } from '../graph/compiler/autodiff';
import type { Graph, Storage, Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';

export interface ParameterGradient {
  variable: Variable;
  gradient: Tensor;
}

/**
 * Records the gradients of `loss` with respect to those of `parameters` that it depends on, each in a storage that
 * nothing else uses.
 */
export function parameterGradients(
  graph: Graph,
  loss: Tensor,
  parameters: readonly Variable[],
): ParameterGradient[] {
  const used = parameters.flatMap((variable) => {
    const tensor = graph.usedVariables.get(variable);
    return tensor ? [{ variable, tensor }] : [];
  });
  const one = graph.constant(new Float32Array([1]), loss.shape);
  const found = differentiate(
    [loss],
    [one],
    used.map(({ tensor }) => tensor),
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
    return [{ variable: used[i].variable, gradient: tensor }];
  });
}

/** Gradients in the arenas of the optimizers, by parameter name. */
export async function readGradients(
  device: Device,
  updaters: readonly { parameters: Variable[]; gradientSlice(variable: Variable): BufferSlice | undefined }[],
  names: ReadonlyMap<Variable, string>,
): Promise<StateDict> {
  const result: StateDict = {};
  await Promise.all(
    updaters.flatMap((updater) =>
      updater.parameters.map(async (variable) => {
        const bytes = await device.readback.read(updater.gradientSlice(variable)!);
        result[names.get(variable)!] = { shape: [...variable.shape], data: new Float32Array(bytes) };
      }),
    ),
  );
  return result;
}

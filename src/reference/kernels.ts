/** What a case of an op runs, found without a GPU: the graph is recorded and lowered, nothing is compiled. */
import type { Device } from '../gpu/device';
import { Variants } from '../gpu/variants';
import { gradients } from '../graph/compiler/autodiff';
import { removeDead } from '../graph/compiler/dead-code';
import { fuse } from '../graph/compiler/fusion/fuse';
import { complete, type Dispatch } from '../graph/compiler/load-kernels';
import { type LoweredDispatch, lower } from '../graph/compiler/lower';
import type { Tensor } from '../graph/ir/graph';
import { Graph } from '../graph/ir/graph';
import { NotDifferentiable, type OpInfo } from '../graph/ir/op';
import type { DType } from '../graph/ir/variable';
import { differentiableInputs, inputDtype, isSpecList } from '../synthetic';
import type { InputSpec, OpCase } from './types';

/** Kernels by file and variant: those of `dispatchesOf`. */
export const kernelsOf = (op: OpInfo, opCase: OpCase): Set<string> =>
  new Set(dispatchesOf(op, opCase).map(({ kernel }) => `${kernel.file} ${kernel.variant}`.trim()));

/** Dispatches, forward and backward, on GPUs and on CPU adapters, with every variant of every family. */
export const dispatchesOf = (op: OpInfo, opCase: OpCase): Dispatch[] =>
  loweredOf(op, opCase).map(({ dispatch, device }) => complete(dispatch, device));

/** A dispatch, and what it was lowered for. */
interface Lowered {
  dispatch: LoweredDispatch;
  device: Device;
}

/** The same before the code of their kernels is loaded. */
export function loweredOf(op: OpInfo, opCase: OpCase): Lowered[] {
  const found: Lowered[] = [];
  for (const isCpu of [false, true]) {
    const families = new Map<string, Set<string>>();
    const variants = new Variants();
    const forget = variants.observe((family, candidates) => {
      families.set(family, new Set([...(families.get(family) ?? []), ...candidates]));
    });
    const device = standIn(isCpu, variants);
    lowerCase(op, opCase, device, found);
    forget();
    for (const [family, candidates] of families) {
      for (const variant of candidates) {
        variants.withVariant(family, variant, () => lowerCase(op, opCase, device, found));
      }
    }
  }
  return found;
}

/** What a lowering asks a device. */
function standIn(isCpu: boolean, variants: Variants): Device {
  const limits = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384 };
  const features = { f16: false, subgroups: true, timestamps: false };
  return { isCpu, limitsLoops: true, variants, limits, features } as unknown as Device;
}

function lowerCase(op: OpInfo, opCase: OpCase, device: Device, found: Lowered[]): void {
  const graph = new Graph({ training: opCase.training });
  const input = (name: string, spec: InputSpec, dtype: DType) =>
    graph.input(name, Array.isArray(spec) ? spec : spec.shape, dtype);
  const inputs = Object.fromEntries(
    Object.entries(opCase.inputs).map(([name, spec]) => [
      name,
      isSpecList(spec)
        ? spec.map((item, i) => input(`${name}.${i}`, item, inputDtype(item)))
        : input(name, spec, inputDtype(spec)),
    ]),
  );
  const outputs = Object.values(op.call(inputs, opCase.attrs, graph));
  const wanted: Tensor[] = [...outputs];
  if (opCase.gradient !== false && !(op.differentiable instanceof NotDifferentiable)) {
    const targets = outputs.filter(({ dtype }) => dtype === 'f32');
    const feeds = targets.map(({ shape }, i) => graph.input(`gradient ${i}`, shape));
    const wrt = differentiableInputs(opCase).flatMap((name) => inputs[name]);
    wanted.push(...gradients(targets, feeds, wrt).filter((tensor) => tensor !== undefined));
  }
  const kept = wanted.map(({ storage }) => storage);
  const lowered = removeDead(lower(fuse(graph.nodes, kept), graph, device), kept);
  found.push(...lowered.map((dispatch) => ({ dispatch, device })));
}

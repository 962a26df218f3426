/** Update rules: how one type of optimizer updates a run of parameters, in one dispatch. */

import { elementThreads } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import type { Kernel, UniformValue } from '../../kernels/kernel';
import type { UpdateContext, UpdateSegment } from '../update';

/** An optimizer's kernels, and what it derives on the host per update; options are those of optimizer-options.ts. */
export interface UpdateRule<O> {
  /** The values `h0, h1, ...` of lib/step.wgsl for update number `index`, from 0. */
  derive(options: O, index: number, learningRate: number, context: UpdateContext): number[];
  /** Records the in-place update of one run. */
  update(options: O, segment: UpdateSegment): void;
}

/** Kernels of a run in one piece, and of one whose blocks are listed. `W` are the bindings of the state. */
export interface RunKernels<W extends string, U extends string> {
  contiguous: Kernel<'grad' | 'scale', 'p' | W, U>;
  indexed: Kernel<'grad' | 'scale' | 'blocks', 'p' | W, U>;
}

/**
 * Records the update of a run by one kernel, in place.
 * @param bindings names in the shader of the segment's state, in its order
 */
export function recordUpdate<W extends string, U extends string>(
  kernels: RunKernels<W, U>,
  segment: UpdateSegment,
  bindings: readonly NoInfer<W>[],
  params: Record<Exclude<NoInfer<U>, 'n4' | 'clip_value' | 'sign'>, UniformValue>,
  maximize: boolean,
): void {
  const { parameters: p, gradients: grad, scale, blocks, state, clipValue: clip_value, size } = segment;
  const inputs = { p, grad, scale, states: [...state], blocks: blocks! };
  const uniforms = { n4: size / 4, clip_value, sign: maximize ? -1 : 1, ...params };
  updateRun(inputs, { kernels: kernels as RunKernels<string, string>, bindings, uniforms, segment });
}

interface Run {
  kernels: RunKernels<string, string>;
  bindings: readonly string[];
  uniforms: Record<string, UniformValue>;
  segment: UpdateSegment;
}

/** The node has no outputs and is kept because it writes variables. */
const updateRun = defineInternal({
  name: 'optimizer',
  inputs: ['p', 'grad', 'scale', '...states', 'blocks?'],
  outputs: [],
  shape: () => ({}),
  lower({ p, grad, scale, states, blocks }, { kernels, bindings, uniforms, segment }: Run, k) {
    const writes: Record<string, Tensor> = { p };
    bindings.forEach((name, i) => {
      writes[name] = states[i];
    });
    const { after, stepSlot, size } = segment;
    // Clipping and weight decay are compiled out unless asked for.
    const flags = { CLIPS: Number(segment.clipValue >= 0), REGULARIZES: Number((uniforms.l2 ?? 0) !== 0) };
    const known = Object.entries(flags).filter(([name]) => name in kernels.contiguous.constants);
    const constants = Object.fromEntries(known);
    const options = { alsoReads: after, stepSlot, constants };
    const launch = [uniforms, elementThreads(size / 4, k.device), options] as const;
    if (blocks) k.dispatch(kernels.indexed, { grad, scale, blocks }, writes, ...launch);
    else k.dispatch(kernels.contiguous, { grad, scale }, writes, ...launch);
  },
});

/** Gradients of the inputs of an `OpCase`, by central differences of the float64 reference. */
import { Random } from '../random';
import { differentiableInputs, type NamedArrays, type NdArray } from '../synthetic';
import { size } from './ndarray';
import type { OpCase, Reference } from './types';

/**
 * Half the distance of a central difference. Not relative to the value: what matters is how far the function bends
 * over it, and a normalization of values near 1e4 with variance 1 bends as much as one of values near 0.
 */
const STEP = 1e-5;

/** Gradient of one input at some of its positions (`indices` are row-major, ascending). */
export interface SampledGradient {
  indices: number[];
  values: number[];
}

/**
 * Gradients of sum_k(outputs_k * gradOutputs_k) with respect to the differentiable inputs, by central differences
 * of the reference in float64. An input with more than `maxElements` elements is
 * looked at in a seeded sample of positions; infinite and NaN elements have no differences and are left out.
 * A list input gives a list.
 */
export function referenceGradients(
  reference: Reference,
  opCase: OpCase,
  inputs: NamedArrays,
  gradOutputs: Record<string, NdArray>,
  { maxElements = 48, seed = 0 }: { maxElements?: number; seed?: number } = {},
): Record<string, SampledGradient | SampledGradient[]> {
  const attrs = opCase.attrs ?? {};
  const context = { training: opCase.training ?? false };
  // Copies, because an output may share its data with the input that is about to change (identity).
  const evaluate = (): Record<string, Float64Array> => {
    const outputs = reference.forward(inputs, attrs, context);
    return Object.fromEntries(Object.keys(gradOutputs).map((name) => [name, outputs[name].data.slice()]));
  };

  const differentiate = (input: NdArray, name: string): SampledGradient => {
    const random = new Random(seed, `positions of ${name}`);
    const positions = samplePositions(size(input.shape), maxElements, random);
    const indices = positions.filter((i) => Number.isFinite(input.data[i]));
    const values = indices.map((i) => {
      const value = input.data[i];
      const [above, below] = [value + STEP, value - STEP];
      // An infinite value cannot move; its gradient is 0, as PyTorch's is for masked logits.
      if (above === below) return 0;
      input.data[i] = above;
      const upper = evaluate();
      input.data[i] = below;
      const lower = evaluate();
      input.data[i] = value;
      // Differences first, then the weighted sum: outputs that do not depend on this element cancel exactly.
      let sum = 0;
      for (const [output, gradient] of Object.entries(gradOutputs)) {
        for (let k = 0; k < gradient.data.length; k++) {
          const difference = upper[output][k] - lower[output][k];
          if (difference !== 0) sum += difference * gradient.data[k];
        }
      }
      return sum / (above - below);
    });
    return { indices, values };
  };

  const result: Record<string, SampledGradient | SampledGradient[]> = {};
  for (const name of differentiableInputs(opCase)) {
    const input = inputs[name];
    result[name] = Array.isArray(input)
      ? input.map((item, i) => differentiate(item, `${name}.${i}`))
      : differentiate(input, name);
  }
  return result;
}

function samplePositions(count: number, limit: number, random: Random): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < limit) chosen.add(random.integer(count));
  return [...chosen].sort((a, b) => a - b);
}

/**
 * Turns an `OpCase` of a reference reference into numbers: concrete inputs, gradients of the outputs, and gradients of
 * the inputs by central differences of the float64 reference. The op tests, the conformance page and the PyTorch
 * goldens all use these functions with `caseSeed`, so that they see the same numbers.
 */
import { GradloomError } from '../errors';
import { hashString, Random } from '../random';
import { makeArray, size } from './ndarray';
import type { InputSpec, NamedArrays, NdArray, OpCase, Reference } from './types';

/** Outputs that take no gradient: positions, and the running statistics of normalizations (state, as in PyTorch). */
const OUTPUTS_WITHOUT_GRADIENT: readonly string[] = ['indices', 'runningMean', 'runningVar'];
/** Float inputs that take no gradient, for the same reason. */
const INPUTS_WITHOUT_GRADIENT: readonly string[] = ['runningMean', 'runningVar'];

/**
 * Half the distance of a central difference. Not relative to the value: what matters is how far the function bends
 * over it, and a normalization of values near 1e4 with variance 1 bends as much as one of values near 0.
 */
const STEP = 1e-5;

/** An `InputSpec` with every default filled in. */
interface FullSpec {
  shape: number[];
  dtype: 'f32' | 'i32' | 'bool';
  fill: 'normal' | 'uniform' | 'distinct' | 'awayFromZero' | 'integer';
  range: [number, number];
  values?: (number | string)[];
}

const DEFAULT_RANGES: Record<FullSpec['fill'], [number, number]> = {
  normal: [0, 0],
  uniform: [0, 1],
  distinct: [-2, 2],
  awayFromZero: [0.2, 2],
  integer: [0, 10],
};

function completeSpec(spec: InputSpec): FullSpec {
  if (Array.isArray(spec)) return completeSpec({ shape: spec });
  const dtype = spec.dtype ?? 'f32';
  const fill = spec.fill ?? (dtype === 'f32' ? 'normal' : 'integer');
  const range = spec.range ?? (dtype === 'bool' ? [0, 2] : DEFAULT_RANGES[fill]);
  return { shape: spec.shape, dtype, fill, range, values: spec.values };
}

/** Element type of an input of a case; all tensors of a list input have one. */
export function inputDtype(spec: InputSpec | InputSpec[]): 'f32' | 'i32' | 'bool' {
  return completeSpec(isSpecList(spec) ? spec[0] : spec).dtype;
}

/** Tells `tensors: [[2, 3], [2, 4]]` (a list of specs) from `x: [2, 3]` (a bare shape). */
export function isSpecList(spec: InputSpec | InputSpec[]): spec is InputSpec[] {
  return Array.isArray(spec) && spec.length > 0 && typeof spec[0] !== 'number';
}

/** The seed of case number `index` of an op, from their names alone: the same in every test and on every page. */
export function caseSeed(op: string, index: number): number {
  return hashString(`${op}/${index}`);
}

/** Concrete inputs of a case and the names of those that take part in gradients. */
export interface CaseInputs {
  inputs: NamedArrays;
  differentiable: string[];
}

/**
 * Makes the inputs of a case: float32-rounded values from a seeded stream per input name, so that adding an input
 * to a case does not change the others.
 */
export function makeInputs(opCase: OpCase, seed: number): CaseInputs {
  const inputs: NamedArrays = {};
  for (const [name, spec] of Object.entries(opCase.inputs)) {
    inputs[name] = isSpecList(spec)
      ? spec.map((item, i) => fillArray(completeSpec(item), new Random(seed, `${name}.${i}`)))
      : fillArray(completeSpec(spec), new Random(seed, name));
  }
  return { inputs, differentiable: differentiableInputs(opCase) };
}

/** Names of the inputs of a case that take part in gradients: the float ones that are not running statistics. */
export function differentiableInputs(opCase: OpCase): string[] {
  return Object.keys(opCase.inputs).filter(
    (name) => takesGradient(opCase.inputs[name]) && !INPUTS_WITHOUT_GRADIENT.includes(name),
  );
}

/** Whether an input is a float that its spec does not declare a constant. */
function takesGradient(spec: InputSpec | InputSpec[]): boolean {
  const first = isSpecList(spec) ? spec[0] : spec;
  return inputDtype(spec) === 'f32' && (Array.isArray(first) || first.differentiable !== false);
}

function fillArray({ shape, fill, range, values }: FullSpec, random: Random): NdArray {
  const result = makeArray(shape);
  const { data } = result;
  const [low, high] = range;
  if (values) {
    if (values.length !== data.length) {
      throw new GradloomError({
        code: 'internal',
        op: 'reference case',
        got: `${values.length} values for [${shape}]`,
      });
    }
    data.set(values.map(Number));
  } else if (fill === 'distinct') {
    for (let i = 0; i < data.length; i++) data[i] = low + ((i + 0.5) * (high - low)) / data.length;
    shuffle(data, random);
  } else {
    for (let i = 0; i < data.length; i++) data[i] = draw(fill, low, high, random);
  }
  for (let i = 0; i < data.length; i++) data[i] = Math.fround(data[i]);
  return result;
}

function shuffle(data: Float64Array, random: Random): void {
  for (let i = data.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [data[i], data[j]] = [data[j], data[i]];
  }
}

function draw(fill: FullSpec['fill'], low: number, high: number, random: Random): number {
  if (fill === 'normal') return random.normal();
  if (fill === 'integer') return low + random.integer(high - low);
  const value = random.uniform(low, high);
  return fill === 'awayFromZero' && random.integer(2) === 1 ? -value : value;
}

/**
 * Standard normal, float32-rounded gradients for the outputs that take one: all but `indices` and the running
 * statistics. (Ops without any gradient say `gradient: false` in all their cases; do not ask for them there.)
 */
export function makeGradOutputs(outputs: Record<string, NdArray>, seed: number): Record<string, NdArray> {
  const result: Record<string, NdArray> = {};
  for (const [name, output] of Object.entries(outputs)) {
    if (OUTPUTS_WITHOUT_GRADIENT.includes(name)) continue;
    const random = new Random(seed, `gradient of ${name}`);
    result[name] = makeArray(output.shape);
    for (let i = 0; i < output.data.length; i++) result[name].data[i] = Math.fround(random.normal());
  }
  return result;
}

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

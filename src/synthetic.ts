/**
 * Synthetic inputs of test cases: values from a seed and a description of each input. Tests, the conformance page, the
 * PyTorch goldens and the kernel self-check all see the same numbers.
 */
import { GradloomError } from './errors';
import { hashString, Random } from './random';

/** A dense row-major array of float64 (integers and masks are plain numbers too). */
export interface NdArray {
  shape: number[];
  data: Float64Array;
}

export type NamedArrays = Record<string, NdArray | NdArray[]>;

/** How to make one input of a case. A bare shape means standard normal values. */
export type InputSpec =
  | number[]
  | {
      shape: number[];
      /** 'f32' (default) takes part in gradients; 'i32' and 'bool' do not. */
      dtype?: 'f32' | 'i32' | 'bool';
      /** false: a float that PyTorch treats as a constant (class weights, labels of +1 and -1). */
      differentiable?: false;
      /**
       * normal: mean 0, std 1 (default for f32). uniform: in `range`. distinct: a shuffled grid over `range`, so
       * that no two values are near each other (max, sort). awayFromZero: |v| in `range` (kinks at 0; default
       * [0.2, 2]). integer: integers in [range[0], range[1]) (default for i32; bool defaults to [0, 2)).
       */
      fill?: 'normal' | 'uniform' | 'distinct' | 'awayFromZero' | 'integer';
      range?: [number, number];
      /** Exact values instead of random ones; strings for 'NaN', 'Infinity', '-Infinity', '-0'. */
      values?: (number | string)[];
    };

/** The inputs of a case by argument name; lists where the op takes one. */
export type InputSpecs = Record<string, InputSpec | InputSpec[]>;

/** Outputs that take no gradient: positions, and the running statistics of normalizations (state, as in PyTorch). */
const OUTPUTS_WITHOUT_GRADIENT: readonly string[] = ['indices', 'runningMean', 'runningVar'];
/** Float inputs that take no gradient, for the same reason. */
const INPUTS_WITHOUT_GRADIENT: readonly string[] = ['runningMean', 'runningVar'];

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
export function makeInputs(opCase: { inputs: InputSpecs }, seed: number): CaseInputs {
  const inputs: NamedArrays = {};
  for (const [name, spec] of Object.entries(opCase.inputs)) {
    inputs[name] = isSpecList(spec)
      ? spec.map((item, i) => fillArray(completeSpec(item), new Random(seed, `${name}.${i}`)))
      : fillArray(completeSpec(spec), new Random(seed, name));
  }
  return { inputs, differentiable: differentiableInputs(opCase) };
}

/** Names of the inputs of a case that take part in gradients: the float ones that are not running statistics. */
export function differentiableInputs(opCase: { inputs: InputSpecs }): string[] {
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
  const data = new Float64Array(shape.reduce((count, size) => count * size, 1));
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
  return { shape: [...shape], data };
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
export function makeGradOutputs(
  outputs: Record<string, { readonly shape: readonly number[] }>,
  seed: number,
): Record<string, NdArray> {
  const result: Record<string, NdArray> = {};
  for (const [name, { shape }] of Object.entries(outputs)) {
    if (OUTPUTS_WITHOUT_GRADIENT.includes(name)) continue;
    result[name] = fillArray(completeSpec([...shape]), new Random(seed, `gradient of ${name}`));
  }
  return result;
}

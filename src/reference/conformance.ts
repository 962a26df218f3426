/**
 * Runs the cases of one op on a device and compares with the float64 reference: outputs, gradients against central
 * differences, and a second run for identical bits. Tests, conformance page and `gradloom check` share it.
 */
import type { Device } from '../gpu/device';
import type { Graph, Tensor } from '../graph/ir/graph';
import { NotDifferentiable, type OpInfo } from '../graph/ir/op';
import type { DType } from '../graph/ir/variable';
import { halfBits, halfValue } from '../graph/runtime/float16';
import { type Evaluation, type HostInputs, type HostTensor, runGraph } from '../graph/runtime/run-graph';
import { caseSeed, inputDtype, makeGradOutputs, makeInputs } from '../synthetic';
import { referenceGradients, type SampledGradient } from './check';
import { longCases } from './long.cases';
import { HALF_LARGEST, HALF_SMALLEST, halfToleranceOf, toleranceOf } from './tolerances';
import type { NamedArrays, NdArray, OpCase, Reference } from './types';

/** The result of one case of one op. */
export interface CaseResult {
  /** Op and case. */
  name: string;
  op: string;
  passed: boolean;
  /** Largest error over outputs and gradients, relative as in `tolerances.ts`. */
  worstError: number;
  /** From start to end; where cases run side by side, this case's share of that time. */
  milliseconds: number;
  /** What is wrong, when something is. */
  message?: string;
}

/** A short text that tells a case from the others of its op. */
export function describeCase(opCase: OpCase, index: number): string {
  const shapes = Object.entries(opCase.inputs).map(([name, spec]) => {
    const list = (Array.isArray(spec) && typeof spec[0] !== 'number' ? spec : [spec]) as any[];
    return `${name} ${list.map((s) => `[${Array.isArray(s) ? s : s.shape}]`).join(' ')}`;
  });
  const attrs = Object.keys(opCase.attrs ?? {}).length ? ` ${JSON.stringify(opCase.attrs)}` : '';
  return `${index}: ${shapes.join(', ')}${attrs}${opCase.training ? ' training' : ''}${opCase.name ? ` (${opCase.name})` : ''}`;
}

/** Runs one case of an op's list; never throws: a failure of any kind is a result with a message. */
export async function runCase(
  device: Device,
  op: OpInfo,
  reference: Reference,
  index: number,
): Promise<CaseResult> {
  const opCase = reference.cases[index];
  const result = await checkCase(device, op, reference, opCase, caseSeed(op.name, index));
  return { name: `${op.name} ${describeCase(opCase, index)}`, op: op.name, ...result };
}

/** The same for a case of the op's list in `longCases`, with few of its gradients. */
export async function runLongCase(
  device: Device,
  op: OpInfo,
  reference: Reference,
  index: number,
): Promise<CaseResult> {
  const opCase = longCases[op.name][index];
  const seed = caseSeed(`long ${op.name}`, index);
  const result = await checkCase(device, op, reference, opCase, seed, { gradientSamples: 2 });
  return { name: `${op.name} long ${describeCase(opCase, index)}`, op: op.name, ...result };
}

export interface CheckOptions {
  /** Number of elements of each input whose gradient is compared. */
  gradientSamples?: number;
  /** Stores all floats as float16: the reference gets the rounded inputs, and there is no second run. */
  half?: boolean;
}

/** Runs any case of an op, in its list or not, and never throws. The seed fixes its random values. */
export async function checkCase(
  device: Device,
  op: OpInfo,
  reference: Reference,
  opCase: OpCase,
  seed: number,
  { gradientSamples, half = false }: CheckOptions = {},
): Promise<Omit<CaseResult, 'name' | 'op'>> {
  const start = performance.now();
  const problems: string[] = [];
  let worstError = 0;
  try {
    const { inputs, differentiable } = makeInputs(opCase, seed);
    const tied = half && roundToHalf(opCase, inputs);
    const expected = reference.forward(inputs, opCase.attrs ?? {}, { training: opCase.training ?? false });
    const differentiates = opCase.gradient !== false && !(op.differentiable instanceof NotDifferentiable);
    const withGradient = differentiates && !tied;
    const gradOutputs = withGradient ? makeGradOutputs(expected, seed) : {};
    if (half) for (const gradient of Object.values(gradOutputs)) round(gradient);
    const run = () => runOnDevice(device, op, opCase, inputs, gradOutputs, differentiable, half);
    const first = await run();
    const second = half ? first : await run();
    const compare = (
      name: string,
      got: HostTensor | undefined,
      want: NdArray,
      positions?: SampledGradient,
    ) => {
      const gradient = positions !== undefined;
      const tolerance = half ? halfToleranceOf(op, gradient) : toleranceOf(op, gradient);
      const { error, message } = compareValues(name, got, want, tolerance, positions, {
        ...(half && { largest: HALF_LARGEST, smallest: HALF_SMALLEST }),
        gradientScale: opCase.gradientScale,
      });
      worstError = Math.max(worstError, error);
      if (message) problems.push(message);
    };
    for (const [name, want] of Object.entries(expected)) compare(name, first.outputs[name], want);
    if (withGradient) {
      const gradients = referenceGradients(reference, opCase, inputs, gradOutputs, {
        maxElements: gradientSamples,
      });
      for (const [name, gradient] of Object.entries(gradients)) {
        const list = Array.isArray(gradient) ? gradient : [gradient];
        const arrays = [inputs[name]].flat();
        list.forEach((sampled, i) => {
          const key = Array.isArray(gradient) ? `${name}.${i}` : name;
          compare(`gradient of ${key}`, first.gradInputs[key] ?? zeros(arrays[i]), arrays[i], sampled);
        });
      }
    }
    const difference = firstDifference(first, second);
    if (difference) problems.push(`a second run gives other bits in ${difference}`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    worstError = Number.POSITIVE_INFINITY;
  }
  return {
    passed: problems.length === 0,
    worstError,
    milliseconds: performance.now() - start,
    message: problems.length ? problems.join('; ') : undefined,
  };
}

async function runOnDevice(
  device: Device,
  op: OpInfo,
  opCase: OpCase,
  inputs: NamedArrays,
  gradOutputs: Record<string, NdArray>,
  differentiable: readonly string[],
  half: boolean,
): Promise<Evaluation> {
  const feeds: HostInputs = {};
  const lists: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(inputs)) {
    const given = inputDtype(opCase.inputs[name]);
    const dtype: DType = half && given === 'f32' ? 'f16' : given;
    const convert = ({ shape, data }: NdArray) => ({
      shape,
      dtype,
      data: dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data),
    });
    if (Array.isArray(value)) {
      lists[name] = value.map((_, i) => `${name}.${i}`);
      value.forEach((array, i) => {
        feeds[`${name}.${i}`] = convert(array);
      });
    } else feeds[name] = convert(value);
  }
  const gather = (tensors: Record<string, Tensor>) =>
    Object.fromEntries(
      Object.keys(inputs).map((name) => [
        name,
        lists[name] ? lists[name].map((key) => tensors[key]) : tensors[name],
      ]),
    );
  const grads = Object.fromEntries(
    Object.entries(gradOutputs).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data) },
    ]),
  );
  const compute = (tensors: Record<string, Tensor>, graph: Graph) => {
    const outputs = op.call(gather(tensors), opCase.attrs, graph);
    const wide = Object.entries(outputs).find(([, y]) => half && op.name !== 'cast' && y.dtype === 'f32');
    if (wide) throw new Error(`${wide[0]} is float32 though all inputs are float16`);
    return outputs;
  };
  return runGraph(device, feeds, compute, {
    training: opCase.training,
    seed: 1,
    gradOutputs: grads,
    wrt: differentiable.flatMap((name) => lists[name] ?? [name]),
  });
}

/** Rounds the floats among the inputs to float16; true where this makes values equal that must be distinct. */
function roundToHalf(opCase: OpCase, inputs: NamedArrays): boolean {
  let tied = false;
  for (const [name, value] of Object.entries(inputs)) {
    const spec = opCase.inputs[name];
    if (inputDtype(spec) !== 'f32') continue;
    const distinct = !Array.isArray(spec) && spec.fill === 'distinct';
    for (const array of [value].flat()) {
      round(array);
      tied ||= distinct && new Set(array.data).size < array.data.length;
    }
  }
  return tied;
}

function round({ data }: NdArray): void {
  data.forEach((value, i) => {
    const rounded = halfValue(halfBits(value));
    // What overflows would make other cases of these: the largest number stands for it.
    data[i] = Number.isFinite(value) && !Number.isFinite(rounded) ? Math.sign(value) * 65504 : rounded;
  });
}

const zeros = (like: NdArray): HostTensor => ({
  shape: like.shape,
  data: new Float32Array(like.data.length),
});

/** Gradients by central differences in float64 have rounding noise well below this where they should be 0. */
const DIFFERENCE_NOISE = 1e-7;

/** The largest float32. */
const LARGEST = 3.4028235e38;

/** What a type can hold, where that matters for a comparison. */
interface ValueRange {
  /** See `OpCase.gradientScale`. */
  gradientScale?: number;
  /** Beyond this magnitude values are infinite. */
  largest?: number;
  /** Differences up to this are none. */
  smallest?: number;
}

/** Compares shape and values, at all positions or at the sampled ones. NaN equals NaN and nothing else. */
export function compareValues(
  name: string,
  got: HostTensor | undefined,
  want: NdArray,
  tolerance: number,
  positions?: SampledGradient,
  { gradientScale = DIFFERENCE_NOISE, largest = LARGEST, smallest = 0 }: ValueRange = {},
): { error: number; message?: string } {
  const infinite = Number.POSITIVE_INFINITY;
  if (!got) return { error: infinite, message: `${name} is missing` };
  if (got.shape.join() !== want.shape.join()) {
    return { error: infinite, message: `${name} has shape [${got.shape}], expected [${want.shape}]` };
  }
  const values = positions?.values ?? want.data;
  const finite = Array.from(values).filter(Number.isFinite);
  const rms = Math.sqrt(finite.reduce((sum, v) => sum + v * v, 0) / Math.max(1, finite.length));
  const scale = positions ? Math.max(rms, gradientScale) : rms;
  let worst = { error: 0, at: -1 };
  for (let i = 0; i < values.length; i++) {
    const at = positions ? positions.indices[i] : i;
    const error = relativeError(got.data[at], values[i], scale, { largest, smallest });
    if (error > worst.error) worst = { error, at: i };
  }
  if (worst.error <= tolerance) return { error: worst.error };
  const at = positions ? positions.indices[worst.at] : worst.at;
  return {
    error: worst.error,
    message: `${name}[${at}] is ${got.data[at]}, expected ${values[worst.at]} (error ${worst.error.toExponential(1)})`,
  };
}

function relativeError(
  got: number,
  want: number,
  scale: number,
  { largest, smallest }: Required<Omit<ValueRange, 'gradientScale'>>,
): number {
  if (Object.is(got, want) || got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  // What overflows the type is infinite there.
  if (Math.abs(want) > largest && got === Math.sign(want) * Number.POSITIVE_INFINITY) return 0;
  if (Math.abs(got - want) <= smallest) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Number.POSITIVE_INFINITY;
  return Math.abs(got - want) / Math.max(Math.abs(want), scale, 1e-30);
}

function firstDifference(a: Evaluation, b: Evaluation): string | undefined {
  for (const part of ['outputs', 'gradInputs'] as const) {
    for (const [name, { data }] of Object.entries(a[part])) {
      const other = b[part][name].data;
      const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
      const otherBits = new Uint32Array(other.buffer, other.byteOffset, other.length);
      if (bits.some((value, i) => value !== otherBits[i])) return name;
    }
  }
  return undefined;
}

/** Makes src/ops/self-check.generated.json: for every op one tiny case with the values of its float64 reference. */
import type { StoredCheck, StoredTensor } from '../src/ops/self-check';
import { references } from '../src/reference';
import {
  caseSeed,
  inputDtype,
  makeGradOutputs,
  makeInputs,
  referenceGradients,
  type SampledGradient,
} from '../src/reference/check';
import type { NdArray, OpCase, Reference } from '../src/reference/types';

/** Most elements over all inputs of a stored case. */
const MOST = 48;

/** The values as JSON text. */
export async function generateSelfCheck(): Promise<string> {
  const entries = Object.entries(references)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, reference]) => [name, storeCheck(name, reference)] as const)
    .filter((entry): entry is [string, StoredCheck] => entry[1] !== undefined);
  return `{\n${entries.map(([name, check]) => `${JSON.stringify(name)}: ${JSON.stringify(check)}`).join(',\n')}\n}\n`;
}

function storeCheck(name: string, reference: Reference): StoredCheck | undefined {
  const sizeOf = (opCase: OpCase) =>
    [...Object.values(makeInputs(opCase, 0).inputs)].flat().reduce((sum, { data }) => sum + data.length, 0);
  const fits = reference.cases
    .map((opCase, index) => ({ opCase, index, size: sizeOf(opCase) }))
    .filter(({ size }) => size > 0 && size <= MOST);
  // The largest of the tiny ones says most; cases with gradient come first.
  fits.sort(
    (a, b) => Number(b.opCase.gradient !== false) - Number(a.opCase.gradient !== false) || b.size - a.size,
  );
  for (const { opCase, index } of fits) {
    const check = makeCheck(reference, opCase, caseSeed(name, index));
    if (check) return check;
  }
  return undefined;
}

function makeCheck(reference: Reference, opCase: OpCase, seed: number): StoredCheck | undefined {
  const { inputs } = makeInputs(opCase, seed);
  const attrs = opCase.attrs ?? {};
  const training = opCase.training ?? false;
  const outputs = reference.forward(inputs, attrs, { training });
  const store = ({ shape, data }: NdArray): StoredTensor => ({ shape, data: Array.from(data, rounded) });
  const withType = (input: string, array: NdArray): StoredTensor => {
    const dtype = inputDtype(opCase.inputs[input]);
    return dtype === 'f32' ? store(array) : { ...store(array), dtype };
  };
  const check: StoredCheck = {
    attrs,
    training,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([input, value]) => [
        input,
        Array.isArray(value) ? value.map((item) => withType(input, item)) : withType(input, value),
      ]),
    ),
    outputs: mapValues(outputs, store),
  };
  if (opCase.gradient !== false) {
    const gradOutputs = makeGradOutputs(outputs, seed);
    const gradients = referenceGradients(reference, opCase, inputs, gradOutputs, { maxElements: MOST });
    check.gradOutputs = mapValues(gradOutputs, store);
    check.gradInputs = {};
    const whole = (sampled: SampledGradient, { shape }: NdArray) => ({
      shape,
      data: sampled.values.map(rounded),
    });
    for (const [input, gradient] of Object.entries(gradients)) {
      const arrays = [inputs[input]].flat();
      if (Array.isArray(gradient)) {
        gradient.forEach((sampled, i) => {
          check.gradInputs![`${input}.${i}`] = whole(sampled, arrays[i]);
        });
      } else check.gradInputs[input] = whole(gradient, arrays[0]);
    }
  }
  // JSON has no NaN and infinities; such a case is not for a driver check.
  return hasSpecialValues(check) ? undefined : check;
}

const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

function mapValues<T, R>(record: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function hasSpecialValues({ inputs, outputs, gradInputs = {} }: StoredCheck): boolean {
  const tensors = [...Object.values(inputs).flat(), ...Object.values(outputs), ...Object.values(gradInputs)];
  return tensors.some(({ data }) => data.some((value) => !Number.isFinite(value)));
}
